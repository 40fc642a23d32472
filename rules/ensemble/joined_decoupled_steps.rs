use std::collections::HashMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::model::ensemble::Wiring;
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "joined-decoupled-steps",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("joined_decoupled_steps.md"),
    check,
};

/// The decoupled step that a tensor descends from; none of what comes of the ensemble's inputs alone.
type Origin = Option<usize>;

/// The server asks in `ValidateEnsembleConfig` of `ensemble_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    let mut origins: HashMap<&str, Origin> = wiring.inputs.iter().map(|input| (*input, None)).collect();
    for at in wiring.running_order() {
        let step = &wiring.steps[at];
        let takes = step.takes.iter().map(|end| (end.span, origins.get(end.tensor).copied().flatten()));
        let takes: Vec<_> = takes.collect();
        let Some((_, first)) = takes.first() else { continue };
        let message =
            || format!("the step of `{}` joins tensors of different decoupled models", model_name(&wiring, at));
        let help = "let the tensors go through the same decoupled model, or put the join into a model";
        report_joined(&wiring, &takes, message, help, findings);
        let is_decoupled = model.model_of_step(step.written).is_some_and(Model::is_decoupled);
        let origin = if is_decoupled { Some(at) } else { *first };
        for end in &step.puts_out {
            origins.insert(end.tensor, origin);
        }
    }
    if let Some(outputs) = outputs(model, &wiring, &origins) {
        let message = || "the outputs of the ensemble come of different decoupled models".to_owned();
        let help = "give out what comes of one decoupled model, or of none, or let a model put the others beside it";
        report_joined(&wiring, &outputs, message, help, findings);
    }
}

/// The outputs of the ensemble, which are to the server what the inputs of a last step are; none if one of them is
/// not known to come of anything.
fn outputs(model: Model<'_>, wiring: &Wiring<'_>, origins: &HashMap<&str, Origin>) -> Option<Vec<(Span, Origin)>> {
    let outputs = model.config().output.iter().map(|output| {
        let name = output.name.written()?;
        Some((name.span, *origins.get(name.value.as_str())?))
    });
    if wiring.knows_outputs { outputs.collect() } else { None }
}

/// Reports the first tensor, if there is one, that does not come of what the first of all comes of.
fn report_joined(
    wiring: &Wiring<'_>,
    tensors: &[(Span, Origin)],
    message: impl FnOnce() -> String,
    help: &str,
    findings: &mut Findings<'_>,
) {
    let told = |origin: Origin| match origin {
        Some(step) => format!("comes of the decoupled model `{}`", model_name(wiring, step)),
        None => "comes of no decoupled model".to_owned(),
    };
    let Some((first, origin)) = tensors.first() else { return };
    if let Some((other, its)) = tensors.iter().find(|(_, its)| its != origin) {
        findings
            .add(*other, message())
            .label(*first, told(*origin))
            .caption(told(*its))
            .note(
                "a decoupled model answers any number of times, so that tensors from before and behind it cannot be \
                 matched; the server refuses the ensemble",
            )
            .help(help);
    }
}

fn model_name<'w>(wiring: &'w Wiring<'_>, step: usize) -> &'w str {
    wiring.steps[step].written.model_name.text().unwrap_or_default()
}
