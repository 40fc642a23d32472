use std::collections::BTreeSet;

use super::forward::{bind_inputs, scripts};
use super::input_kept_without_copy::argument;
use crate::artifact::torchscript::{Sharing, TorchScript};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::model::ensemble::Wiring;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "input-changed-in-place",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Info,
    fix: None,
    page: include_str!("input_changed_in_place.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        let mut told = BTreeSet::new();
        for changed in script.changed_inputs.iter().filter(|changed| changed.sharing != Sharing::Maybe) {
            if !told.insert(changed.argument) {
                continue;
            }
            let finding = findings
                .add_entry(
                    &file.path,
                    format!("the model changes the input {} in place", argument(script, changed.argument)),
                )
                .note(
                    "the input may lie in memory that is not the model's: shared memory of the client, or a tensor that \
                     another step of an ensemble takes too",
                )
                .note(format!("in {}", changed.place))
                .help("work on a copy: the operator without the last `_`, or `clone()` before it");
            if let Some((ensemble, tensor)) = taken_elsewhere(model, script, changed.argument) {
                finding.level(Level::Warning).note(format!(
                    "in the ensemble `{ensemble}` another step takes the same tensor, `{tensor}`, and may get what this \
                     model made of it"
                ));
            }
        }
    }
}

/// An ensemble in which another step takes what goes to that argument, and what the tensor is called there.
fn taken_elsewhere<'a>(model: Model<'a>, script: &TorchScript, argument: usize) -> Option<(&'a str, &'a str)> {
    let (_, bound) = bind_inputs(model.config(), script.forward.as_ref()?)?;
    let input = &bound.iter().find(|input| input.position == argument)?.name.value;
    model.repository().model_names().find_map(|name| {
        let ensemble = model.repository().model(name)?;
        let wiring = Wiring::of_model(ensemble)?;
        for (at, step) in wiring.steps.iter().enumerate() {
            if step.written.model_name.text() != Some(model.name()) {
                continue;
            }
            let tensor = step.takes.iter().find(|end| end.key == input).map(|end| end.tensor);
            let others = || wiring.steps.iter().enumerate().filter(|(other, _)| *other != at);
            let shared =
                tensor.filter(|tensor| others().any(|(_, other)| other.takes.iter().any(|end| end.tensor == *tensor)));
            if let Some(tensor) = shared {
                return Some((name, tensor));
            }
        }
        None
    })
}
