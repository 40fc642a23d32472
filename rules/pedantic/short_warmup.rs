use crate::diagnostic::Findings;
use crate::edit::{NewValue, set_field};
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "short-warmup",
    category: Category::Pedantic,
    backends: &["pytorch"],
    level: Level::Info,
    fix: Some(Applicability::Unsafe),
    page: include_str!("short_warmup.md"),
    check,
};

/// libtorch profiles the first call of a shape and compiles at the second (`profiling_graph_executor_impl.cpp`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_torchscript = model.is_torchscript();
    let is_optimized = model.parameter("DISABLE_OPTIMIZED_EXECUTION").is_none();
    if !is_torchscript || !is_optimized || !config.model_warmup.is_intact() {
        return;
    }
    // Samples of one batch size may well have one shape.
    let mut runs: BTreeMap<u32, u64> = BTreeMap::new();
    for sample in config.model_warmup.iter() {
        let (Some(size), Some(count)) = (sample.batch_size.get(), sample.count.get()) else { return };
        *runs.entry(size).or_default() += u64::from(count.max(1));
    }
    for sample in config.model_warmup.iter() {
        let Some(size) = sample.batch_size.get() else { continue };
        if runs.get(&size) == Some(&1) {
            let finding = findings
                .add(sample.span, "the sample is run once, and TorchScript compiles a model when it runs again")
                .note("so the first request of that shape still waits for the compiler")
                .help("write `count: 3`");
            let message = model.tree().message(sample.node);
            if let Some(edit) = message.and_then(|message| set_field(message, "count", &NewValue::Scalar("3"))) {
                finding.fix(Applicability::Unsafe, "write `count: 3`", [edit]);
            }
        }
    }
}
