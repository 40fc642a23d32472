use super::tensors;
use crate::diagnostic::{Finding, Findings};
use crate::edit::removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::rules::onnx::{Declared, Loaded, Misfit, declared, loaded, shape_text};
use crate::schema::{Repeated, Spanned};

pub(super) static RULE: Rule = Rule {
    name: "batch-in-dims",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("batch_in_dims.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(batch) = model.config().max_batch_size.written().filter(|batch| batch.value > 0) else { return };
    let models = loaded(model);
    if models.is_empty() {
        by_habit(model, batch, findings);
        return;
    }
    for tensor in declared(model) {
        for loaded in &models {
            if let Some(of_model) = holds_batch(&tensor, *loaded) {
                let message = format!(
                    "dims of {} `{}` hold the batch: the model has the shape {of_model}, and max_batch_size is {}",
                    tensor.role, tensor.name, batch.value
                );
                let finding = findings.add(tensor.shape_span(), message).label(batch.span, "the model takes batches");
                let finding = finding.note(
                    "with max_batch_size above 0 the server puts the batch before dims; the model then seems to have a \
                     dimension less than the config, and the back-end fails to load it",
                );
                let applicability = loaded.is_only.then_some(Applicability::Safe);
                drop_first(model, tensor.dims, finding, applicability);
                break;
            }
        }
    }
}

/// The shape in the model, if the batch is what the config has too much.
fn holds_batch(tensor: &Declared<'_>, loaded: Loaded<'_>) -> Option<String> {
    let of_model = tensor.value(loaded.onnx)?.tensor()?;
    match tensor.misfit(of_model, true)? {
        Misfit::BatchInDims => Some(shape_text(of_model.triton_dims()?)),
        _ => None,
    }
}

fn drop_first(model: Model<'_>, dims: &Repeated<i64>, finding: Finding<'_>, applicability: Option<Applicability>) {
    let finding = finding.help("leave the first dimension out");
    let edit = dims.first().and_then(|first| removal(model.tree(), first.node));
    if let (Some(applicability), Some(span)) = (applicability, edit) {
        finding.fix(applicability, "leave the first dimension out", [(span, String::new())]);
    }
}

/// What looks as if it held the batch, where the model cannot be asked: every input and output begins so, and at
/// least one input is an image.
fn by_habit(model: Model<'_>, batch: &Spanned<i32>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_readable = model.tree().refusals() == 0 && config.input.is_intact() && config.output.is_intact();
    // DALI and ensembles take what they like.
    let is_ensemble = matches!(model.resolution().backend(), None | Some(Backend::Ensemble));
    if !is_readable || is_ensemble || config.input.is_empty() || config.output.is_empty() {
        return;
    }
    let begins_so = |dims: &Repeated<i64>| {
        dims.is_intact() && dims.len() >= 2 && dims.first().is_some_and(|first| matches!(first.value, -1 | 1))
    };
    let is_image = |dims: &Repeated<i64>| {
        let lengths: Vec<_> = dims.iter().map(|dim| dim.value).collect();
        matches!(lengths.as_slice(), [_, 1 | 3 | 4, _, _] | [_, _, _, 1 | 3 | 4])
    };
    let is_suspect = tensors(model).all(|tensor| tensor.reshape.is_absent() && begins_so(tensor.dims));
    if !is_suspect || !config.input.iter().any(|input| is_image(&input.dims)) {
        return;
    }
    for tensor in tensors(model) {
        let Some(first) = tensor.dims.first() else { continue };
        let finding = findings
            .add(first.span, format!("dims of {tensor} seem to hold the batch, and max_batch_size is {}", batch.value))
            .level(Level::Warning)
            .label(batch.span, "the model takes batches")
            .note(
                "with max_batch_size above 0 the server puts the batch before dims, so that clients have to send one \
                 dimension more than stands here; every input and output of this config begins with -1 or 1",
            );
        drop_first(model, tensor.dims, finding, Some(Applicability::Unsafe));
    }
}
