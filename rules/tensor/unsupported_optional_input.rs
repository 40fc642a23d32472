use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unsupported-optional-input",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unsupported_optional_input.md"),
    check,
};

/// The back-ends ask in `BackendModel::ParseModelConfig` of their common repository.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(backend) = model.resolution().backend() else { return };
    if *backend == Backend::OnnxRuntime {
        batched(model, findings);
        return;
    }
    let Some(refusing) = refusing(backend) else { return };
    for input in model.config().input.iter() {
        let Some(flag) = input.optional.written().filter(|flag| flag.value) else { continue };
        let name = input.name.text().unwrap_or_default();
        let finding = findings
            .add(flag.span, format!("input `{name}` is optional, which the {refusing} back-end does not support"))
            .note("back-ends have to say that they get along without an input; this one does not, and fails to load")
            .help("leave `optional` out, and let clients send a value that stands for none");
        let field = model.tree().field_of(flag.node);
        if let Some(span) = field.and_then(|field| field_removal(model.tree(), field)) {
            finding.fix(Applicability::Unsafe, "delete `optional`", [(span, String::new())]);
        }
    }
}

/// ONNX Runtime supports them in models that do not batch (`onnxruntime_backend` `src/onnxruntime.cc`,
/// `ValidateInputs`).
fn batched(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(batch) = config.max_batch_size.written().filter(|size| size.value > 0) else { return };
    for input in config.input.iter() {
        let Some(flag) = input.optional.written().filter(|flag| flag.value) else { continue };
        let name = input.name.text().unwrap_or_default();
        findings
            .add(flag.span, format!("input `{name}` is optional, and the model supports batching"))
            .label(batch.span, "the model supports batching")
            .note("ONNX Runtime could not tell which requests of a batch left it out; the back-end fails to load the model")
            .help("leave `optional` out, or write `max_batch_size: 0` and the batch as the first of `dims`");
    }
}

/// What people call a back-end that takes no optional inputs.
fn refusing(backend: &Backend) -> Option<&'static str> {
    // The Python runtime is the Python back-end, which takes them.
    let is_python = matches!(backend, Backend::PyTorch(PyTorchRuntime::Python));
    let descriptor = backend.descriptor().filter(|descriptor| descriptor.takes_optional_inputs == Some(false))?;
    (!is_python).then_some(descriptor.title)
}
