use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "warmup-batch-above-max",
    category: Category::Serving,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("warmup_batch_above_max.md"),
    check,
};

/// The core makes as many requests as the batch size says and runs them together, without comparing it
/// (`GenerateWarmupData` of `backend_model_instance.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let max = &model.config().max_batch_size;
    // Auto-complete may raise it.
    let Some(limit) = max.get().filter(|limit| *limit >= 0 && (*limit > 0 || model.is_as_written())) else { return };
    for sample in model.config().model_warmup.iter() {
        let largest = u32::try_from(limit.max(1)).unwrap_or_default();
        let Some(size) = sample.batch_size.written().filter(|size| size.value > largest) else { continue };
        let finding = findings
            .add(size.span, format!("the warm-up sample is a batch of {}, and max_batch_size is {limit}", size.value));
        let finding = match max.written() {
            Some(written) => finding.label(written.span, "the largest batch"),
            None => finding,
        };
        finding
            .note("the server runs it all the same: no request can be like it, and the back-end may refuse to load the model")
            .help("use a batch size that requests can have")
            .fix(Applicability::Unsafe, format!("write {largest}"), [(size.span, largest.to_string())]);
    }
}
