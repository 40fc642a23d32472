use super::{Answer, known_accelerators, runs_on_gpu};
use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "conflicting-accelerators",
    category: Category::Backend,
    backends: &["tensorflow"],
    level: Level::Error,
    fix: None,
    page: include_str!("conflicting_accelerators.md"),
    check,
};

/// `tensorflow_backend` `src/tensorflow.cc`, `CreateModel`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::TensorFlow) {
        return;
    }
    let named = |name: &str| {
        let found = known_accelerators(model).find(|(_, accelerator)| accelerator.name == name);
        found.and_then(|(written, _)| written.name.written())
    };
    let (Some(tensorrt), Some(mixed)) = (named("tensorrt"), named("auto_mixed_precision")) else { return };
    let level = if runs_on_gpu(model) == Answer::Yes { Level::Error } else { Level::Warning };
    findings
        .add(mixed.span, "`auto_mixed_precision` and `tensorrt` exclude each other")
        .level(level)
        .label(tensorrt.span, "the other one")
        .note("the TensorFlow back-end takes one of the two, and with both it fails to load the model")
        .help("leave one out; TensorRT has the parameter `precision_mode`");
}
