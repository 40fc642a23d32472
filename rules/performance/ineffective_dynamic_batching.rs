use crate::diagnostic::Findings;
use crate::model::{Backend, Completion, Model};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{ModelConfig, ModelDynamicBatching, ModelQueuePolicy};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-dynamic-batching",
    category: Category::Performance,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_dynamic_batching.md"),
    check,
};

/// The scheduler's limit is `max(1, max_batch_size)` (core `dynamic_batch_scheduler.cc`, constructor).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(batching) = config.dynamic_batching.written() else { return };
    let Some(max) = config.max_batch_size.get().filter(|max| (0..=1).contains(max)) else { return };
    if may_be_raised(model, max) || is_used_as_queue(batching) || !batching.preferred_batch_size.is_empty() {
        return;
    }
    let Some(field) = model.tree().field_of(batching.node) else { return };
    let finding =
        findings.add(field.name_span(), "dynamic_batching without batches: each request is run by itself".to_owned());
    let finding = match config.max_batch_size.written() {
        Some(written) => finding.label(written.span, "the largest batch"),
        None => finding.note("max_batch_size is left out, which means 0: the model takes no batches"),
    };
    finding.note("the scheduler adds a queue and a thread, and never puts two requests together").help(
        "raise max_batch_size if the model takes batches, and leave the batch out of its dims; else delete the block",
    );
}

/// Whether auto-complete may put a larger value in the place of this one.
fn may_be_raised(model: Model<'_>, max: i32) -> bool {
    let config = model.config();
    match model.completion() {
        Completion::None => false,
        // With its tensors written, the ONNX Runtime back-end completes nothing.
        Completion::OfWhatIsLeftOut if model.resolution().backend() == Some(&Backend::OnnxRuntime) => {
            max == 0 && !has_tensors(config)
        }
        Completion::OfWhatIsLeftOut => max == 0,
        Completion::Larger | Completion::Unknown => true,
    }
}

fn has_tensors(config: &ModelConfig) -> bool {
    !config.input.is_empty() && !config.output.is_empty()
}

/// Whether the block limits, times out or ranks requests, which it does without batches too.
fn is_used_as_queue(batching: &ModelDynamicBatching) -> bool {
    let limits = |policy: &ModelQueuePolicy| {
        policy.max_queue_size.get() != Some(0) || policy.default_timeout_microseconds.get() != Some(0)
    };
    batching.default_queue_policy.written().is_some_and(|policy| limits(policy))
        || batching.priority_levels.get() != Some(0)
        || !batching.priority_queue_policy.entries().is_empty()
        || batching.preserve_ordering.get() == Some(true)
}
