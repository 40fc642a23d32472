use std::collections::HashMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::model::ensemble::{End, Wiring};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "joined-decoupled-steps",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("joined_decoupled_steps.md"),
    check,
};

/// The server asks in `ValidateEnsembleConfig` of `ensemble_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    // The decoupled step that a tensor descends from; none of what comes of the ensemble's inputs alone.
    let mut origins: HashMap<&str, Option<usize>> = wiring.inputs.iter().map(|input| (*input, None)).collect();
    for at in wiring.running_order() {
        let step = &wiring.steps[at];
        let of = |end: &End<'_>| origins.get(end.tensor).copied().flatten();
        let Some(first) = step.takes.first() else { continue };
        let told = |origin: Option<usize>| told(&wiring, origin);
        if let Some(other) = step.takes.iter().find(|end| of(end) != of(first)) {
            findings
                .add(
                    other.span,
                    format!("the step of `{}` joins tensors of different decoupled models", model_name(&wiring, at)),
                )
                .label(first.span, told(of(first)))
                .caption(told(of(other)))
                .note(NOTE)
                .help("let the tensors go through the same decoupled model, or put the join into a model");
        }
        let is_decoupled = model.model_of_step(step.written).is_some_and(Model::is_decoupled);
        let origin = if is_decoupled { Some(at) } else { of(first) };
        for end in &step.puts_out {
            origins.insert(end.tensor, origin);
        }
    }
    check_outputs(model, &wiring, &origins, findings);
}

/// The outputs of the ensemble are to the server what the inputs of a last step are.
fn check_outputs(
    model: Model<'_>,
    wiring: &Wiring<'_>,
    origins: &HashMap<&str, Option<usize>>,
    findings: &mut Findings<'_>,
) {
    let outputs: Option<Vec<_>> = model
        .config()
        .output
        .iter()
        .map(|output| {
            let name = output.name.written()?;
            Some((name, *origins.get(name.value.as_str())?))
        })
        .collect();
    let Some(outputs) = outputs.filter(|_| wiring.knows_outputs) else { return };
    let Some((first, origin)) = outputs.first() else { return };
    let told = |origin: Option<usize>| told(wiring, origin);
    if let Some((other, its)) = outputs.iter().find(|(_, its)| its != origin) {
        findings
            .add(other.span, "the outputs of the ensemble come of different decoupled models".to_owned())
            .label(first.span, told(*origin))
            .caption(told(*its))
            .note(NOTE)
            .help("give out what comes of one decoupled model, or of none, or let a model put the others beside it");
    }
}

const NOTE: &str = "a decoupled model answers any number of times, so that tensors from before and behind it cannot be \
                    matched; the server refuses the ensemble";

fn told(wiring: &Wiring<'_>, origin: Option<usize>) -> String {
    match origin {
        Some(step) => format!("comes of the decoupled model `{}`", model_name(wiring, step)),
        None => "comes of no decoupled model".to_owned(),
    }
}

fn model_name<'w>(wiring: &'w Wiring<'_>, step: usize) -> &'w str {
    wiring.steps[step].written.model_name.text().unwrap_or_default()
}
