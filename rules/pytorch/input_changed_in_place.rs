use std::collections::{BTreeSet, HashMap};

use super::forward::{bind_inputs, scripts};
use super::input_kept_without_copy::argument;
use crate::artifact::torchscript::{Sharing, TorchScript};
use crate::diagnostic::Findings;
use crate::model::ensemble::Wiring;
use crate::model::{Model, Survey};
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
fn taken_elsewhere(model: Model<'_>, script: &TorchScript, argument: usize) -> Option<(String, String)> {
    let (_, bound) = bind_inputs(model.config(), script.forward.as_ref()?)?;
    let input = &bound.iter().find(|input| input.position == argument)?.name.value;
    model.repository().survey::<Shared>().0.get(&(model.name().to_owned(), input.clone())).cloned()
}

/// By model and input the first ensemble in which another step takes the same tensor, and the tensor.
#[derive(Default)]
struct Shared(HashMap<(String, String), (String, String)>);

impl Survey for Shared {
    type Answer = Vec<((String, String), String)>;
    const WORD: &'static str = "ensemble";

    fn ask(ensemble: Model<'_>) -> Option<Self::Answer> {
        let wiring = Wiring::of_model(ensemble)?;
        let mut takers: HashMap<&str, BTreeSet<usize>> = HashMap::new();
        for (at, step) in wiring.steps.iter().enumerate() {
            for end in &step.takes {
                takers.entry(end.tensor).or_default().insert(at);
            }
        }
        let mut shared = Vec::new();
        for step in &wiring.steps {
            let Some(model) = step.written.model_name.text() else { continue };
            let mut keys = BTreeSet::new();
            let ends = step.takes.iter().filter(|end| keys.insert(end.key));
            let ends = ends.filter(|end| takers[end.tensor].len() > 1);
            shared.extend(ends.map(|end| ((model.to_owned(), end.key.to_owned()), end.tensor.to_owned())));
        }
        Some(shared)
    }

    fn note(&mut self, ensemble: &str, shared: Self::Answer) {
        for (input, tensor) in shared {
            self.0.entry(input).or_insert_with(|| (ensemble.to_owned(), tensor));
        }
    }
}
