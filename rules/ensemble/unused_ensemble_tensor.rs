use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::model::ensemble::Wiring;
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unused-ensemble-tensor",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unused_ensemble_tensor.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    // Where a tensor is missing, one that is unused is the other end of the same slip.
    if !wiring.knows_outputs || wiring.steps.is_empty() || wiring.lacks_tensor() {
        return;
    }
    check_inputs(model, &wiring, findings);
    check_steps(model, &wiring, findings);
}

fn check_inputs(model: Model<'_>, wiring: &Wiring<'_>, findings: &mut Findings<'_>) {
    for input in model.config().input.iter() {
        let Some(name) = input.name.written().filter(|name| !name.value.is_empty()) else { continue };
        // What a step puts out under that name is reported at the step.
        if !wiring.is_taken(&name.value) && wiring.producers(&name.value).is_empty() {
            findings
                .add(name.span, format!("no step takes the input `{}` of the ensemble", name.value))
                .note("the server refuses an ensemble with an input that it does not use")
                .help("name it as the value of an `input_map`, or leave the input out");
        }
    }
}

fn check_steps(model: Model<'_>, wiring: &Wiring<'_>, findings: &mut Findings<'_>) {
    let is_used = |tensor: &str| wiring.outputs.contains(tensor) || wiring.is_taken(tensor);
    for step in &wiring.steps {
        let of = step.written.model_name.text().unwrap_or_default();
        let has_used = step.puts_out.iter().any(|end| is_used(end.tensor));
        for end in step.puts_out.iter().filter(|end| !is_used(end.tensor)) {
            let finding = findings
                .add(
                    end.span,
                    format!("nothing uses the tensor `{}`, the output `{}` of step `{of}`", end.tensor, end.key),
                )
                .note("no step takes it and it is no output of the ensemble; the server refuses such a tensor")
                .help(if has_used {
                    "leave the entry out: outputs of a model need not be mapped"
                } else {
                    "declare it as an output of the ensemble, or remove the step"
                });
            if has_used && let Some(span) = removal(model.tree(), end.node) {
                finding.fix(Applicability::Unsafe, "delete the entry", [(span, String::new())]);
            }
        }
    }
}
