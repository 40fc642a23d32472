use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "slot-utilization-out-of-range",
    category: Category::Sequence,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("slot_utilization_out_of_range.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    let Some(direct) = sequences.direct.written() else { return };
    let Some(share) = direct.minimum_slot_utilization.written() else { return };
    // Not the negated range: the server takes nan.
    if share.value < 0.0 || share.value > 1.0 {
        findings
            .add(share.span, format!("minimum_slot_utilization is {}, outside 0 to 1", share.value))
            .note("it is the fraction of the slots that must have a request before a batch goes off early")
            .help("write a fraction, such as 0.5 for half of the slots");
    }
}
