//! What a name in quotes stands for in a config that is written as JSON.

use crate::schema::vocabulary::MESSAGES;
use crate::schema::{FieldType, MessageDescriptor};
use crate::syntax::{Field, FieldName, Message, Span, Tree, Value};

/// A name in quotes with what makes text format of it.
pub(super) enum Quoted {
    /// The name of a field. If its value is a map as JSON has them, the edits make entries of that.
    Field(Vec<(Span, String)>),
    /// A key of such a map. Of the first key of one whose field is not in quotes the edits make entries of all.
    Key(Vec<(Span, String)>),
}

/// What stands where a name belongs.
enum Inside {
    /// Fields of a message.
    Fields(&'static MessageDescriptor),
    /// Names whose values are all of one type, such as the keys of a map in JSON.
    Values(&'static FieldType),
    /// Nobody knows.
    Nothing,
}

/// None if nothing in the tree has that name.
pub(super) fn quoted_name(tree: &Tree, name: Span) -> Option<Quoted> {
    let config = MESSAGES.iter().find(|message| message.name == "ModelConfig")?;
    let (mut message, mut inside) = (tree.document(), Inside::Fields(config));
    // The map whose keys the names are.
    let mut map: Option<(Field<'_>, Message<'_>)> = None;
    loop {
        let holds = |span: Span| span.start <= name.start && name.end <= span.end;
        let field = message.fields().find(|field| holds(field.span()))?;
        let value_of_map = match (&inside, field.name()) {
            (Inside::Fields(message), FieldName::Plain(name)) => message.field(name).and_then(|field| match field.ty {
                FieldType::Map { value, .. } => Some(value),
                _ => None,
            }),
            _ => None,
        };
        if field.name_span() == name {
            let own = match field.value() {
                Some(Value::Message(entries)) if value_of_map.is_some() && is_json(field, entries) => {
                    entries_of(entries)
                }
                _ => None,
            };
            return Some(match map {
                None => Quoted::Field(own.unwrap_or_default()),
                Some((around, entries)) => {
                    let is_first = entries.fields().next().is_some_and(|first| first.id() == field.id());
                    let is_alone = is_first && !is_quoted(tree, around);
                    Quoted::Key(is_alone.then(|| entries_of(entries)).flatten().unwrap_or_default())
                }
            });
        }
        let inner = match field.value()? {
            Value::Message(inner) => inner,
            Value::List(list) => list.items().find_map(|item| match item {
                Value::Message(inner) if holds(inner.span()) => Some(inner),
                _ => None,
            })?,
            Value::Scalar(_) => return None,
        };
        map = None;
        inside = match (inside, field.name()) {
            // The braces around a JSON document.
            (Inside::Fields(config), FieldName::Missing) if message.is_document() => Inside::Fields(config),
            (Inside::Fields(message), FieldName::Plain(name)) => match value_of_map {
                Some(value) => {
                    map = is_json(field, inner).then_some((field, inner));
                    Inside::Values(value)
                }
                None => of_type(message.field(name).map(|field| &field.ty)),
            },
            (Inside::Values(value), _) => of_type(Some(value)),
            _ => Inside::Nothing,
        };
        message = inner;
    }
}

fn of_type(ty: Option<&FieldType>) -> Inside {
    match ty {
        Some(FieldType::Message(message)) => Inside::Fields(message),
        _ => Inside::Nothing,
    }
}

fn is_quoted(tree: &Tree, field: Field<'_>) -> bool {
    tree.source().slice(field.name_span()).starts_with(['"', '\''])
}

/// Whether a map is written as JSON has it: all keys in quotes. An empty one is an entry, unless all is JSON.
fn is_json(map: Field<'_>, entries: Message<'_>) -> bool {
    let tree = entries.tree();
    let mut fields = entries.fields().peekable();
    if fields.peek().is_none() {
        return is_quoted(tree, map);
    }
    fields.all(|field| is_quoted(tree, field) && !matches!(field.name(), FieldName::Plain("key" | "value")))
}

/// Makes a list of entries of a map: `{ "a": 1 }` becomes `[ { key: "a" value: 1 } ]`. None where that is not clear.
fn entries_of(map: Message<'_>) -> Option<Vec<(Span, String)>> {
    let (tree, span) = (map.tree(), map.span());
    let source = tree.source();
    if !map.is_closed() || tree.comments_in(span).next().is_some() || !source.slice(span).starts_with('{') {
        return None;
    }
    let mut edits = vec![(Span::new(span.start, span.start + 1), "[".to_owned())];
    let mut fields = map.fields().peekable();
    while let Some(field) = fields.next() {
        let value = field.value()?.span();
        let key = field.name_span();
        let behind = source.slice(Span::new(field.span_without_separator().end, field.span().end)).trim();
        if source.slice(key).contains('\\') || !matches!(behind, "" | ",") {
            return None;
        }
        let comma = if behind.is_empty() && fields.peek().is_some() { "," } else { "" };
        edits.push((Span::empty(key.start), "{ key: ".to_owned()));
        edits.push((Span::new(key.end, value.start), " value: ".to_owned()));
        edits.push((Span::empty(value.end), format!(" }}{comma}")));
    }
    edits.push((Span::new(span.end - 1, span.end), "]".to_owned()));
    Some(edits)
}
