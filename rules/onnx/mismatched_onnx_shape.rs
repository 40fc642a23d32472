use super::{Declared, Loaded, Misfit, WrongDim, declared, loaded, shape_text};
use crate::artifact::onnx::Tensor;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "mismatched-onnx-shape",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("mismatched_onnx_shape.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime.cc`, `ValidateInputs` and `ValidateOutputs`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let declared = declared(model);
    for loaded in loaded(model) {
        let Some(is_batching) = loaded.is_batching(model) else { continue };
        for declared in &declared {
            let value = declared.value(loaded.onnx).and_then(|value| value.tensor());
            let Some(tensor) = value else { continue };
            if let Some(misfit) = declared.misfit(tensor, is_batching) {
                report(declared, tensor, misfit, is_batching, loaded, findings);
            }
        }
    }
}

fn report(
    declared: &Declared<'_>,
    tensor: &Tensor,
    misfit: Misfit,
    is_batching: bool,
    loaded: Loaded<'_>,
    findings: &mut Findings<'_>,
) {
    let (role, name, which) = (declared.role, declared.name, loaded.which());
    let written = shape_text(declared.shape().into_iter().flat_map(|shape| shape.iter().map(|dim| dim.value)));
    let of_model = shape_text(tensor.triton_dims().unwrap_or_default());
    let span = declared.shape_span();
    let note = if is_batching {
        "the back-end compares the two when it loads the model, with the batch as the first dimension"
    } else {
        "the back-end compares the two when it loads the model, and max_batch_size is 0"
    };
    match misfit {
        // Rules of their own.
        Misfit::FixedBatch | Misfit::BatchInDims => {}
        Misfit::Ragged => {
            findings
                .add(span, format!("{role} `{name}` is ragged, but has the shape {of_model} in {which}"))
                .note("the requests of a batch are strung together into one dimension: the model must have the shape [-1]")
                .help("export the model with one open dimension for this input, or leave allow_ragged_batch out");
        }
        Misfit::Scalar => {
            findings
                .add(span, format!("{role} `{name}` has the shape {written} here, and is a scalar in {which}"))
                .note("the back-end takes only `dims: [ 1 ]` for a scalar")
                .help("write `dims: [ 1 ]`");
        }
        Misfit::Rank => {
            let finding = findings
                .add(span, format!("{role} `{name}` has the shape {written} here, and {of_model} in {which}"))
                .note(note);
            let lacks_batch =
                !is_batching && tensor.triton_dims().is_some_and(|dims| dims.len() == declared.dims.len() + 1);
            let is_flat = is_batching && tensor.dims.as_ref().is_some_and(|dims| dims.len() == 1);
            if lacks_batch && loaded.onnx.supports_batching() == Some(true) {
                finding.help(
                    "set max_batch_size to what the model may take at once, or write the batch as the first of dims",
                );
            } else if is_flat {
                finding.help("write `dims: [ 1 ]` and `reshape { shape: [ ] }`: one value an item of the batch");
            } else {
                finding
                    .help("write the shape of the model, without its batch dimension where max_batch_size is above 0");
            }
        }
        Misfit::Dims(wrong) => dims(declared, &wrong, &written, &of_model, note, loaded, findings),
    }
}

fn dims(
    declared: &Declared<'_>,
    wrong: &[WrongDim],
    written: &str,
    of_model: &str,
    note: &str,
    loaded: Loaded<'_>,
    findings: &mut Findings<'_>,
) {
    let (role, name, which) = (declared.role, declared.name, loaded.which());
    let Some(shape) = declared.shape() else { return };
    let places: Vec<_> = wrong.iter().filter_map(|wrong| Some((shape.get(wrong.at)?, wrong.dim))).collect();
    let [(first, _), ..] = places.as_slice() else { return };
    // What the file leaves open in an output, ONNX Runtime may work out from the nodes.
    let is_certain = wrong.iter().any(|wrong| wrong.dim != -1);
    let mut finding = findings
        .add(first.span, format!("{role} `{name}` has the shape {written} here, and {of_model} in {which}"))
        .note(note);
    if !is_certain {
        finding = finding.level(Level::Warning).note(
            "the shape of an output has to be the very same: -1 where it is open, unless ONNX Runtime works the length out",
        );
    }
    let is_size = wrong.iter().all(|wrong| wrong.dim != 0);
    // With a reshape, dims have to change along.
    if !loaded.is_only || !is_size || !std::ptr::eq(shape, declared.dims) {
        finding.help("make the shape that of the model");
        return;
    }
    let applicability = if is_certain && wrong.iter().all(|wrong| wrong.dim != -1) {
        Applicability::Safe
    } else {
        Applicability::Unsafe
    };
    let edits: Vec<_> = places.iter().map(|(dim, meant)| (dim.span, meant.to_string())).collect();
    finding.help("write what the model has").fix(applicability, "write the shape of the model", edits);
}
