//! The parser of protobuf's C++ library, in the shape of protoc.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Deserialize;
use tritonlint::schema::vocabulary::{ENUMS, MESSAGES};
use tritonlint::schema::{EnumDescriptor, FieldDescriptor, FieldType, Label, MessageDescriptor};

/// What protoc makes of one text.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Answer {
    pub(crate) refused: bool,
    /// Of the first error, from 1.
    pub(crate) line: Option<usize>,
    pub(crate) message: Option<String>,
}

/// Has protoc judge texts by our vocabulary.
pub(crate) fn judge(texts: &[Vec<u8>]) -> Result<Vec<Answer>, String> {
    let folder = tempfile::tempdir().expect("a folder for the texts");
    let schema = folder.path().join("model_config.proto");
    std::fs::write(&schema, schema_of_vocabulary()).expect("the schema");
    let mut names = String::new();
    for (at, text) in texts.iter().enumerate() {
        let path = folder.path().join(format!("{at}.pbtxt"));
        std::fs::write(&path, text).expect("a text");
        writeln!(names, "{}", path.display()).expect("a string takes text");
    }
    let script = crate::support::project().join("tests/parity/protoc.py");
    let mut command = Command::new(crate::python::interpreter()?);
    command.arg(script).arg(&schema).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    // The script reads all names before it writes anything.
    child.stdin.take().expect("standard input").write_all(names.as_bytes()).expect("the script reads");
    let output = child.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "protoc: {}", output.status);
    let answers = String::from_utf8(output.stdout).expect("JSON");
    let answers: Vec<_> = answers.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), texts.len(), "an answer for each text");
    Ok(answers)
}

/// The vocabulary in protobuf's own language.
fn schema_of_vocabulary() -> String {
    let mut schema = "syntax = \"proto3\";\npackage inference;\n".to_owned();
    write_scope(&mut schema, "");
    schema
}

/// Writes the types whose names lie directly in a scope: `""`, or a message with a dot behind it.
fn write_scope(schema: &mut String, scope: &str) {
    let is_here = |name: &str| name.strip_prefix(scope).is_some_and(|rest| !rest.contains('.'));
    for descriptor in ENUMS.iter().filter(|descriptor| is_here(descriptor.name)) {
        write_enum(schema, descriptor, scope);
    }
    for descriptor in MESSAGES.iter().filter(|descriptor| is_here(descriptor.name)) {
        write_message(schema, descriptor, scope);
    }
}

fn write_enum(schema: &mut String, descriptor: &EnumDescriptor, scope: &str) {
    let values: String = descriptor.values.iter().map(|value| format!("{} = {}; ", value.name, value.number)).collect();
    writeln!(schema, "enum {} {{ {values}}}", &descriptor.name[scope.len()..]).expect("a string takes text");
}

fn write_message(schema: &mut String, descriptor: &MessageDescriptor, scope: &str) {
    writeln!(schema, "message {} {{", &descriptor.name[scope.len()..]).expect("a string takes text");
    write_scope(schema, &format!("{}.", descriptor.name));
    let mut oneofs: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for field in descriptor.fields {
        match field.oneof {
            Some(oneof) => oneofs.entry(oneof).or_default().push(field),
            None => schema.push_str(&declaration(field)),
        }
    }
    for (oneof, fields) in oneofs {
        let fields: String = fields.into_iter().map(declaration).collect();
        writeln!(schema, "oneof {oneof} {{\n{fields}}}").expect("a string takes text");
    }
    schema.push_str("}\n");
}

fn declaration(field: &FieldDescriptor) -> String {
    let label = if field.label == Label::Repeated { "repeated " } else { "" };
    format!("{label}{} {} = {};\n", type_name(&field.ty), field.name, field.number)
}

fn type_name(ty: &FieldType) -> String {
    match ty {
        FieldType::Scalar(scalar) => scalar.name().to_owned(),
        FieldType::Enum(descriptor) => format!(".inference.{}", descriptor.name),
        FieldType::Message(descriptor) => format!(".inference.{}", descriptor.name),
        FieldType::Map { key, value } => format!("map<{}, {}>", key.name(), type_name(value)),
    }
}
