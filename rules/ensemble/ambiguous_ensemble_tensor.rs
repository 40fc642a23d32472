use crate::diagnostic::Findings;
use crate::model::Model;
use crate::model::ensemble::Wiring;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ambiguous-ensemble-tensor",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("ambiguous_ensemble_tensor.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    check_producers(&wiring, findings);
    check_outputs(model, &wiring, findings);
}

/// Entries of output maps with the same tensor.
fn check_producers(wiring: &Wiring<'_>, findings: &mut Findings<'_>) {
    for tensor in wiring.tensors() {
        let Some(((first_step, first), others)) = wiring.producers(tensor).split_first() else { continue };
        for (step, end) in others {
            let name = |at: usize| wiring.steps[at].written.model_name.text().unwrap_or_default();
            let by = if step == first_step {
                format!("the outputs `{}` and `{}` of the step of `{}`", first.key, end.key, name(*step))
            } else {
                format!("the steps of `{}` and `{}`", name(*first_step), name(*step))
            };
            findings
                .add(end.span, format!("{by} both put out the tensor `{tensor}`"))
                .label(first.span, "first put out here")
                .note("a tensor may appear in the output maps of an ensemble only once; the server refuses any more")
                .help("give the tensor another name here and where it is used, or leave this output out of the map");
        }
    }
}

/// Outputs of a step's model with the same name, which all become the same tensor.
fn check_outputs(model: Model<'_>, wiring: &Wiring<'_>, findings: &mut Findings<'_>) {
    for step in &wiring.steps {
        let Some(other) = model.model_of_step(step.written) else { continue };
        for end in &step.puts_out {
            let outputs = other.config().output.iter().filter(|output| output.name.text() == Some(end.key));
            if outputs.count() > 1 {
                findings
                    .add(
                        end.span,
                        format!(
                            "`{}` has several outputs `{}`, which all become `{}`",
                            other.name(),
                            end.key,
                            end.tensor
                        ),
                    )
                    .note("the server refuses an ensemble in which a tensor is put out more than once")
                    .help(format!("correct the names of the outputs in the config of `{}`", other.name()));
            }
        }
    }
}
