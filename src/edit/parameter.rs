//! Entries of maps, of which a back-end's parameters are one.

use super::style::{comment_behind, newline};
use super::{NewValue, add_field, add_item, quoted};
use crate::schema::vocabulary::ModelParameter;
use crate::schema::{Map, MapEntry};
use crate::syntax::{FieldName, Message, NodeId, Span, Tree, Value};

/// Gives a back-end parameter a value: in place if it is there, else behind the others in their style,
/// else at the end of the file. None if the text around it is too broken.
#[must_use]
pub fn set_parameter(
    tree: &Tree,
    parameters: &Map<String, ModelParameter>,
    key: &str,
    value: &str,
) -> Option<Vec<(Span, String)>> {
    if let Some(written) = parameters.get(key) {
        let old = written.value.written()?.value.string_value.written()?;
        return Some(vec![(old.span, quoted(value, tree.source().slice(old.span)))]);
    }
    let beside = parameters.entries().last().and_then(|last| beside(tree, last, key, value));
    beside.or_else(|| in_empty_list(tree, key, value)).or_else(|| {
        let (key, value) = (quoted(key, ""), quoted(value, ""));
        let value = NewValue::Message(vec![("string_value", NewValue::Scalar(&value))]);
        let entry = NewValue::Message(vec![("key", NewValue::Scalar(&key)), ("value", value)]);
        Some(vec![add_field(tree.document(), "parameters", &entry)?])
    })
}

fn beside(tree: &Tree, last: &MapEntry<String, ModelParameter>, key: &str, value: &str) -> Option<Vec<(Span, String)>> {
    let old_key = last.key.written()?.span;
    let old_value = last.value.written()?.value.string_value.written()?.span;
    let source = tree.source();
    let (key, value) = (quoted(key, source.slice(old_key)), quoted(value, source.slice(old_value)));
    add_map_entry(tree, last.node, (old_key, &key), (old_value, &value))
}

/// Repeats an entry of a map with another key and value in the place of the old ones, so that it is
/// written the way the others are. None if the entry has no end.
#[must_use]
pub fn add_map_entry(
    tree: &Tree,
    entry: NodeId,
    (old_key, key): (Span, &str),
    (old_value, value): (Span, &str),
) -> Option<Vec<(Span, String)>> {
    let source = tree.source();
    let message = tree.message(entry).filter(|message| message.is_closed())?;
    let field = tree.field_of(entry)?;
    let is_item = tree.list_item(entry).is_some();
    // In a list the entry is repeated, else the whole field.
    let whole = if is_item { message.span() } else { field.span_without_separator() };
    let comments = tree.comments_in(whole).map(|comment| (comment.span, String::new()));
    let mut edits: Vec<_> = comments.chain([(old_key, key.to_owned()), (old_value, value.to_owned())]).collect();
    edits.sort();
    let copy = without_blank_ends(&replace_in(source.slice(whole), whole.start, &edits));
    if is_item {
        let Some(Value::List(list)) = field.value() else { return None };
        // What is behind this entry in the list is behind the new one too only if this is the last.
        let is_last = list.items().last().is_some_and(|last| last.id() == entry);
        return is_last.then(|| add_item(tree, list, &copy))?;
    }
    let (end, separator) = (field.span().end, super::style::separator(tree, field));
    if !source.is_first_on_line(whole.start) {
        return Some(vec![(Span::empty(end), format!(" {copy}{separator}"))]);
    }
    // A comment on the same line belongs to the old entry.
    let at = comment_behind(tree, end).unwrap_or(end);
    let gap = format!("{}{}", newline(tree, end), source.indentation(whole.start));
    Some(vec![(Span::empty(at), format!("{gap}{copy}{separator}"))])
}

/// Applies edits to a text that begins at `start` in its file.
fn replace_in(text: &str, start: u32, edits: &[(Span, String)]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for (span, replacement) in edits {
        let (from, to) = ((span.start - start) as usize, (span.end - start) as usize);
        result.push_str(&text[done..from]);
        result.push_str(replacement);
        done = to;
    }
    result.push_str(&text[done..]);
    result
}

/// Drops the blanks at line ends, and the lines, that a deleted comment leaves behind.
fn without_blank_ends(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let body = line.trim_end_matches('\r');
        let ending = &line[body.len()..];
        format!("{}{ending}", body.trim_end_matches([' ', '\t']))
    });
    lines.filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// Fills `parameters [ ]`.
fn in_empty_list(tree: &Tree, key: &str, value: &str) -> Option<Vec<(Span, String)>> {
    let mut fields = Message::fields(tree.document());
    let list = fields.find_map(|field| match (field.name(), field.value()) {
        (FieldName::Plain("parameters"), Some(Value::List(list))) if list.items().next().is_none() => Some(list),
        _ => None,
    })?;
    let item = format!("{{ key: {} value {{ string_value: {} }} }}", quoted(key, ""), quoted(value, ""));
    add_item(tree, list, &item)
}
