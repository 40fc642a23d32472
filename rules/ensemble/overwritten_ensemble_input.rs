use crate::diagnostic::Findings;
use crate::model::Model;
use crate::model::ensemble::Wiring;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "overwritten-ensemble-input",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Warning,
    fix: None,
    page: include_str!("overwritten_ensemble_input.md"),
    check,
};

/// `ValidateEnsembleSchedulingConfig` of core's `ensemble_utils.cc` does not ask whether an output of a step is
/// an input of the ensemble.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    for end in wiring.steps.iter().flat_map(|step| &step.puts_out).filter(|end| wiring.inputs.contains(end.tensor)) {
        let inputs = model.config().input.iter().filter_map(|input| input.name.written());
        let input = inputs.into_iter().find(|input| input.value == end.tensor);
        let mut finding = findings.add(
            end.written.map_or(end.span, |written| written.span),
            format!("a step writes its output to `{}`, which is an input of the ensemble", end.tensor),
        );
        if let Some(input) = input {
            finding = finding.label(input.span, "what clients send under this name");
        }
        finding
            .note("the tensor then comes from two sides, and steps may see what was sent or what was computed")
            .help("give the output of the step a name of its own, and let later steps take that");
    }
}
