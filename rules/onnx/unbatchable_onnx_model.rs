use super::{Declared, Loaded, Misfit, declared, loaded, shape_text};
use crate::artifact::onnx::Tensor;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "unbatchable-onnx-model",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unbatchable_onnx_model.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime.cc`, `AutoCompleteMaxBatch`, and `src/onnxruntime_utils.cc`,
/// `CompareDimsSupported`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(batch) = model.config().max_batch_size.written().filter(|batch| batch.value > 0) else { return };
    let declared = declared(model);
    for loaded in loaded(model) {
        let tensors: Vec<_> =
            declared.iter().filter_map(|declared| Some((declared, declared.value(loaded.onnx)?.tensor()?))).collect();
        let fixed = tensors.iter().find(|(declared, tensor)| is_fixed(declared, tensor));
        let is_completed = super::is_completed(model) && loaded.onnx.supports_batching() == Some(false);
        let message = match fixed {
            Some((declared, tensor)) => format!(
                "{} takes no batches: {} `{}` has the shape {}",
                loaded.which(),
                declared.role,
                declared.name,
                shape_text(tensor.triton_dims().unwrap_or_default())
            ),
            None if is_completed => {
                format!("{} takes no batches: not every input and output begins with an open dimension", loaded.which())
            }
            None => continue,
        };
        let finding = findings
            .add(batch.span, message)
            .note(
                "with max_batch_size above 0 the first dimension of every input and output is that of the batch, and \
                 the model has to leave its length open; the back-end fails to load it otherwise",
            )
            .help("export the model with an open first dimension (`dynamic_axes` or `dynamic_shapes`), or write 0");
        if let Some(edits) = without_batches(model, loaded, &declared, &tensors) {
            let all = std::iter::once((batch.span, "0".to_owned())).chain(edits);
            finding.fix(Applicability::Unsafe, "write 0, and the first dimension with the others", all);
        }
    }
}

fn is_fixed(declared: &Declared<'_>, tensor: &Tensor) -> bool {
    matches!(declared.misfit(tensor, true), Some(Misfit::FixedBatch))
}

/// The edits that put the first dimension of the model before the dims of each tensor. None if what the config
/// says would not fit even then, or goes on about batches.
fn without_batches(
    model: Model<'_>,
    loaded: Loaded<'_>,
    declared: &[Declared<'_>],
    tensors: &[(&Declared<'_>, &Tensor)],
) -> Option<Vec<(Span, String)>> {
    let config = model.config();
    let is_simple = config.sequence_batching.is_absent()
        && config.dynamic_batching.written().is_none_or(|batching| batching.preferred_batch_size.is_empty())
        && config.model_warmup.is_empty()
        && config.batch_input.is_empty()
        && config.batch_output.is_empty();
    if !is_simple || !loaded.is_only || tensors.len() != declared.len() {
        return None;
    }
    let edits = tensors.iter().map(|(declared, tensor)| before_dims(declared, tensor));
    Some(edits.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
}

/// The edit for one tensor: none if the first dimension is there already. None at all if nothing makes it fit.
#[allow(clippy::option_option, reason = "whether there is a way, and whether it takes an edit")]
fn before_dims(declared: &Declared<'_>, tensor: &Tensor) -> Option<Option<(Span, String)>> {
    let (dims, shape) = (tensor.triton_dims()?, declared.shape()?);
    let is_shape = |dims: &[i64]| dims.iter().eq(shape.iter().map(|dim| &dim.value));
    if is_shape(&dims) {
        return Some(None);
    }
    let (batch, rest) = dims.split_first()?;
    let fits = std::ptr::eq(shape, declared.dims) && is_shape(rest);
    let first = declared.dims.first().filter(|_| fits && *batch != 0)?;
    Some(Some((Span::empty(first.span.start), format!("{batch}, "))))
}
