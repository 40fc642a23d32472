use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::{FieldDescriptor, FieldType, Found, MessageDescriptor, ScalarType, SchemaErrorKind};
use crate::syntax::{Source, Span};

pub(super) static RULE: Rule = Rule {
    name: "wrong-value-type",
    category: Category::Schema,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("wrong_value_type.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let source = model.tree().source();
    for error in model.schema_errors() {
        let text = source.slice(error.span);
        match error.kind {
            // A list inside a list is no syntax.
            SchemaErrorKind::WrongType { found: Found::List, .. }
                if model.tree().errors().iter().any(|syntax| syntax.span.start == error.span.start) => {}
            SchemaErrorKind::WrongType { field, found } => {
                let expectation = expectation(field, found);
                let finding = findings
                    .add(error.span, format!("`{}` takes {expectation}, not {}", field.name, in_words(field, found)))
                    .caption(format!("expects {expectation}"));
                let correction = correction(field, found, text);
                let place = if found == Found::Message {
                    after_colon(source, field, error.span)
                } else {
                    Some((error.span, ""))
                };
                if let (Some((applicability, replacement)), Some((span, colon))) = (correction, place) {
                    let title = format!("write `{replacement}`");
                    finding.fix(applicability, title, [(span, format!("{colon}{replacement}"))]);
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

fn in_words(field: &FieldDescriptor, found: Found) -> &'static str {
    match (field.ty, found) {
        (_, Found::Float) => "a decimal number",
        // A decimal integer would do.
        (FieldType::Scalar(ScalarType::Float | ScalarType::Double), Found::Integer | Found::NegativeInteger) => {
            "a hexadecimal or octal one"
        }
        _ => found.words(),
    }
}

/// Where a scalar goes in place of a message, and the colon that it needs if there is none: before a
/// message it may be left out. None if that cannot be told, as with a comment in between.
fn after_colon(source: &Source, field: &FieldDescriptor, message: Span) -> Option<(Span, &'static str)> {
    let before = source.slice(Span::new(0, message.start)).trim_end();
    if before.ends_with([':', '[', ',']) {
        return Some((message, ""));
    }
    let name_end = u32::try_from(before.len()).ok()?;
    before.ends_with(field.name).then_some((Span::new(name_end, message.end), ": "))
}

/// The value that was meant, in the form that the field takes.
fn correction(field: &FieldDescriptor, found: Found, text: &str) -> Option<(Applicability, String)> {
    let safe = |replacement: String| Some((Applicability::Safe, replacement));
    match (field.ty, found) {
        (_, Found::List) => safe(single_item(text)?.to_owned()),
        (FieldType::Scalar(ScalarType::String), Found::Message) => safe(quoted_inside(text)?.to_owned()),
        (FieldType::Scalar(ScalarType::String), _) => safe(as_string(text)?),
        (FieldType::Scalar(ScalarType::Bool), _) => safe(boolean(unquoted(text))?.to_owned()),
        (FieldType::Scalar(ScalarType::Float | ScalarType::Double), Found::String) => {
            safe(decimal(unquoted(text))?.to_owned())
        }
        (FieldType::Scalar(ty), Found::String | Found::Float) => safe(integer(unquoted(text), ty)?.to_owned()),
        (FieldType::Message(message), _) => match only_string_field(message) {
            // A map entry whose value should be in a message of its own, as for `parameters`.
            Some(field) if found == Found::String => safe(format!("{{ {field}: {text} }}")),
            Some(field) => safe(format!("{{ {field}: {} }}", as_string(text)?)),
            None => switched(field, message, boolean(text)?),
        },
        _ => None,
    }
}

/// A number or word in quotes. A minus sign may stand apart from its number, even on a line of its own.
fn as_string(text: &str) -> Option<String> {
    (!text.contains(char::is_whitespace)).then(|| quoted(text, ""))
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

/// A decimal number, if the text format takes it: no plus sign and no needless zero before it.
fn decimal(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let has_zero = digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit());
    (digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && !has_zero && digits.parse::<f64>().is_ok())
        .then_some(text)
}

/// An integer that the type can hold, also one that is written with a zero fraction.
fn integer(text: &str, ty: ScalarType) -> Option<&str> {
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    // A zero at the beginning would make it octal.
    let is_decimal = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let (least, most) = ty.range()?;
    // The parser takes no minus sign at all for an unsigned field.
    let has_wrong_sign = least == 0 && whole.starts_with('-');
    (is_decimal && !has_wrong_sign && (least..=most).contains(&whole.parse().ok()?)).then_some(whole)
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

/// What turns on or off a message that was taken for a switch. Some have one inside; of a oneof, the
/// member that is there at all is on.
fn switched(field: &FieldDescriptor, message: &MessageDescriptor, value: &str) -> Option<(Applicability, String)> {
    if message.field("enable").is_some() {
        return Some((Applicability::Safe, format!("{{ enable: {value} }}")));
    }
    (field.oneof.is_some() && value == "true").then(|| (Applicability::Unsafe, "{ }".into()))
}

fn only_string_field(message: &MessageDescriptor) -> Option<&'static str> {
    match message.fields {
        [field] if matches!(field.ty, FieldType::Scalar(ScalarType::String)) => Some(field.name),
        _ => None,
    }
}
