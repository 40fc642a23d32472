//! How the author of a file writes.

use crate::syntax::{Field, Message, Span, Tree, Value};

/// The line end that the line of a byte has, or the first line where that one has none.
pub(super) fn newline(tree: &Tree, at: u32) -> &'static str {
    let source = tree.source();
    let line = source.line_span(source.line(at));
    let line = if line.end < source.span().end { line } else { source.line_span(0) };
    if source.slice(line).ends_with('\r') { "\r\n" } else { "\n" }
}

/// What the file indents by: the indentation of its first indented field.
pub(super) fn step(tree: &Tree) -> String {
    let source = tree.source();
    let mut starts = tree.tokens().iter().map(|token| token.span.start).filter(|&at| source.is_first_on_line(at));
    let step = starts.find_map(|at| Some(source.indentation(at)).filter(|blanks| !blanks.is_empty()));
    step.unwrap_or("  ").to_owned()
}

/// What stands behind the fields of a message: a comma, a semicolon or nothing.
pub(super) fn separator<'t>(tree: &'t Tree, field: Field<'_>) -> &'t str {
    tree.source().slice(Span::new(field.span_without_separator().end, field.span().end)).trim()
}

/// What stands between a name and a message: `: ` if the file's other messages have a colon.
pub(super) fn before_message(tree: &Tree) -> &'static str {
    let mut fields = tree.document().fields().filter(|field| matches!(field.value(), Some(Value::Message(_))));
    if fields.next().is_some_and(Field::has_colon) { ": " } else { " " }
}

/// Whether a message sets its last field off by an empty line.
pub(super) fn separates_blocks(message: Message<'_>) -> bool {
    let source = message.tree().source();
    let Some(last) = message.fields().last() else { return false };
    let above = source.line(last.span().start).checked_sub(1);
    above.is_some_and(|line| source.slice(source.line_span(line)).trim().is_empty())
}

/// The end of a comment that stands behind a place on its line, and so belongs to what is there.
pub(super) fn comment_behind(tree: &Tree, at: u32) -> Option<u32> {
    let source = tree.source();
    let line = source.line_span(source.line(at));
    let rest = source.slice(Span::new(at, line.end)).trim_start();
    let rest = rest.strip_prefix([',', ';']).unwrap_or(rest).trim_start();
    let comment = tree.comments_in(Span::new(at, line.end)).next()?;
    rest.starts_with('#').then_some(comment.span.end)
}
