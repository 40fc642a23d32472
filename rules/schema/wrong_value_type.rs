use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::{FieldDescriptor, FieldType, Found, MessageDescriptor, ScalarType, SchemaErrorKind};

pub(super) static RULE: Rule = Rule {
    name: "wrong-value-type",
    category: Category::Schema,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("wrong_value_type.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.schema_errors() {
        let text = model.tree().source().slice(error.span);
        match error.kind {
            SchemaErrorKind::WrongType { field, found } => {
                let expectation = expectation(field, found);
                let finding = findings
                    .add(error.span, format!("`{}` takes {expectation}, not {}", field.name, found.words()))
                    .caption(format!("{expectation} belongs here"));
                if let Some((applicability, replacement)) = correction(field, found, text) {
                    let title = format!("write `{replacement}`");
                    finding.fix(applicability, title, [(error.span, replacement)]);
                }
            }
            SchemaErrorKind::ListWithoutColon { field } => {
                findings
                    .add(error.span, format!("no colon between `{}` and its value", field.name))
                    .note("the colon may be left out before messages only")
                    .fix(Applicability::Safe, "write a colon", [(error.span, ":".into())]);
            }
            _ => {}
        }
    }
}

fn expectation(field: &FieldDescriptor, found: Found) -> String {
    match found {
        Found::List => "a single value".into(),
        _ => field.ty.expectation(),
    }
}

/// The value that was meant, in the form that the field takes.
fn correction(field: &FieldDescriptor, found: Found, text: &str) -> Option<(Applicability, String)> {
    let safe = |replacement: String| Some((Applicability::Safe, replacement));
    match (field.ty, found) {
        (_, Found::List) => safe(single_item(text)?.to_owned()),
        (FieldType::Scalar(ScalarType::String), Found::Message) => safe(quoted_inside(text)?.to_owned()),
        (FieldType::Scalar(ScalarType::String), _) => safe(quoted(text, "")),
        (FieldType::Scalar(ScalarType::Bool), _) => safe(boolean(unquoted(text))?.to_owned()),
        (FieldType::Scalar(ScalarType::Float | ScalarType::Double), Found::String) => {
            let inner = unquoted(text);
            inner.parse::<f64>().ok()?;
            safe(inner.to_owned())
        }
        (FieldType::Scalar(_), Found::String | Found::Float) => safe(integer(unquoted(text))?.to_owned()),
        // A map entry whose value should be in a message of its own, as for `parameters`.
        (FieldType::Message(message), Found::String) => safe(format!("{{ {}: {text} }}", only_string_field(message)?)),
        (FieldType::Message(_), Found::Word) if boolean(text) == Some("true") => {
            Some((Applicability::Unsafe, "{ }".into()))
        }
        _ => None,
    }
}

/// The text between the quotes of a plain string, or all of it.
fn unquoted(text: &str) -> &str {
    let inner = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(text).trim()
}

fn boolean(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some("true"),
        "false" | "no" | "off" => Some("false"),
        _ => None,
    }
}

/// An integer, also one that is written with a zero fraction.
fn integer(text: &str) -> Option<&str> {
    let whole =
        text.split_once('.').map_or(text, |(whole, fraction)| match fraction.bytes().all(|digit| digit == b'0') {
            true => whole,
            false => text,
        });
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_decimal = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
    (is_decimal && !digits.is_empty()).then_some(whole)
}

/// The only item of a list that holds a scalar.
fn single_item(list: &str) -> Option<&str> {
    let item = list.strip_prefix('[')?.strip_suffix(']')?.trim();
    (!item.is_empty() && !item.contains([',', '{', '<', '[', '#', '\n'])).then_some(item)
}

/// The string of `{ string_value: "…" }`.
fn quoted_inside(message: &str) -> Option<&str> {
    let inner = message.strip_prefix('{')?.strip_suffix('}')?.trim();
    let value = inner.strip_prefix("string_value")?.trim_start().strip_prefix(':')?.trim();
    let is_one = value.len() >= 2 && value.starts_with('"') && value.ends_with('"') && value.matches('"').count() == 2;
    is_one.then_some(value)
}

fn only_string_field(message: &MessageDescriptor) -> Option<&'static str> {
    match message.fields {
        [field] if matches!(field.ty, FieldType::Scalar(ScalarType::String)) => Some(field.name),
        _ => None,
    }
}
