//! The vocabulary against the server's own description of it.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};
use tritonlint::schema::vocabulary::{ENUMS, MESSAGES};
use tritonlint::schema::{FieldDescriptor, FieldType, Label};

#[test]
fn the_vocabulary_is_complete() {
    let fields = || MESSAGES.iter().flat_map(|message| message.fields.iter().map(move |field| (message.name, field)));
    let oneofs: std::collections::BTreeSet<_> =
        fields().filter_map(|(message, field)| field.oneof.map(|oneof| (message, oneof))).collect();
    let values: usize = ENUMS.iter().map(|descriptor| descriptor.values.len()).sum();
    assert_eq!(
        (MESSAGES.len(), fields().count(), ENUMS.len(), values, oneofs.len()),
        (46, 164, 9, 39, 6),
        "messages, fields, enums, values, oneofs"
    );
    for (message, field) in fields() {
        assert!(!field.doc.trim().is_empty(), "{message}.{} has no text", field.name);
    }
}

/// `scripts/test` installs the Triton client and says where its Python is.
#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn the_vocabulary_is_the_servers() {
    let python =
        std::env::var_os("TRITONLINT_PYTHON").expect("TRITONLINT_PYTHON names a Python with the Triton client");
    let script = support::project().join("tests/descriptor/dump.py");
    let output = Command::new(python).arg(script).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let ours = our_description();
    let names = |description: &BTreeMap<String, Value>| description.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&theirs));
    for (name, description) in &theirs {
        assert_eq!(&ours[name], description, "{name}");
    }
}

fn our_description() -> BTreeMap<String, Value> {
    let enums = ENUMS.iter().map(|descriptor| {
        let values: BTreeMap<_, _> = descriptor.values.iter().map(|value| (value.name, value.number)).collect();
        (descriptor.name.to_owned(), json!(values))
    });
    let messages = MESSAGES.iter().map(|message| {
        let mut fields: Vec<_> = message.fields.iter().collect();
        fields.sort_by_key(|field| field.number);
        let fields: Vec<_> = fields.into_iter().map(describe).collect();
        (message.name.to_owned(), json!(fields))
    });
    enums.chain(messages).collect()
}

fn describe(field: &FieldDescriptor) -> Value {
    let label = match field.label {
        Label::Singular => "singular",
        Label::Repeated => "repeated",
        Label::Map => "map",
    };
    let mut description = json!({
        "name": field.name,
        "number": field.number,
        "label": label,
        "type": type_name(&field.ty),
    });
    if let Some(oneof) = field.oneof {
        description["oneof"] = json!(oneof);
    }
    description
}

fn type_name(ty: &FieldType) -> String {
    match ty {
        FieldType::Scalar(scalar) => scalar.name().to_owned(),
        FieldType::Enum(descriptor) => descriptor.name.to_owned(),
        FieldType::Message(message) => message.name.to_owned(),
        FieldType::Map { key, value } => format!("map<{}, {}>", key.name(), type_name(value)),
    }
}
