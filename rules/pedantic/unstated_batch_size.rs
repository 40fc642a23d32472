use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "unstated-batch-size",
    category: Category::Pedantic,
    backends: &["onnxruntime", "openvino", "tensorflow", "tensorrt"],
    level: Level::Info,
    fix: None,
    page: include_str!("unstated_batch_size.md"),
    check,
};

/// The back-ends raise it to `default-max-batch-size`, and core adds a scheduler (`backend_model.cc`,
/// `UpdateModelConfig`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let raises = matches!(
        model.resolution().backend(),
        Some(Backend::OnnxRuntime | Backend::TensorRt | Backend::OpenVino | Backend::TensorFlow)
    );
    if !raises || !model.server().auto_complete_config || model.file().is_none() || !config.max_batch_size.is_absent() {
        return;
    }
    // With tensors written, the back-ends leave it at 0.
    if config.input.is_empty() && config.output.is_empty() && config.input.is_intact() && config.output.is_intact() {
        findings
            .add(Span::empty(0), "`max_batch_size` is left out, and auto-complete decides")
            .note(
                "if the model's file allows batches it becomes 4, or what the server was told, and requests are merged",
            )
            .help("write `max_batch_size`, with 0 for a model without batches");
    }
}
