//! The host of the tests has no GPU, but what we say of a config holds on one that has those it names.

use tritonlint::syntax::{Field, FieldName, Message, Span, Tree, Value};

use crate::repository::Repository;

/// The same repository with instances on the CPU in place of those on GPUs that may exist.
pub(crate) fn on_cpu(repository: &Repository) -> Repository {
    let files = repository.files.iter().map(|(path, bytes)| {
        let bytes = if path.ends_with("/config.pbtxt") { config_on_cpu(bytes) } else { bytes.clone() };
        (path.clone(), bytes)
    });
    Repository { files: files.collect() }
}

fn config_on_cpu(text: &[u8]) -> Vec<u8> {
    let tree = Tree::parse(text.to_vec());
    let mut edits = Vec::new();
    for field in tree.document().fields().filter(|field| field.name() == FieldName::Plain("instance_group")) {
        match field.value() {
            Some(Value::Message(group)) => group_on_cpu(group, &mut edits),
            Some(Value::List(list)) => {
                for item in list.items() {
                    if let Value::Message(group) = item {
                        group_on_cpu(group, &mut edits);
                    }
                }
            }
            _ => {}
        }
    }
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = text.to_vec();
    for (span, replacement) in edits {
        text.splice(span.range(), replacement.bytes());
    }
    text
}

/// A negative id exists nowhere, so that such a group stays.
fn group_on_cpu(group: Message<'_>, edits: &mut Vec<(Span, &'static str)>) {
    let named = |name| group.fields().filter(move |field| field.name() == FieldName::Plain(name));
    let kind = named("kind").filter_map(Field::value).last();
    let is_gpu = match kind {
        Some(Value::Scalar(kind)) => matches!(kind.text(), "KIND_GPU" | "1" | "KIND_AUTO" | "0"),
        None => true,
        Some(_) => false,
    };
    let is_possible = |value: Value<'_>| match value {
        Value::Scalar(id) => id.text().parse::<i32>().is_ok_and(|id| id >= 0),
        Value::List(list) => list.items().all(|item| match item {
            Value::Scalar(id) => id.text().parse::<i32>().is_ok_and(|id| id >= 0),
            _ => false,
        }),
        Value::Message(_) => false,
    };
    if !is_gpu || !named("gpus").all(|field| field.value().is_some_and(is_possible)) {
        return;
    }
    edits.extend(named("gpus").map(|field| (field.span(), "")));
    if let Some(Value::Scalar(kind)) = kind {
        edits.push((kind.span(), "KIND_CPU"));
    }
}
