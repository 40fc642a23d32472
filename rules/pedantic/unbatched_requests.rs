use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unbatched-requests",
    category: Category::Pedantic,
    backends: &[],
    level: Level::Info,
    fix: None,
    page: include_str!("unbatched_requests.md"),
    check,
};

/// See `SetConfiguredScheduler` of core's `model.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let has_scheduler = !config.dynamic_batching.is_absent()
        || !config.sequence_batching.is_absent()
        || !config.ensemble_scheduling.is_absent();
    let is_ensemble = model.resolution().backend() == Some(&Backend::Ensemble);
    if has_scheduler || is_ensemble || !model.is_as_written() {
        return;
    }
    if let Some(max) = config.max_batch_size.written().filter(|max| max.value > 1) {
        findings
            .add(max.span, "the model takes batches, and the server never puts requests together into one")
            .note("there is no scheduler that does: each request is run as it comes, in the batch that it brings")
            .help("add `dynamic_batching { }`, unless clients send full batches");
    }
}
