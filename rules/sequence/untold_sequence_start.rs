use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::ControlKind;

pub(super) static RULE: Rule = Rule {
    name: "untold-sequence-start",
    category: Category::Sequence,
    backends: &["onnxruntime", "openvino", "pytorch", "tensorflow", "tensorrt"],
    level: Level::Warning,
    fix: None,
    page: include_str!("untold_sequence_start.md"),
    check,
};

/// The batcher gives a slot to the next sequence as soon as one ends; only a control tells the model.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    let sees_tensors_only = matches!(
        model.resolution().backend(),
        Some(
            Backend::OnnxRuntime
                | Backend::TensorRt
                | Backend::TensorFlow
                | Backend::OpenVino
                | Backend::PyTorch(PyTorchRuntime::TorchScript)
        )
    );
    let is_initialized =
        !sequences.state.is_empty() && sequences.state.iter().all(|state| !state.initial_state.is_empty());
    if !sees_tensors_only || is_initialized || !sequences.control_input.is_intact() || !sequences.state.is_intact() {
        return;
    }
    let mut controls = sequences.control_input.iter().flat_map(|input| input.value.control.iter());
    let tells = |kind: Option<ControlKind>| {
        matches!(kind, None | Some(ControlKind::SequenceStart | ControlKind::SequenceCorrid))
    };
    if controls.any(|control| tells(control.kind.get())) {
        return;
    }
    let Some(field) = model.tree().field_of(sequences.node) else { return };
    findings
        .add(field.name_span(), "the model is not told where a sequence begins")
        .note("it goes on with what it kept of the sequence before, which may be another client's")
        .help(
            "add a `control_input` of the kind CONTROL_SEQUENCE_START, or an `initial_state` if the server keeps the \
             state",
        );
}
