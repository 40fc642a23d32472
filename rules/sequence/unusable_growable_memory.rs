use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "unusable-growable-memory",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("unusable_growable_memory.md"),
    check,
};

/// Core `sequence_state.cc`, `SequenceStates::Initialize`, which the batcher calls at the first request of a
/// sequence and whose error it writes to the log.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    const NOTE: &str =
        "the server writes an error to its log when the first sequence begins, and the model runs without its states";
    let config = model.config();
    let Some(sequences) = config.sequence_batching.written() else { return };
    let not_on_gpu = config.instance_group.iter().find_map(|group| {
        let kind = group.kind.written()?;
        matches!(kind.value, InstanceGroupKind::Cpu | InstanceGroupKind::Model).then_some(kind)
    });
    for state in sequences.state.iter() {
        let Some(growable) = state.use_growable_memory.written().filter(|growable| growable.value) else { continue };
        if state.use_same_buffer_for_input_output.get() == Some(false) {
            findings
                .add(growable.span, "memory that grows needs one buffer for input and output")
                .note(NOTE)
                .help("add `use_same_buffer_for_input_output: true`");
        } else if let Some(kind) = not_on_gpu {
            findings
                .add(growable.span, "memory that grows is there on GPUs only")
                .label(kind.span, "these instances are on none")
                .note(NOTE)
                .help("write KIND_GPU, or leave `use_growable_memory` out");
        }
    }
}
