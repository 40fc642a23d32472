use std::collections::BTreeSet;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{ModelConfig, ModelEnsembling};
use crate::schema::{Spanned, nearest};

pub(super) static RULE: Rule = Rule {
    name: "unproduced-ensemble-tensor",
    category: Category::Ensemble,
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unproduced_ensemble_tensor.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(ensemble) = config.ensemble_scheduling.written() else { return };
    let Some(produced) = produced(config, ensemble) else { return };
    for step in ensemble.step.iter() {
        let step_model = step.model_name.text().unwrap_or_default();
        for entry in step.input_map.in_force() {
            if let Some(tensor) = &entry.value {
                let input = entry.key.text().unwrap_or_default();
                let message = |name: &str| {
                    format!("input `{input}` of step `{step_model}` takes the tensor `{name}`, which nothing produces")
                };
                report(model, tensor, &produced, message, findings);
            }
        }
    }
    for output in config.output.iter() {
        if let Some(name) = output.name.written().filter(|name| !name.value.is_empty()) {
            let message = |name: &str| format!("no step produces the output `{name}` of the ensemble");
            report(model, name, &produced, message, findings);
        }
    }
}

/// The tensors that exist in an ensemble: its inputs, and what its steps put out. None if the config
/// is too broken to tell.
fn produced<'c>(config: &'c ModelConfig, ensemble: &'c ModelEnsembling) -> Option<BTreeSet<&'c str>> {
    let mut produced = BTreeSet::new();
    if !config.input.is_intact() || !ensemble.step.is_intact() {
        return None;
    }
    for input in config.input.iter() {
        produced.insert(input.name.text()?);
    }
    for step in ensemble.step.iter() {
        if !step.output_map.is_intact() {
            return None;
        }
        for entry in step.output_map.in_force() {
            produced.insert(entry.value.as_ref()?.value.as_str());
        }
    }
    Some(produced)
}

fn report(
    model: Model<'_>,
    tensor: &Spanned<String>,
    produced: &BTreeSet<&str>,
    message: impl Fn(&str) -> String,
    findings: &mut Findings<'_>,
) {
    let name = tensor.value.as_str();
    if produced.contains(name) {
        return;
    }
    let finding = findings.add(tensor.span, message(name)).note(
        "a tensor comes from an input of the ensemble or from the output_map of a step; the server refuses others",
    );
    match nearest(name, produced.iter().copied()) {
        Some(meant) => {
            let replacement = crate::edit::quoted(meant, model.tree().source().slice(tensor.span));
            finding.help(format!("did you mean `{meant}`?")).fix(
                Applicability::Unsafe,
                format!("write `{meant}`"),
                [(tensor.span, replacement)],
            );
        }
        None => {
            let names: Vec<_> = produced.iter().map(|name| format!("`{name}`")).collect();
            finding.help(format!("the ensemble's tensors are {}", names.join(", ")));
        }
    }
}
