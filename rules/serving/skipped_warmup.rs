use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "skipped-warmup",
    category: Category::Serving,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("skipped_warmup.md"),
    check,
};

/// See `GenerateWarmupData` of core's `backend_model_instance.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for sample in model.config().model_warmup.iter() {
        if sample.batch_size.get() != Some(0) {
            continue;
        }
        let name = sample.name.text().unwrap_or_default();
        let span = sample.batch_size.written().map_or(sample.span, |size| size.span);
        findings
            .add(span, format!("the warm-up sample `{name}` is never run: it has no batch size"))
            .note("a batch_size of 0, which is also what one left out means, makes the server skip the sample")
            .help("write `batch_size: 1`, also for a model that takes no batches");
    }
}
