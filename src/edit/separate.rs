//! Keeping what an edit writes apart from what stands beside it.

use crate::syntax::{Span, Tree};

/// The edits, sorted, with a space at each end of a replacement that would make one token with its
/// neighbour: `[8]name` does not become `8name`.
#[must_use]
pub fn separated(tree: &Tree, mut edits: Vec<(Span, String)>) -> Vec<(Span, String)> {
    edits.sort();
    let bytes = tree.source().bytes();
    // The last byte of the text so far, and how far of the source it takes.
    let (mut left, mut done) = (None, 0);
    for at in 0..edits.len() {
        let Span { start, end } = edits[at].0;
        if start > done || at == 0 {
            left = (start as usize).checked_sub(1).and_then(|before| bytes.get(before)).copied();
        }
        let next = edits.get(at + 1).filter(|(next, text)| next.start == end && !text.is_empty());
        let right = next.map_or(bytes.get(end as usize), |(_, text)| text.as_bytes().first()).copied();
        let (opens, closes) = (!is_inside_token(tree, start), !is_inside_token(tree, end));
        let text = &mut edits[at].1;
        if opens && glues(left, text.as_bytes().first().copied().or(right.filter(|_| closes))) {
            text.insert(0, ' ');
        }
        if closes && !text.is_empty() && glues(text.as_bytes().last().copied(), right) {
            text.push(' ');
        }
        left = text.as_bytes().last().copied().or(left);
        done = end;
    }
    edits
}

/// Whether two bytes side by side belong to one token, or begin one that neither does alone.
fn glues(left: Option<u8>, right: Option<u8>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return false };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') || !byte.is_ascii();
    (is_word(left) && (is_word(right) || right == b'-')) || matches!((left, right), (b'{', b'{' | b'%') | (b'<', b'<'))
}

/// Whether a place is inside of a token or a comment.
fn is_inside_token(tree: &Tree, at: u32) -> bool {
    let tokens = tree.tokens();
    let behind = tokens.partition_point(|token| token.span.end <= at);
    let gap = Span::new(behind.checked_sub(1).map_or(0, |before| tokens[before].span.end), at);
    tokens.get(behind).is_some_and(|token| token.span.start < at)
        || tree.comments_in(gap).any(|comment| at <= comment.span.end)
}

#[cfg(test)]
mod tests {
    use super::separated;
    use crate::syntax::{Span, Tree};

    fn applied(text: &str, edits: &[(u32, u32, &str)]) -> String {
        let tree = Tree::parse(text.into());
        let edits = edits.iter().map(|&(start, end, text)| (Span::new(start, end), text.to_owned())).collect();
        let mut result = text.to_owned();
        for (span, text) in separated(&tree, edits).into_iter().rev() {
            result.replace_range(span.range(), &text);
        }
        result
    }

    #[test]
    fn a_replacement_stays_apart_from_its_neighbours() {
        assert_eq!(applied("max_batch_size: [8]name: 'm'", &[(16, 19, "8")]), "max_batch_size: 8 name: 'm'");
        assert_eq!(applied("a:\"2\"kind: B", &[(2, 5, "2")]), "a:2 kind: B");
        assert_eq!(applied("a 'x'b: 1", &[(2, 5, "")]), "a b: 1");
        assert_eq!(applied("a'x'b: 1", &[(1, 4, "")]), "a b: 1");
        assert_eq!(applied("a: [8]b: 1", &[(3, 4, ""), (5, 6, "")]), "a: 8 b: 1");
        assert_eq!(applied("a{b: 1}", &[(2, 2, "{ c: 2 }")]), "a{ { c: 2 }b: 1}");
    }

    #[test]
    fn the_inside_of_a_token_is_left_alone() {
        assert_eq!(applied("a: 'x\\m'", &[(5, 5, "\\")]), "a: 'x\\\\m'");
        assert_eq!(applied("name: 1", &[(2, 4, "be")]), "nabe: 1");
        assert_eq!(applied("a: 1 # for b\nb: 2", &[(8, 9, "u")]), "a: 1 # fur b\nb: 2");
    }
}
