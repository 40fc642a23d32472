//! Comments that silence findings: `# tritonlint: ignore[rule, …] reason`.
//!
//! At the end of a line the comment is about what begins in that line; on a line of its own, about the
//! field or block that follows; and `file-ignore` is about the whole file.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use memchr::memmem;

use crate::diagnostic::{Diagnostic, Place};
use crate::rule::Rule;
use crate::settings::Selector;
use crate::syntax::{Span, Tree, offset};

/// What every such comment holds. A file without it is not searched.
const MARK: &str = "tritonlint:";

/// A comment that is addressed to us.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// From its `#` to the end of the comment.
    pub span: Span,
    /// What it says.
    pub content: Content,
}

/// What a comment that is addressed to us says.
#[derive(Clone, Debug)]
pub enum Content {
    /// Findings that are not to be reported.
    Ignore {
        /// The rules that it names.
        names: Vec<Name>,
        /// What stands between the brackets.
        list: Span,
        /// Where the findings are.
        reach: Reach,
    },
    /// Nothing that we know.
    Unknown,
}

/// A rule or category that is named.
#[derive(Clone, Debug)]
pub struct Name {
    /// As it is written.
    pub text: String,
    /// Its bytes.
    pub span: Span,
    /// What it names; none if there is nothing of that name.
    pub selector: Option<Selector>,
}

/// Which findings a comment silences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All in the file.
    File,
    /// Those that begin in these lines, counted from 0.
    Lines(RangeInclusive<usize>),
}

impl Suppression {
    /// The rules that it names.
    #[must_use]
    pub fn names(&self) -> &[Name] {
        match &self.content {
            Content::Ignore { names, .. } => names,
            Content::Unknown => &[],
        }
    }
}

/// Finds the comments that are addressed to us, in their order.
#[must_use]
pub fn suppressions(tree: &Tree) -> Vec<Suppression> {
    if memmem::find(tree.source().text().as_bytes(), MARK.as_bytes()).is_none() {
        return Vec::new();
    }
    tree.comments().filter_map(|comment| suppression(tree, comment.span)).collect()
}

fn suppression(tree: &Tree, comment: Span) -> Option<Suppression> {
    let text = tree.source().slice(comment).trim_end();
    // It may stand behind other words of the same comment: `# measured # tritonlint: …`.
    let (hash, rest) = text.match_indices('#').find_map(|(at, _)| {
        let rest = text[at + 1..].trim_start().strip_prefix(MARK)?;
        Some((at, rest))
    })?;
    let at = |rest: &str| comment.start + offset(text.len() - rest.len());
    let span = Span::new(comment.start + offset(hash), comment.start + offset(text.len()));
    let content = content(tree, comment, rest, at).unwrap_or(Content::Unknown);
    Some(Suppression { span, content })
}

fn content(tree: &Tree, comment: Span, rest: &str, at: impl Fn(&str) -> u32) -> Option<Content> {
    let rest = rest.trim_start();
    let (is_file, rest) = match rest.strip_prefix("file-ignore") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix("ignore")?),
    };
    let inside = rest.trim_start().strip_prefix('[')?;
    let (list, behind) = inside.split_once(']')?;
    if list.trim().is_empty() {
        return None;
    }
    let start = at(inside);
    let mut from = start;
    let mut names = Vec::new();
    for part in list.split(',') {
        let name = part.trim();
        let first = from + offset(part.len() - part.trim_start().len());
        names.push(Name {
            text: name.to_owned(),
            span: Span::new(first, first + offset(name.len())),
            selector: Selector::of(name),
        });
        from += offset(part.len() + 1);
    }
    let list = Span::new(start, at(behind) - 1);
    let reach = if is_file { Reach::File } else { Reach::Lines(lines(tree, comment)) };
    Some(Content::Ignore { names, list, reach })
}

/// The lines that a comment is about.
fn lines(tree: &Tree, comment: Span) -> RangeInclusive<usize> {
    let source = tree.source();
    let line = source.line(comment.start);
    if !source.is_first_on_line(comment.start) {
        return line..=line;
    }
    let next = tree.tokens().partition_point(|token| token.span.start < comment.end);
    let Some(next) = tree.tokens().get(next) else { return line..=line };
    let end = tree.outermost_from(next.span.start).map_or(next.span.end, |span| span.end);
    line..=source.line(end.max(1) - 1)
}

/// Takes the findings out that comments silence, and says which names silenced none, sorted.
pub(crate) fn silence(tree: &Tree, comments: &[Suppression], diagnostics: &mut Vec<Diagnostic>) -> Vec<Span> {
    let mut named: Vec<(&Name, &Reach)> = Vec::new();
    for comment in comments {
        if let Content::Ignore { names, reach, .. } = &comment.content {
            named.extend(names.iter().map(|name| (name, reach)));
        }
    }
    let mut silencers: HashMap<&str, Silencers> = HashMap::new();
    let mut used = vec![false; named.len()];
    diagnostics.retain(|found| {
        let line = match &found.place {
            Place::Text { span, .. } => tree.source().line(span.start),
            Place::Entry(_) | Place::Line { .. } => 0,
        };
        let of_rule = silencers.entry(found.rule.name).or_insert_with(|| Silencers::of(found.rule, &named));
        let Some(silencer) = of_rule.first_at(line) else { return true };
        used[silencer] = true;
        false
    });
    let unused = named.iter().zip(used).filter(|(_, is_used)| !is_used);
    let mut unused: Vec<Span> = unused.map(|((name, _), _)| name.span).collect();
    unused.sort_unstable();
    unused
}

/// The names in comments that silence one rule, by their places among all names.
#[derive(Default)]
struct Silencers {
    /// The first one that silences it in the whole file.
    of_file: Option<usize>,
    /// Those that silence it in some lines, in the order of these: where they begin, and how far these and all before
    /// reach.
    of_lines: Vec<(usize, usize, usize)>,
}

impl Silencers {
    fn of(rule: &Rule, named: &[(&Name, &Reach)]) -> Self {
        let mut silencers = Self::default();
        for (at, (name, reach)) in named.iter().enumerate() {
            match reach {
                _ if !name.selector.as_ref().is_some_and(|selector| selector.names_rule(rule)) => {}
                Reach::File => _ = silencers.of_file.get_or_insert(at),
                Reach::Lines(lines) => {
                    let before = silencers.of_lines.last().map_or(0, |(_, end, _)| *end);
                    silencers.of_lines.push((*lines.start(), before.max(*lines.end()), at));
                }
            }
        }
        silencers
    }

    /// The first one that silences the rule in a line.
    fn first_at(&self, line: usize) -> Option<usize> {
        let first = self.of_lines.partition_point(|(_, end, _)| *end < line);
        // If it begins behind the line, all others do.
        let of_lines = self.of_lines.get(first).filter(|(start, ..)| *start <= line).map(|(.., at)| *at);
        self.of_file.into_iter().chain(of_lines).min()
    }
}

/// The text with comments that silence findings, given by the places where they begin: each at the end
/// of its line, or in the comment that is there already.
#[must_use]
pub fn with_ignores<'r>(tree: &Tree, findings: impl IntoIterator<Item = (u32, &'r Rule)>, reason: &str) -> Vec<u8> {
    let source = tree.source();
    let comments = suppressions(tree);
    let mut lines: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (at, rule) in findings {
        let names = lines.entry(source.line(at)).or_default();
        if !names.contains(&rule.name) {
            names.push(rule.name);
        }
    }
    let mut bytes = source.bytes().to_vec();
    // From the last line on, so that places before stay where they are.
    for (line, names) in lines.into_iter().rev() {
        let (at, text) = ignore(tree, &comments, line, &names.join(", "), reason);
        bytes.splice(at.range(), text.into_bytes());
    }
    bytes
}

/// The edit that silences rules in a line.
fn ignore(tree: &Tree, comments: &[Suppression], line: usize, names: &str, reason: &str) -> (Span, String) {
    let source = tree.source();
    let existing = comments.iter().find_map(|comment| match &comment.content {
        Content::Ignore { list, reach: Reach::Lines(lines), .. } if *lines == (line..=line) => Some(list),
        _ => None,
    });
    if let Some(list) = existing {
        return (Span::empty(list.end), format!(", {names}"));
    }
    let span = source.line_span(line);
    let text = source.slice(span).trim_end_matches('\r');
    let end = span.start + offset(text.len());
    let start = span.start + offset(text.trim_end().len());
    let blank = if reason.is_empty() { "" } else { " " };
    (Span::new(start, end), format!("  # tritonlint: ignore[{names}]{blank}{reason}"))
}

/// The bytes to delete so that a comment of ours is gone: with its line if nothing else is on it.
#[must_use]
pub fn removal(tree: &Tree, comment: Span) -> Span {
    let source = tree.source();
    let line = source.line_span(source.line(comment.start));
    if source.is_first_on_line(comment.start) {
        return Span::new(line.start, (line.end + 1).min(source.span().end));
    }
    let before = source.slice(Span::new(line.start, comment.start)).trim_end();
    Span::new(line.start + offset(before.len()), comment.end)
}

#[cfg(test)]
mod tests {
    use super::{Content, Reach, suppressions};
    use crate::syntax::Tree;

    fn reaches(text: &str) -> Vec<Option<Reach>> {
        let tree = Tree::parse(text.into());
        let reach = |content| match content {
            Content::Ignore { reach, .. } => Some(reach),
            Content::Unknown => None,
        };
        suppressions(&tree).into_iter().map(|comment| reach(comment.content)).collect()
    }

    #[test]
    fn a_comment_is_about_its_line_or_what_follows() {
        for (text, expected) in [
            ("name: 'a' # tritonlint: ignore[all]\nbackend: 'b'", Reach::Lines(0..=0)),
            ("# tritonlint: ignore[schema] why\n\n# more\nname: 'a'\nbackend: 'b'", Reach::Lines(0..=3)),
            ("name: 'a'\n# tritonlint: ignore[all]\ninput {\n  dims: 1\n}\noutput {\n}", Reach::Lines(1..=4)),
            ("input [ {\n  # tritonlint: ignore[all]\n  dims: [\n 1 ]\n  name: 'x' } ]", Reach::Lines(1..=3)),
            ("input [\n  # tritonlint: ignore[all]\n  {\n  dims: 1\n  },\n  {\n } ]", Reach::Lines(1..=4)),
            ("name: 'a'  # b # tritonlint:ignore [ all ]", Reach::Lines(0..=0)),
            ("input {\n # tritonlint: ignore[all]\n}", Reach::Lines(1..=2)),
            ("# tritonlint: file-ignore[all]\nname: 'a'", Reach::File),
            ("# tritonlint: ignore[all]", Reach::Lines(0..=0)),
        ] {
            assert_eq!(reaches(text), [Some(expected)], "{text}");
        }
        assert_eq!(reaches("# tritonlint: ignore\n# tritonlint: ignore[]\n# tritonlint: off[x]"), [None, None, None]);
        assert_eq!(reaches("name: '# tritonlint: ignore[all]' # tritonlint is good"), []);
    }
}
