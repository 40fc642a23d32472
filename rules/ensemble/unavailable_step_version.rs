use crate::diagnostic::Findings;
use crate::edit::{NewValue, add_field_behind};
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Spanned;
use crate::schema::vocabulary::EnsembleStep;

pub(super) static RULE: Rule = Rule {
    name: "unavailable-step-version",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unavailable_step_version.md"),
    check,
};

/// What stands for the latest version.
const LATEST: i64 = -1;

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(ensemble) = model.config().ensemble_scheduling.written() else { return };
    for step in ensemble.step.iter() {
        if let Some(version) = step.model_version.get().filter(|version| *version != LATEST) {
            check_step(model, step, version, findings);
        }
    }
}

fn check_step(model: Model<'_>, step: &Spanned<EnsembleStep>, version: i64, findings: &mut Findings<'_>) {
    let Some(name) = step.model_name.written().filter(|name| !name.value.is_empty()) else { return };
    let other = model.model_of_step(step).filter(|other| !other.versions().is_empty());
    let loaded = match other.map(Model::selected_versions) {
        Some(None) => return,
        Some(Some(loaded)) => Some(loaded),
        None => None,
    };
    // Of versions that are not here nothing is known. But hardly anybody has a version 0.
    let is_wrong = loaded.as_ref().map_or(version == 0, |loaded| !loaded.contains(&version));
    if !is_wrong {
        return;
    }
    let written = step.model_version.written();
    let span = written.map_or(name.span, |version| version.span);
    let message = match written {
        Some(_) => format!("the step wants version {version} of `{}`", name.value),
        None => format!("the step wants version 0 of `{}`, as `model_version` is left out", name.value),
    };
    let is_there = other.is_some_and(|other| other.versions().iter().any(|present| present.number == version));
    let mut finding = match &loaded {
        None => findings.add(span, message).level(Level::Warning).note(
            "the server does not load an ensemble one of whose versions is missing, and only a folder `0` is version 0",
        ),
        Some(loaded) => {
            let listed: Vec<_> = loaded.iter().map(i64::to_string).collect();
            let why = if is_there { "which its version policy does not select" } else { "which it does not have" };
            findings.add(span, format!("{message}, {why}")).note(match listed.as_slice() {
                [] => "the server loads no version of the model".to_owned(),
                [only] => format!("the server loads version {only} of the model only, and so refuses the ensemble"),
                _ => format!("the server loads the versions {} only, and so refuses the ensemble", listed.join(", ")),
            })
        }
    };
    finding = finding.help("write `model_version: -1` for the latest version");
    let edit = if let Some(written) = written {
        (written.span, LATEST.to_string())
    } else {
        let Some(field) = model.tree().field_of(name.node) else { return };
        add_field_behind(model.tree(), field, "model_version", &NewValue::Scalar(&LATEST.to_string()))
    };
    // Of one version it is no question which is meant.
    let is_only = loaded.is_some_and(|loaded| loaded.len() == 1);
    let applicability = if is_only { Applicability::Safe } else { Applicability::Unsafe };
    finding.fix(applicability, "write `model_version: -1`", [edit]);
}
