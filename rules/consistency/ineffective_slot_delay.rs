use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-slot-delay",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_slot_delay.md"),
    check,
};

/// The two only count together (core `sequence_batch_scheduler.cc`, `DirectSequenceBatch`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let direct = model.config().sequence_batching.written().and_then(|sequences| sequences.value.direct.written());
    let Some(direct) = direct else { return };
    let (delay, utilization) = (&direct.max_queue_delay_microseconds, &direct.minimum_slot_utilization);
    let has_utilization = utilization.get().is_none_or(|share| share > 0.0);
    if let Some(delay) = delay.written().filter(|delay| delay.value > 0 && !has_utilization) {
        findings
            .add(delay.span, "requests do not wait: any number of filled slots is enough")
            .note(if utilization.get().is_some_and(f32::is_nan) {
                "the delay is for batches below minimum_slot_utilization, and no share of slots is below `nan`, which is no number"
            } else {
                "the delay is for batches below minimum_slot_utilization, which is 0 or left out"
            })
            .help("set minimum_slot_utilization to the share of slots that are worth waiting for, or delete the delay");
    }
    let is_at_once = delay.get() == Some(0);
    if let Some(share) = utilization.written().filter(|share| share.value > 0.0 && is_at_once) {
        findings
            .add(share.span, "requests do not wait for more slots to fill: there is no delay")
            .note("max_queue_delay_microseconds says how long they would wait, and is 0 or left out")
            .help("set max_queue_delay_microseconds, or delete minimum_slot_utilization");
    }
}
