//! Putting fields and list items in.

use super::style::{before_message, comment_behind, newline, separates_blocks, separator, step};
use crate::syntax::{Field, FieldName, List, Message, Span, Tree, Value, offset};

/// A value to be written.
#[derive(Clone, Debug)]
pub enum NewValue<'v> {
    /// A number, string or word, as it is in the text.
    Scalar(&'v str),
    /// Fields.
    Message(Vec<(&'v str, NewValue<'v>)>),
}

/// Gives a field of a message a value: in the place of the one that it has, else behind the others.
/// None if the field has several values, or the text around it is too broken.
#[must_use]
pub fn set_field(message: Message<'_>, name: &str, value: &NewValue<'_>) -> Option<(Span, String)> {
    let mut written = message.fields().filter(|field| field.name() == FieldName::Plain(name));
    let Some(field) = written.next() else { return add_field(message, name, value) };
    if written.next().is_some() {
        return None;
    }
    match (field.value()?, value) {
        (Value::Scalar(old), NewValue::Scalar(text)) => Some((old.span(), (*text).to_owned())),
        (old, value) => {
            // Comments would go with what is replaced.
            let tree = message.tree();
            let is_bare = tree.comments_in(old.span()).next().is_none();
            let style = Style { separator: "", ..Style::new(message.tree()) };
            let text = style.field(name, value, tree.source().indentation(field.span().start));
            is_bare.then(|| (field.span_without_separator(), text))
        }
    }
}

/// Puts a field behind the last one of a message. None if the message has no end.
#[must_use]
pub fn add_field(message: Message<'_>, name: &str, value: &NewValue<'_>) -> Option<(Span, String)> {
    if !message.is_closed() {
        return None;
    }
    let tree = message.tree();
    match message.fields().last() {
        Some(last) => Some(add_field_behind(tree, last, name, value)),
        None if message.is_document() => Some(first_of_document(tree, name, value)),
        None => first_of_message(message, name, value),
    }
}

/// Gives a field another name.
#[must_use]
pub fn rename(field: Field<'_>, name: &str) -> (Span, String) {
    (field.name_span(), name.to_owned())
}

/// Puts an item behind the last one of a list. None if the list has no end.
#[must_use]
pub fn add_item(tree: &Tree, list: List<'_>, item: &str) -> Option<Vec<(Span, String)>> {
    if !list.is_closed() {
        return None;
    }
    let source = tree.source();
    let Some(before) = list.items().last().map(Value::span) else {
        let inside = Span::new(list.span().start + 1, list.span().end - 1);
        let is_bare = tree.comments_in(inside).next().is_none() && !source.slice(inside).contains('\n');
        return is_bare.then(|| vec![(inside, format!(" {item} "))]);
    };
    if !source.is_first_on_line(before.start) {
        return Some(vec![(Span::empty(before.end), format!(", {item}"))]);
    }
    let own_line = format!("{}{}{item}", newline(tree, before.end), source.indentation(before.start));
    Some(match comment_behind(tree, before.end) {
        Some(end) => vec![(Span::empty(before.end), ",".into()), (Span::empty(end), own_line)],
        None => vec![(Span::empty(before.end), format!(",{own_line}"))],
    })
}

/// How what is new is laid out.
struct Style<'t> {
    newline: &'t str,
    step: String,
    before_message: &'t str,
    separator: &'t str,
    on_lines: bool,
}

impl<'t> Style<'t> {
    fn new(tree: &'t Tree) -> Self {
        let before_message = before_message(tree);
        Self { newline: newline(tree, 0), step: step(tree), before_message, separator: "", on_lines: true }
    }

    /// A field as text; further lines begin with the indentation.
    fn field(&self, name: &str, value: &NewValue<'_>, indentation: &str) -> String {
        let separator = self.separator;
        match value {
            NewValue::Scalar(text) => format!("{name}: {text}{separator}"),
            NewValue::Message(fields) if self.on_lines && !is_short(fields) => {
                let inner = format!("{}{indentation}{}", self.newline, self.step);
                let lines: Vec<_> = fields
                    .iter()
                    .map(|(name, value)| {
                        format!("{inner}{}", self.field(name, value, &format!("{indentation}{}", self.step)))
                    })
                    .collect();
                let lines = lines.concat();
                format!("{name}{}{{{lines}{}{indentation}}}{separator}", self.before_message, self.newline)
            }
            NewValue::Message(fields) => {
                let inner = Self { on_lines: false, separator: "", step: String::new(), ..*self };
                let fields: Vec<_> = fields.iter().map(|(name, value)| inner.field(name, value, "")).collect();
                format!("{name}{}{{ {} }}{separator}", self.before_message, fields.join(" "))
            }
        }
    }
}

/// Whether fields are written on one line everywhere: a single one.
fn is_short(fields: &[(&str, NewValue<'_>)]) -> bool {
    matches!(fields, [] | [(_, NewValue::Scalar(_))])
}

/// Puts a field behind another one.
#[must_use]
pub fn add_field_behind(tree: &Tree, last: Field<'_>, name: &str, value: &NewValue<'_>) -> (Span, String) {
    let is_outermost = tree.document().fields().any(|field| field.id() == last.id());
    let source = tree.source();
    let (start, end) = (last.span().start, last.span().end);
    let on_lines = source.is_first_on_line(start);
    let is_block = on_lines && is_outermost && matches!(value, NewValue::Message(_));
    let separator = if is_block { "" } else { separator(tree, last) };
    let style = Style { on_lines, separator, newline: newline(tree, end), ..Style::new(tree) };
    let indentation = source.indentation(start);
    let text = style.field(name, value, indentation);
    if !on_lines {
        return (Span::empty(end), format!(" {text}"));
    }
    // Behind a comment on the line, which belongs to the last field, and behind all that ends the file.
    let is_at_end = is_block && source.slice(Span::new(end, source.span().end)).trim().is_empty();
    if is_at_end {
        return first_of_document(tree, name, value);
    }
    let at = comment_behind(tree, end).unwrap_or(end);
    (Span::empty(at), format!("{}{indentation}{text}", style.newline))
}

/// The field at the end of the file, which keeps ending with or without a line feed.
fn first_of_document(tree: &Tree, name: &str, value: &NewValue<'_>) -> (Span, String) {
    let source = tree.source();
    let newline = newline(tree, 0);
    let ends_line = source.text().is_empty() || source.text().ends_with('\n');
    let (mut before, behind) = if ends_line { (String::new(), newline) } else { (newline.to_owned(), "") };
    if separates_blocks(tree.document()) {
        before.push_str(newline);
    }
    let text = Style::new(tree).field(name, value, "");
    (Span::empty(source.span().end), format!("{before}{text}{behind}"))
}

/// Fills `{ }`.
fn first_of_message(message: Message<'_>, name: &str, value: &NewValue<'_>) -> Option<(Span, String)> {
    let tree = message.tree();
    let source = tree.source();
    let inside = Span::new(message.span().start + 1, message.span().end - 1);
    let has_comment = tree.comments_in(inside).next().is_some();
    if !source.slice(inside).contains('\n') {
        let style = Style { on_lines: false, ..Style::new(tree) };
        return (!has_comment).then(|| (inside, format!(" {} ", style.field(name, value, ""))));
    }
    // Before the line of the closing bracket, behind whatever comments there are.
    let close = source.line_span(source.line(inside.end));
    if !source.is_first_on_line(inside.end) {
        return None;
    }
    let style = Style { newline: newline(tree, message.span().start), ..Style::new(tree) };
    let indentation = format!("{}{}", source.indentation(inside.end), style.step);
    let text = style.field(name, value, &indentation);
    let at = Span::empty(close.start.min(offset(source.text().len())));
    Some((at, format!("{indentation}{text}{}", style.newline)))
}
