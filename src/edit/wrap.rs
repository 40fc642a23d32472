//! Putting what is there into brackets.

use super::style::{comment_behind, newline, step};
use crate::syntax::{Field, Span, Tree, offset};

/// Puts fields that follow each other into a message of that name. Fields that have lines of their own
/// are indented further, with the comments between them.
#[must_use]
pub fn wrap_fields(tree: &Tree, first: Field<'_>, last: Field<'_>, name: &str) -> Vec<(Span, String)> {
    let source = tree.source();
    let (start, end) = (first.span().start, last.span().end);
    let has_own_lines = source.is_first_on_line(start) && {
        let line = source.line_span(source.line(end.max(1) - 1));
        comment_behind(tree, end).is_some() || source.slice(Span::new(end, line.end)).trim().is_empty()
    };
    if !has_own_lines {
        return vec![(Span::empty(start), format!("{name} {{ ")), (Span::empty(end), " }".to_owned())];
    }
    let (newline, step, indentation) = (newline(tree, start), step(tree), source.indentation(start));
    let last_line = source.line(end.max(1) - 1);
    let mut edits: Vec<_> = (source.line(start)..=last_line)
        .map(|line| source.line_span(line))
        .filter(|line| !source.slice(*line).trim().is_empty())
        .map(|line| (Span::empty(line.start), step.clone()))
        .collect();
    if let Some((_, text)) = edits.first_mut() {
        *text = format!("{indentation}{name} {{{newline}{step}");
    }
    let close = source.line_span(last_line);
    let close = close.start + offset(source.slice(close).trim_end_matches('\r').len());
    edits.push((Span::empty(close), format!("{newline}{indentation}}}")));
    edits
}
