//! "Did you mean": the one name that somebody meant.

/// The candidate that `name` was meant to be: the same but for case, dashes and underscores, or near
/// it by edit distance and nearer than every other. None if there is no such one.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let folded = fold(name);
    if folded.is_empty() {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    let mut is_unique = true;
    for candidate in candidates {
        let target = fold(candidate);
        let distance = strsim::damerau_levenshtein(&folded, &target);
        if distance > folded.chars().count().max(target.chars().count()) / 4 + usize::from(folded.len() >= 3) {
            continue;
        }
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => is_unique = false,
            _ => {
                best = Some((distance, candidate));
                is_unique = true;
            }
        }
    }
    best.filter(|_| is_unique).map(|(_, candidate)| candidate)
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase).collect()
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
