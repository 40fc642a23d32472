use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "swapped-states",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("swapped_states.md"),
    check,
};

/// Core `sequence_state.cc`, `SequenceStates::OutputState`: inputs and outputs are maps of their own, sorted by
/// name, and an output goes to the input at the same place. The names are compared byte by byte.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    if !sequences.state.is_intact() {
        return;
    }
    let names = sequences.state.iter().map(|state| Some((state.input_name.written()?, state.output_name.written()?)));
    let Some(states) = names.collect::<Option<Vec<_>>>() else { return };
    let inputs: BTreeSet<&str> = states.iter().map(|(input, _)| input.value.as_str()).collect();
    let outputs: BTreeSet<&str> = states.iter().map(|(_, output)| output.value.as_str()).collect();
    // Of names that are there twice another rule tells.
    if inputs.len() < states.len() || outputs.len() < states.len() {
        return;
    }
    let inputs_of: BTreeMap<_, _> = outputs.into_iter().zip(inputs).collect();
    for (state, (input, output)) in sequences.state.iter().zip(&states) {
        // With one buffer for both, nothing is handed over.
        if state.use_same_buffer_for_input_output.get() != Some(false) {
            continue;
        }
        let Some(taken) = inputs_of.get(output.value.as_str()) else { continue };
        if *taken == input.value {
            continue;
        }
        findings
            .add(output.span, format!("the server puts the state `{}` into `{taken}`, not `{}`", output.value, input.value))
            .label(input.span, "where it should go")
            .note(
                "it sorts the input names and the output names of all states, and pairs them by their places: here the \
                 two come in different orders, so that the second request of a sequence gets the wrong states",
            )
            .help("rename the tensors of the model so that both sort alike, for example `state_a` and `state_b` at the beginning of each");
    }
}
