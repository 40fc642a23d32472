//! "Did you mean": the one name that somebody meant.

/// The candidate that `name` was meant to be: the same but for case, dashes and underscores, or near
/// it by edit distance and nearer than every other. None if there is no such one.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    nearest_that(name, candidates, |_| true)
}

/// A longer name is no slip of a pen, and to compare two takes memory for each pair of their characters.
const LONGEST: usize = 256;

/// [`nearest`] of those candidates for which something holds; it is asked only of those that are near.
pub fn nearest_that<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
    holds: impl Fn(&str) -> bool,
) -> Option<&'c str> {
    let wanted = fold(name);
    let length = folded_length(name);
    if length == 0 || length > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    let mut is_unique = true;
    for candidate in candidates {
        let other = folded_length(candidate);
        let limit = length.max(other) / 4 + usize::from(length >= 3);
        // The distance is at least the difference in length, which costs less to know.
        if other > LONGEST || length.abs_diff(other) > limit {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&wanted, &fold(candidate));
        if distance > limit || best.is_some_and(|(least, _)| distance > least) || !holds(candidate) {
            continue;
        }
        is_unique = best.is_none_or(|(least, _)| distance < least);
        best = Some((distance, candidate));
    }
    best.filter(|_| is_unique).map(|(_, candidate)| candidate)
}

fn is_separator(c: char) -> bool {
    matches!(c, '_' | '-' | '.' | ' ')
}

/// The name without what people leave out or add without noticing.
#[must_use]
pub fn fold(name: &str) -> String {
    name.chars().filter(|c| !is_separator(*c)).flat_map(char::to_lowercase).collect()
}

fn folded_length(name: &str) -> usize {
    name.chars().filter(|c| !is_separator(*c)).count()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const FIELDS: [&str; 5] = ["max_batch_size", "input", "output", "dims", "default_model_filename"];

    #[test]
    fn finds_what_was_meant() {
        assert_eq!(nearest("maxBatchSize", FIELDS), Some("max_batch_size"));
        assert_eq!(nearest("max-batch-sise", FIELDS), Some("max_batch_size"));
        assert_eq!(nearest("default_model_name", FIELDS), Some("default_model_filename"));
        assert_eq!(nearest("inputs", FIELDS), Some("input"));
        assert_eq!(nearest("dim", FIELDS), Some("dims"));
    }

    #[test]
    fn does_not_guess() {
        assert_eq!(nearest("shape", FIELDS), None);
        assert_eq!(nearest("", FIELDS), None);
        assert_eq!(nearest("ab", ["ac", "ad"]), None, "two are equally near");
    }
}
