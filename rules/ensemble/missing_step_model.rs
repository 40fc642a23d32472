use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Model, RepositoryView};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{EnsembleStep, ModelConfig, ModelEnsembling};
use crate::schema::{Map, nearest_that};

pub(super) static RULE: Rule = Rule {
    name: "missing-step-model",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("missing_step_model.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(ensemble) = model.config().ensemble_scheduling.written() else { return };
    let repository = model.repository();
    for step in ensemble.step.iter() {
        let Some(name) = step.model_name.written().filter(|name| !name.value.is_empty()) else { continue };
        // The server may be given several repositories, and so may we.
        if repository.model(&name.value).is_some() || model.is_elsewhere(&name.value) {
            continue;
        }
        let finding = findings
            .add(name.span, format!("no model `{}` is in the repository", name.value))
            .note("the server does not load an ensemble one of whose models is not available")
            .unless_complete("this model");
        let meant = meant(&name.value, repository, model, ensemble, step);
        // Engines and weights are made or fetched on the way to the server; a name that is nearly right is a slip.
        let is_to_come = !repository.is_complete() && meant.is_none();
        let finding = if is_to_come { finding.level(Level::Info) } else { finding };
        match meant {
            Some(meant) => {
                let replacement = quoted(meant, model.tree().source().slice(name.span));
                finding.did_you_mean(meant, Applicability::Unsafe, (name.span, replacement));
            }
            None => {
                finding.help("add the model, or correct the name: it is that of the model's folder");
            }
        }
    }
}

/// The model that a step may mean: not the ensemble, not one that another step names (`preprocess` is
/// near `postprocess`), and not one without the tensors that the step maps.
fn meant<'m>(
    name: &str,
    repository: RepositoryView<'m>,
    model: Model<'_>,
    ensemble: &ModelEnsembling,
    step: &EnsembleStep,
) -> Option<&'m str> {
    nearest_that(name, repository.model_names(), |other| {
        Some(other) != model.directory_name()
            && ensemble.step.iter().all(|step| step.model_name.text() != Some(other))
            && repository.model(other).is_some_and(|other| has_tensors(other.config(), step))
    })
}

/// Whether a model has the inputs and outputs that a step maps, unless its config leaves them to the
/// server.
fn has_tensors(config: &ModelConfig, step: &EnsembleStep) -> bool {
    let inputs: Vec<_> = config.input.iter().filter_map(|input| input.name.text()).collect();
    let outputs: Vec<_> = config.output.iter().filter_map(|output| output.name.text()).collect();
    let are_among = |map: &Map<String, String>, names: &[&str]| {
        names.is_empty()
            || map.in_force().filter_map(|entry| entry.key.written()).all(|key| names.contains(&key.value.as_str()))
    };
    are_among(&step.input_map, &inputs) && are_among(&step.output_map, &outputs)
}
