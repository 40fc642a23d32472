use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ignored-model-operations",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ignored_model_operations.md"),
    check,
};

/// ONNX Runtime and TensorFlow register the libraries with their frameworks; others do not look.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(operations) = model.config().model_operations.written() else { return };
    let Some(backend) = model.resolution().backend() else { return };
    if matches!(backend, Backend::OnnxRuntime | Backend::TensorFlow | Backend::Ensemble) {
        return;
    }
    // Back-ends of one's own read what they like.
    let Some(descriptor) = backend.descriptor() else { return };
    let Some(field) = model.tree().field_of(operations.node) else { return };
    findings
        .add(field.name_span(), format!("the {} back-end reads no `model_operations`", descriptor.title))
        .note("only ONNX Runtime and TensorFlow load libraries of operators for one model")
        .help("preload the library with LD_PRELOAD when the server starts, and leave `model_operations` out");
}
