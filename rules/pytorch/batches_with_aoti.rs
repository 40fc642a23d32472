use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "batches-with-aoti",
    category: Category::Pytorch,
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("batches_with_aoti.md"),
    check,
};

/// The back-end's README calls them unsupported; nothing checks it.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::PyTorch(PyTorchRuntime::Aoti)) {
        return;
    }
    if let Some(largest) = model.config().max_batch_size.written().filter(|largest| largest.value > 1) {
        findings
            .add(largest.span, "the platform torch_aoti does not support batches of more than one")
            .note("the model loads, and requests with larger batches get errors or wrong outputs")
            .help("write 0 or 1, or export the model as TorchScript or ONNX")
            .fix(Applicability::Unsafe, "write 1", [(largest.span, "1".to_owned())]);
    }
}
