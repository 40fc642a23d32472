use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{ControlKind, DataType, SequenceControl};

pub(super) static RULE: Rule = Rule {
    name: "invalid-correlation-id-type",
    category: Category::Sequence,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_correlation_id_type.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    let is_torchscript = model.is_torchscript();
    for control in sequences.control_input.iter().flat_map(|input| input.control.iter()) {
        let Some(kind) = control.kind.written().filter(|kind| kind.value == ControlKind::SequenceCorrid) else {
            continue;
        };
        let Some(data_type) = control.data_type.get() else { continue };
        if is_allowed(data_type) {
            if is_torchscript && !is_torch_type(data_type) {
                torchscript(control, data_type, findings);
            }
            continue;
        }
        let finding = match control.data_type.written() {
            Some(written) => findings.add(written.span, format!("a correlation id cannot be {data_type}")),
            None => findings.add(kind.span, "CONTROL_SEQUENCE_CORRID has no data_type"),
        };
        finding
            .note("the server takes TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32 and TYPE_STRING, and no default")
            .help("write the one that the model's tensor has; clients have to send ids that fit it");
    }
}

fn is_allowed(data_type: DataType) -> bool {
    matches!(data_type, DataType::Uint64 | DataType::Int64 | DataType::Uint32 | DataType::Int32 | DataType::String)
}

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `ValidateTypedSequenceControl`.
fn torchscript(control: &SequenceControl, data_type: DataType, findings: &mut Findings<'_>) {
    let Some(written) = control.data_type.written() else { return };
    findings
        .add(written.span, format!("a correlation id of a TorchScript model cannot be {data_type}"))
        .note("the PyTorch back-end has no such tensors, and fails to load the model")
        .help("write TYPE_INT64 or TYPE_INT32; clients have to send ids that fit it");
}

fn is_torch_type(data_type: DataType) -> bool {
    matches!(data_type, DataType::Int64 | DataType::Int32)
}
