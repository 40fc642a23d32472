use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "shrunken-initial-state",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("shrunken_initial_state.md"),
    check,
};

/// Core `sequence_state.cc`, `SequenceStates::Initialize`: the shape comes from the dims of the state, with 1 in
/// place of each -1, and of the initial state only the bytes are taken.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    for state in sequences.state.iter() {
        let [initial] = &*state.initial_state else { continue };
        if !state.dims.is_intact() || !initial.dims.is_intact() || state.dims.len() != initial.dims.len() {
            continue;
        }
        let open = state.dims.iter().zip(initial.dims.iter()).filter(|(of_state, _)| of_state.value == -1);
        for (of_state, of_initial) in open.filter(|(_, of_initial)| of_initial.value > 1) {
            findings
                .add(of_initial.span, format!("the first request of a sequence sees 1 here, not {}", of_initial.value))
                .label(of_state.span, "the dimension of the state is open")
                .note("the server takes the contents of the initial state, and the shape from the state, with 1 for each -1")
                .help("write the size into the dims of the state, or let the model begin with a state of size 1");
        }
    }
}
