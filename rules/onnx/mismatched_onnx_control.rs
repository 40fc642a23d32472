use super::{Loaded, loaded, names, shape_text};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::Spanned;
use crate::schema::vocabulary::{ControlKind, DataType, SequenceControl};

pub(super) static RULE: Rule = Rule {
    name: "mismatched-onnx-control",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: None,
    page: include_str!("mismatched_onnx_control.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime.cc`, `ValidateBooleanSequenceControl` and
/// `ValidateTypedSequenceControl`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    let controls: Vec<_> = sequences
        .control_input
        .iter()
        .filter_map(|input| Some((input.name.written().filter(|name| !name.value.is_empty())?, input)))
        .collect();
    for loaded in loaded(model) {
        for (name, input) in &controls {
            for control in input.control.iter() {
                check_control(model, name, control, loaded, findings);
            }
        }
    }
}

fn check_control(
    model: Model<'_>,
    name: &Spanned<String>,
    control: &SequenceControl,
    loaded: Loaded<'_>,
    findings: &mut Findings<'_>,
) {
    let which = loaded.which();
    let Some(value) = loaded.onnx.input(&name.value) else {
        let inputs = names(loaded.onnx.inputs.iter().map(|value| value.name.as_str()));
        findings
            .add(name.span, format!("{which} has no input `{}` for the control", name.value))
            .note("the server makes the tensor up for every request, and the back-end wants the model to take it")
            .help(format!("name one of the model's inputs: {inputs}"));
        return;
    };
    let Some(tensor) = value.tensor() else { return };
    if let (Some(dims), Some(is_batching)) = (tensor.triton_dims(), loaded.is_batching(model)) {
        let rest = dims.get(usize::from(is_batching)..).unwrap_or_default();
        if rest != [1] {
            findings
                .add(
                    name.span,
                    format!(
                        "the control `{}` has the shape {} in {which}",
                        name.value,
                        shape_text(dims.iter().copied())
                    ),
                )
                .note(
                    "a control is one value, after the batch dimension where max_batch_size is above 0: [1] or [-1,1]",
                )
                .help("export the model with that shape");
            return;
        }
    }
    let Some(data_type) = data_type(control) else { return };
    if tensor.element.data_type() != Some(data_type) {
        let of_model = tensor.element.data_type().map_or_else(
            || tensor.element.name().unwrap_or("of an unknown type").to_owned(),
            |data_type| data_type.to_string(),
        );
        findings
            .add(name.span, format!("the control `{}` is {data_type} here, and {of_model} in {which}", name.value))
            .note("the back-end compares the two when it loads the model")
            .help("write the values for false and true, or the data_type of a correlation id, of the model's type");
    }
}

/// The type of a control; none if what says it is missing or there twice.
fn data_type(control: &SequenceControl) -> Option<DataType> {
    if control.kind.get()? == ControlKind::SequenceCorrid {
        return control.data_type.written().map(|written| written.value);
    }
    let lists = [
        (DataType::Int32, control.int32_false_true.len()),
        (DataType::Fp32, control.fp32_false_true.len()),
        (DataType::Bool, control.bool_false_true.len()),
    ];
    let written: Vec<_> = lists.into_iter().filter(|(_, length)| *length > 0).collect();
    match written.as_slice() {
        [(data_type, _)] => Some(*data_type),
        _ => None,
    }
}
