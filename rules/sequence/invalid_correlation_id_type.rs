use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{ControlKind, DataType};

pub(super) static RULE: Rule = Rule {
    name: "invalid-correlation-id-type",
    category: Category::Sequence,
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_correlation_id_type.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    for control in sequences.control_input.iter().flat_map(|input| input.control.iter()) {
        let Some(kind) = control.kind.written().filter(|kind| kind.value == ControlKind::SequenceCorrid) else {
            continue;
        };
        let Some(data_type) = control.data_type.get().filter(|&data_type| !is_allowed(data_type)) else { continue };
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
