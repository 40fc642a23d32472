use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::{ParameterType, TORCHSCRIPT};

pub(super) static RULE: Rule = Rule {
    name: "invalid-boolean-parameter",
    category: Category::Pytorch,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("invalid_boolean_parameter.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::PyTorch(PyTorchRuntime::TorchScript)) {
        return;
    }
    let is_boolean = |key: &str| {
        let mut read = TORCHSCRIPT.iter().filter(|parameter| parameter.removed.is_none());
        read.any(|parameter| parameter.key == key && parameter.ty == ParameterType::Boolean)
    };
    for entry in model.config().parameters.in_force() {
        let Some(key) = entry.key.written().filter(|key| is_boolean(&key.value)) else { continue };
        if entry.value.written().is_none() && !entry.value.is_absent() {
            continue;
        }
        // An entry without a value, or without a string in it, has the empty string for one.
        let written = entry.value.written().map(|value| &value.value.string_value);
        let Some(text) = written.map_or(Some(""), |value| value.text()) else { continue };
        if ParameterType::parse_boolean(text).is_some() {
            continue;
        }
        let place = written.and_then(|value| value.written());
        let finding = findings
            .add(place.map_or(entry.span, |place| place.span), format!("`{text}` is not a boolean for `{}`", key.value))
            .note(
                "the back-end takes true, on and 1, or false, off and 0, in any case; with anything else it fails to \
                 load the model",
            );
        match (place, meant(&key.value, text)) {
            (Some(place), Some(meant)) => {
                let replacement = quoted(meant, model.tree().source().slice(place.span));
                finding.help(format!("did you mean `{meant}`?")).fix(
                    Applicability::Safe,
                    format!("write `{meant}`"),
                    [(place.span, replacement)],
                );
            }
            _ => {
                finding.help("write `true` or `false`");
            }
        }
    }
}

/// The boolean that a text can only mean. To "enable" a switch that disables something has two readings.
fn meant(key: &str, text: &str) -> Option<&'static str> {
    let has_two_readings = key.starts_with("DISABLE_");
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "on" | "1" => Some("true"),
        "false" | "no" | "n" | "f" | "off" | "0" => Some("false"),
        "enable" | "enabled" if !has_two_readings => Some("true"),
        "disable" | "disabled" if !has_two_readings => Some("false"),
        _ => None,
    }
}
