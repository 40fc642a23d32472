use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "sequences-with-aoti",
    category: Category::Pytorch,
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("sequences_with_aoti.md"),
    check,
};

/// `pytorch_backend` `src/pt2/model_instance_state.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::PyTorch(PyTorchRuntime::Aoti)) {
        return;
    }
    let Some(written) = model.config().sequence_batching.written() else { return };
    let Some(field) = model.tree().field_of(written.node) else { return };
    let finding = findings
        .add(field.name_span(), "a model of the platform torch_aoti cannot have sequences")
        .note(
            "the PyTorch back-end supports `sequence_batching` for TorchScript models only, and fails to load this one",
        )
        .help("leave `sequence_batching` out, or export the model as TorchScript");
    if let Some(span) = field_removal(model.tree(), field) {
        finding.fix(Applicability::Unsafe, "delete `sequence_batching`", [(span, String::new())]);
    }
}
