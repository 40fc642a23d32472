use std::collections::BTreeSet;

use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "refused-step-model",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("refused_step_model.md"),
    check,
};

/// The server asks in `DependencyGraph::ConnectDependencyGraph` and `CheckNode` of
/// `model_repository_manager.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::Ensemble) {
        return;
    }
    let Some(ensemble) = model.config().ensemble_scheduling.written() else { return };
    let mut seen = BTreeSet::new();
    for step in ensemble.step.iter() {
        let Some(name) = step.model_name.written() else { continue };
        // One that contains itself has a finding for that.
        let other = model.model_of_step(step).filter(|other| other.directory_name() != model.directory_name());
        if other.is_some_and(Model::is_refused) && seen.insert(&name.value) {
            findings
                .add(name.span, format!("`{}` does not load, and so neither does the ensemble", name.value))
                .note("the server loads an ensemble only with all of its models")
                .help(format!("correct what is wrong with `{}` first", name.value));
        }
    }
}
