use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::DataType;
use crate::schema::{Repeated, Singular};

pub(super) static RULE: Rule = Rule {
    name: "partly-read-data-file",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("partly_read_data_file.md"),
    check,
};

/// Core `backend_model_instance.cc`, `GenerateWarmupData`, and `sequence_batch_scheduler.cc`,
/// `GenerateInitialStateData`: what is behind the bytes of the tensor is not looked at.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let samples = config.model_warmup.iter().flat_map(|sample| sample.value.inputs.in_force());
    let inputs = samples.filter_map(|input| input.value.written());
    for input in inputs {
        check_file(model, "warmup", &input.input_data_file, &input.data_type, &input.dims, findings);
    }
    let states = config.sequence_batching.written().into_iter().flat_map(|sequences| sequences.value.state.iter());
    for initial in states.flat_map(|state| state.value.initial_state.iter()) {
        check_file(model, "initial_state", &initial.data_file, &initial.data_type, &initial.dims, findings);
    }
}

fn check_file(
    model: Model<'_>,
    folder: &str,
    file: &Singular<String>,
    data_type: &Singular<DataType>,
    dims: &Repeated<i64>,
    findings: &mut Findings<'_>,
) {
    let (Some(name), Some(data_type)) = (file.written(), data_type.get()) else { return };
    let Some((size, read)) = model.data_file_excess(folder, &name.value, data_type, dims) else { return };
    findings
        .add(name.span, format!("of the {size} bytes of `{folder}/{}` {read} are read", name.value))
        .note("the server takes as many bytes as the tensor has, and does not look at what is behind them")
        .help("correct `data_type` and `dims`, or the file");
}
