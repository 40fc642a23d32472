use super::settings;
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::{Domain, Otherwise};

pub(super) static RULE: Rule = Rule {
    name: "invalid-boolean-parameter",
    category: Category::Backend,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("invalid_boolean_parameter.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let reader = model.resolution().backend().and_then(Backend::parameters).map(|table| table.reader);
    for setting in settings(model) {
        let (parameter, text) = (setting.parameter, setting.text);
        let Domain::Boolean(spelling) = parameter.domain else { continue };
        if parameter.fault(text).is_none() {
            continue;
        }
        let meant = meant(parameter.key, text);
        // What is taken for off, and was meant for off, is as good as a boolean.
        if parameter.otherwise == Otherwise::Off && meant == Some(false) {
            continue;
        }
        // A placeholder is for another rule to report.
        if parameter.otherwise == Otherwise::Default && text.contains("${") {
            continue;
        }
        let (level, effect) = match parameter.otherwise {
            Otherwise::Refused => (setting.level(), "with anything else it fails to load the model"),
            Otherwise::Off => (Level::Warning, "it takes anything else for off and says nothing"),
            Otherwise::Default => (Level::Warning, "it replaces anything else by the default and loads the model"),
        };
        let finding = findings
            .add(setting.place(), format!("`{text}` is not a boolean for `{}`", parameter.key))
            .level(level)
            .note(format!("{} takes {}; {effect}", reader.unwrap_or("the back-end"), parameter.domain));
        let word = meant.and_then(|meant| spelling.write(meant));
        if let (Some(place), Some(word)) = (setting.value, word) {
            let replacement = quoted(word, model.tree().source().slice(place));
            // Where the model loads as it is, the word changes what the server does.
            let applicability = if level == Level::Error { Applicability::Safe } else { Applicability::Unsafe };
            let edit = (place, replacement);
            finding.help(format!("did you mean `{word}`?")).fix(applicability, format!("write `{word}`"), [edit]);
            continue;
        }
        let words: Vec<_> = [true, false].into_iter().filter_map(|value| spelling.write(value)).collect();
        finding.help(match words.as_slice() {
            [on, off] => format!("write `{on}` or `{off}`"),
            _ => format!("write `{}`, or leave the parameter out", words.concat()),
        });
    }
}

/// The boolean that a text can only mean. To "enable" a switch that disables something has two readings.
fn meant(key: &str, text: &str) -> Option<bool> {
    let has_two_readings = key.starts_with("DISABLE_") || key.starts_with("SKIP_");
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "f" | "off" | "0" => Some(false),
        "enable" | "enabled" if !has_two_readings => Some(true),
        "disable" | "disabled" if !has_two_readings => Some(false),
        _ => None,
    }
}
