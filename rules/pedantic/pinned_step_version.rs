use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "pinned-step-version",
    category: Category::Pedantic,
    backends: &["ensemble"],
    level: Level::Info,
    fix: None,
    page: include_str!("pinned_step_version.md"),
    check,
};

/// Core asks for the version when the ensemble is loaded, and again whenever a model of it changes.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(ensemble) = model.config().ensemble_scheduling.written() else { return };
    for step in ensemble.step.iter() {
        let Some(version) = step.model_version.written().filter(|version| version.value > 0) else { continue };
        let Some(other) = model.model_of_step(step) else { continue };
        let policy = other.config().version_policy.written();
        let keeps_latest = match policy {
            None => other.config().version_policy.is_absent(),
            Some(policy) => policy.latest.written().is_some(),
        };
        if keeps_latest {
            findings
                .add(
                    version.span,
                    format!("version {} of `{}` is dropped when newer ones come", version.value, other.name()),
                )
                .note(
                    "its version policy keeps the latest only, and without the version the server unloads the ensemble",
                )
                .help("write `model_version: -1`, or name the version in the `version_policy` of that model");
        }
    }
}
