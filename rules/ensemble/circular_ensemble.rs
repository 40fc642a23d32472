use std::collections::BTreeMap;

use crate::diagnostic::Findings;
use crate::model::ensemble::Wiring;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::EnsembleStep;

pub(super) static RULE: Rule = Rule {
    name: "circular-ensemble",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("circular_ensemble.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    check_tensors(model, findings);
    check_models(model, findings);
}

/// Steps that wait for each other.
fn check_tensors(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    let mut circle = wiring.circle();
    // The first in the text begins, wherever the search came upon the circle.
    let Some(first) = circle.iter().map(|(step, _)| *step).min() else { return };
    while circle.first().is_some_and(|(step, _)| *step != first) {
        circle.rotate_left(1);
    }
    let name = |step: usize| wiring.steps[step].written.model_name.text().unwrap_or_default();
    let [(step, end), others @ ..] = circle.as_slice() else { return };
    let (own, tensor) = (name(*step), end.tensor);
    let message = if others.is_empty() {
        format!("the step of `{own}` takes the tensor `{tensor}`, which it puts out itself")
    } else {
        let names: Vec<_> = circle.iter().map(|(step, _)| format!("`{}`", name(*step))).collect();
        let names = names.join(", ");
        format!("the steps of {names} wait for each other: `{own}` takes `{tensor}`, which comes about behind it")
    };
    let mut finding = findings.add(end.span, message);
    for (_, end) in others.iter().take(3) {
        finding = finding.label(end.span, "waits in turn for this tensor");
    }
    finding
        .note("a step runs once all tensors that it takes are there, so that none of these ever runs; the server refuses it")
        .help("let one of them take another tensor, such as an input of the ensemble");
}

/// Ensembles that contain themselves.
fn check_models(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(own) = model.directory_name() else { return };
    // Each ensemble that was reached, with the one that it was reached from.
    let mut from: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for step in steps_of(model) {
        let (Some(name), Some(written)) = (step.model_name.text(), step.model_name.written()) else { continue };
        if name != own && from.contains_key(name) {
            continue;
        }
        let mut queue = vec![(name, None)];
        while let Some((name, before)) = queue.pop() {
            if name == own {
                let mut path = vec![format!("`{own}`")];
                let mut at = before;
                while let Some(name) = at {
                    path.push(format!("`{name}`"));
                    at = from.get(name).copied().flatten();
                }
                path.push(format!("`{own}`"));
                path.reverse();
                findings
                    .add(written.span, format!("the ensemble contains itself: {}", path.join(" runs ")))
                    .note("the server refuses ensembles that form a circle")
                    .help("write another model here");
                return;
            }
            if from.contains_key(name) {
                continue;
            }
            from.insert(name, before);
            if let Some(next) = model.repository().model(name) {
                queue.extend(steps_of(next).filter_map(|step| step.model_name.text()).map(|next| (next, Some(name))));
            }
        }
    }
}

fn steps_of(model: Model<'_>) -> impl Iterator<Item = &EnsembleStep> {
    let is_ensemble = model.resolution().backend() == Some(&Backend::Ensemble);
    let ensemble = model.config().ensemble_scheduling.written().filter(|_| is_ensemble);
    ensemble.into_iter().flat_map(|ensemble| ensemble.value.step.iter()).map(|step| &step.value)
}
