use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unreachable-batch-size",
    category: Category::Performance,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("unreachable_batch_size.md"),
    check,
};

/// See `GetDynamicBatch` of core's `dynamic_batch_scheduler.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // The sizes of a plan come from its optimization profiles.
    if matches!(model.resolution().backend(), None | Some(Backend::TensorRt)) {
        return;
    }
    let config = model.config();
    let Some(batching) = config.dynamic_batching.written() else { return };
    let sizes = &batching.preferred_batch_size;
    let has_delay = batching.max_queue_delay_microseconds.get() != Some(0);
    if has_delay || !sizes.is_intact() {
        return;
    }
    let Some(largest) = sizes.iter().max_by_key(|size| size.value) else { return };
    let Some(max) = config.max_batch_size.written().filter(|max| largest.value > 0 && largest.value < max.value) else {
        return;
    };
    findings
        .add(
            largest.span,
            format!(
                "requests are never put together to batches above {}, though max_batch_size is {}",
                largest.value, max.value
            ),
        )
        .label(max.span, "the largest batch")
        .note(
            "without max_queue_delay_microseconds the scheduler takes the largest preferred size that it can fill and \
             leaves the other requests waiting",
        )
        .help(format!(
            "delete preferred_batch_size, which most models do best without, or add {} to it; if {} is as much as the \
             model should take, let max_batch_size say so",
            max.value, largest.value
        ));
}
