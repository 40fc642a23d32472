//! Taking fields and list items away.

use crate::syntax::{Field, NodeId, Span, Tree, offset};

/// The bytes to delete so that a value, or the only value of a field with the field, is gone: with its
/// separator, and with its lines if nothing else is on them. None if a comment would go with it.
#[must_use]
pub fn removal(tree: &Tree, value: NodeId) -> Option<Span> {
    match tree.list_item(value).filter(|item| !item.is_only) {
        Some(item) => without_comments(tree, item.span_with_separator),
        None => field_removal(tree, tree.field_of(value)?),
    }
}

/// The bytes to delete so that a field is gone. None if a comment would go with it.
#[must_use]
pub fn field_removal(tree: &Tree, field: Field<'_>) -> Option<Span> {
    without_comments(tree, field.span())
}

fn without_comments(tree: &Tree, span: Span) -> Option<Span> {
    tree.comments_in(span).next().is_none().then(|| whole_lines(tree, span))
}

/// Widens a span to whole lines if nothing else is on them; else takes the blanks behind it along.
fn whole_lines(tree: &Tree, span: Span) -> Span {
    let source = tree.source();
    let line_end = source.line_span(source.line(span.end.max(1) - 1)).end;
    let behind = source.slice(Span::new(span.end, line_end));
    let is_last = behind.trim_end_matches(['\r', ' ', '\t']).is_empty();
    if is_last && source.is_first_on_line(span.start) {
        let start = source.line_span(source.line(span.start)).start;
        if line_end < source.span().end || start == 0 {
            return Span::new(start, (line_end + 1).min(source.span().end));
        }
        // The last line of a file that ends without a line feed, and goes on to.
        let above = source.slice(Span::new(0, start)).trim_end_matches(['\n', '\r', ' ', '\t']);
        return Span::new(offset(above.len()), line_end);
    }
    // One blank stays before a closing bracket, also where nothing else is left between the brackets.
    let rest = behind.trim_start_matches([' ', '\t']);
    let is_alone = source.slice(Span::new(0, span.start)).ends_with(['{', '<', '[', ' ']);
    let blanks = if rest.starts_with(['}', '>', ']']) && !is_alone { 0 } else { behind.len() - rest.len() };
    if is_last {
        // The last thing on its line: the blanks before it would be left at the end of the line.
        let line = source.line_span(source.line(span.start));
        let before = source.slice(Span::new(line.start, span.start));
        let kept = line.start + offset(before.trim_end_matches([' ', '\t']).len());
        return Span::new(kept, span.end);
    }
    Span::new(span.start, span.end + offset(blanks))
}
