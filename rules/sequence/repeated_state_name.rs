use std::collections::HashMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "repeated-state-name",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("repeated_state_name.md"),
    check,
};

/// The states are a map by their output names (core `sequence_batch_scheduler.cc`), and by their input names
/// for each sequence (`sequence_state.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    let (mut inputs, mut outputs) = (HashMap::new(), HashMap::new());
    for state in sequences.state.iter() {
        let names =
            [(&state.value.input_name, &mut inputs, "input"), (&state.value.output_name, &mut outputs, "output")];
        for (name, seen, what) in names {
            let Some(name) = name.written() else { continue };
            let has_initial = !state.value.initial_state.is_empty();
            let Some((first, first_has_one)) = seen.insert(name.value.as_str(), (name.span, has_initial)) else {
                continue;
            };
            // The server refuses two initial states for one input, which is told as such.
            if what == "input" && has_initial && first_has_one {
                continue;
            }
            findings
                .add(name.span, format!("two states have the {what} `{}`", name.value))
                .label(first, "the first")
                .note("the server keeps one of them, and drops the other without a word at load")
                .help("give each state names of its own");
        }
    }
}
