//! The parser of protobuf's C++ library, in the shape of protoc.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::process::{Command, Stdio};

use serde::Deserialize;
use tritonlint::schema::vocabulary::{ENUMS, MESSAGES};
use tritonlint::schema::{
    EnumDescriptor, FieldDescriptor, FieldType, Label, MessageDescriptor, SchemaErrorKind, read_config,
};
use tritonlint::syntax::{Span, SyntaxErrorKind, Tree};

/// What protoc makes of one text.
#[derive(Clone, Debug, Deserialize)]
#[allow(dead_code, reason = "printed with the fault")]
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
    let mut given = Vec::new();
    for text in texts {
        given.extend(format!("{}\n", text.len()).bytes());
        given.extend(text);
    }
    let script = crate::support::project().join("tests/parity/protoc.py");
    let mut command = Command::new(crate::python::interpreter()?);
    command.arg(script).arg(&schema).arg(folder.path().join("descriptors"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    // The script reads everything before it writes anything.
    child.stdin.take().expect("standard input").write_all(&given).expect("the script reads");
    let output = child.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "protoc: {}", output.status);
    let answers = String::from_utf8(output.stdout).expect("JSON");
    let answers: Vec<_> = answers.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), texts.len(), "an answer for each text");
    Ok(answers)
}

/// In what our reading of a text differs from protoc's: the verdict, or the line of the first error.
///
/// The parts of a map's entry have presence in the server, whose classes were generated, and not in protoc, which
/// makes its own of the schema: where the first of two is the default, only the server refuses the second.
pub(crate) fn fault(text: &[u8], answer: &Answer) -> Option<String> {
    let tree = Tree::parse(text.to_vec());
    let fault = difference(text, answer, first_error(&tree, |_| true))?;
    difference(text, answer, first_error(&tree, |kind| !is_behind_default(&tree, kind))).map(|_| fault)
}

/// Whether it is a part of a map's entry that is given after its default.
fn is_behind_default(tree: &Tree, kind: &SchemaErrorKind) -> bool {
    let SchemaErrorKind::Duplicate { field, first, .. } = kind else { return false };
    let Some(first) = tree.field(*first) else { return false };
    let written = tree.source().slice(first.span_without_separator());
    let value = written.split_once(':').map_or("", |(_, value)| value.trim());
    let is_default = value.chars().all(|c| "\"'".contains(c)) || value.chars().all(|c| "-0x".contains(c));
    field.oneof == Some(field.name) && !value.is_empty() && is_default
}

fn difference(text: &[u8], answer: &Answer, first: Option<FirstError>) -> Option<String> {
    let shown = String::from_utf8_lossy(text);
    match (first, answer.line) {
        (None, None) if !answer.refused => None,
        (None, _) => Some(format!("we take what protoc refuses: {answer:?}\n{shown}")),
        (Some(first), _) if !answer.refused => {
            Some(format!("we refuse what protoc takes: {}\n{shown}", first.description))
        }
        (Some(first), line) => {
            let is_same = line.is_some_and(|line| first.lines.contains(&line));
            (!is_same).then(|| format!("we find {first:?}, protoc {answer:?}\n{shown}"))
        }
    }
}

/// Our first error in a text.
#[derive(Debug)]
struct FirstError {
    description: String,
    /// The lines, from 1, in which the parser may complain of it.
    lines: RangeInclusive<usize>,
}

/// The parser complains of the token that it is at. When it finds that a token means nothing, that is the next
/// one; and where we take a word for the next field's name, it first takes it for a value. It looks into a list
/// of messages that has no colon, and complains of the first item that is none. At a bracket that is
/// not closed, or whose contents do not go together, it does not complain but somewhere behind it.
fn first_error(tree: &Tree, is_regarded: impl Fn(&SchemaErrorKind) -> bool) -> Option<FirstError> {
    let source = tree.source();
    let behind = |span: Span, count: usize| {
        let mut tokens = tree.tokens().iter().filter(|token| token.span.start >= span.end.max(span.start + 1));
        tokens.nth(count).map_or(source.span().end, |token| token.span.start)
    };
    let syntax = tree.errors().iter().filter(|error| error.kind.is_refused()).map(|error| {
        let last = match error.kind {
            SyntaxErrorKind::Unclosed(_) | SyntaxErrorKind::MixedList => source.span().end,
            SyntaxErrorKind::MissingValue(_) | SyntaxErrorKind::MissingColon(_) | SyntaxErrorKind::Unexpected(_) => {
                behind(error.span, 2)
            }
            _ => behind(error.span, 0),
        };
        (error.span, last, format!("{:?}", error.kind))
    });
    let (_, schema_errors) = read_config(tree);
    let schema = schema_errors.iter().filter(|error| error.kind.is_refused() && is_regarded(&error.kind));
    let schema =
        schema.map(|error| (error.span, behind(error.span, 0), format!("{:.300}", format!("{:?}", error.kind))));
    let errors: Vec<_> = syntax.chain(schema).collect();
    let (span, last, description) =
        errors.into_iter().min_by_key(|(span, last, _)| (span.start, std::cmp::Reverse(*last)))?;
    Some(FirstError { description, lines: source.line(span.start) + 1..=source.line(last) + 1 })
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
    let values: Vec<_> = descriptor.values.iter().map(|value| format!("{} = {};", value.name, value.number)).collect();
    let values = values.join(" ");
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
