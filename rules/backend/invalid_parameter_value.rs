use super::{Setting, fil_classifies, settings};
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::{Domain, Fault, Otherwise};
use crate::schema::{fold, nearest};

pub(super) static RULE: Rule = Rule {
    name: "invalid-parameter-value",
    category: Category::Backend,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("invalid_parameter_value.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for setting in settings(model) {
        if matches!(setting.parameter.domain, Domain::Boolean(_)) || is_unread(model, &setting) {
            continue;
        }
        match setting.parameter.fault(setting.text) {
            Some(fault) => report(model, &setting, fault, findings),
            None => report_newer(model, &setting, findings),
        }
    }
}

fn report(model: Model<'_>, setting: &Setting<'_>, fault: Fault, findings: &mut Findings<'_>) {
    let (parameter, text) = (setting.parameter, setting.text);
    let (key, domain) = (parameter.key, parameter.domain);
    if let Fault::Truncated(number) = fault {
        findings
            .add(setting.place(), format!("`{text}` is read as {number} for `{key}`"))
            .level(Level::Warning)
            .note("the back-end reads the number that begins the value, and drops the rest without a word")
            .help(format!("write {number}, or the number that is meant"));
        return;
    }
    if parameter.otherwise == Otherwise::Default && text.contains("${") {
        // A placeholder is for another rule to report.
        return;
    }
    let message = match fault {
        Fault::OutOfRange if matches!(domain, Domain::Digits { .. }) => {
            format!("{text} is out of range for `{key}`: the most is {}", i32::MAX)
        }
        Fault::OutOfRange => format!("{text} is out of range for `{key}`"),
        Fault::Unreadable | Fault::Truncated(_) => format!("`{text}` is not a value of `{key}`"),
    };
    let (level, effect) = match parameter.otherwise {
        Otherwise::Refused => (setting.level(), "with anything else it fails to load the model".to_owned()),
        Otherwise::Default | Otherwise::Off => {
            let default = parameter.default.map(|default| format!(", {default},")).unwrap_or_default();
            (Level::Warning, format!("it takes the default{default} in place of anything else"))
        }
    };
    let finding =
        findings.add(setting.place(), message).level(level).note(format!("the back-end takes {domain}; {effect}"));
    let Some((meant, is_clear)) = meant(domain, text) else {
        finding.help(format!("write {domain}"));
        return;
    };
    let finding = finding.help(format!("did you mean `{meant}`?"));
    if let Some(place) = setting.value {
        let is_safe = is_clear && level == Level::Error;
        let applicability = if is_safe { Applicability::Safe } else { Applicability::Unsafe };
        let replacement = quoted(meant, model.tree().source().slice(place));
        finding.fix(applicability, format!("write `{meant}`"), [(place, replacement)]);
    }
}

/// Reports a value that the release of the server does not take yet.
fn report_newer(model: Model<'_>, setting: &Setting<'_>, findings: &mut Findings<'_>) {
    let (parameter, text) = (setting.parameter, setting.text);
    let Some(server) = model.server().version else { return };
    let Some(since) = parameter.value_since(text).filter(|since| server < *since) else { return };
    findings
        .add(setting.place(), format!("the server is {server}, and `{}` takes `{text}` from {since} on", parameter.key))
        .level(setting.level())
        .note("an older back-end fails to load the model; the settings say how old the server is")
        .help("write another value, or update the server");
}

/// The word that a text was meant to be, and whether there is no doubt about it.
fn meant(domain: Domain, text: &str) -> Option<(&'static str, bool)> {
    let values = match domain {
        Domain::Choice { values, .. } => values,
        Domain::Digits { words } => words,
        _ => return None,
    };
    let meant = nearest(text, values.iter().copied())?;
    Some((meant, fold(meant) == fold(text)))
}

/// Whether the back-end has no use for the parameter in this config, and does not look at it.
fn is_unread(model: Model<'_>, setting: &Setting<'_>) -> bool {
    setting.parameter.key == "threshold" && fil_classifies(model) != Some(true)
}
