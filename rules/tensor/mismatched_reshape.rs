use super::tensors;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::{Repeated, Spanned};

pub(super) static RULE: Rule = Rule {
    name: "mismatched-reshape",
    category: Category::Tensor,
    level: Level::Error,
    fix: None,
    page: include_str!("mismatched_reshape.md"),
    check,
};

/// How a reshape does not fit the dims, in the server's order (`ValidateIOShape`).
enum Mismatch {
    /// Empty, in a model that takes no batches.
    Scalar,
    /// One of them has more elements.
    Count { dims: i64, shape: i64 },
    /// One of them has more dimensions of variable size.
    Wildcards { dims: usize, shape: usize },
    /// The sizes between two dimensions of variable size, or beside one, have another product.
    Run { dims: i64, shape: i64 },
}

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let takes_batches = match model.config().max_batch_size.get() {
        // A back-end that completes the config may find that the model takes batches.
        Some(0) if model.is_as_written() => Some(false),
        Some(max) if max > 0 => Some(true),
        _ => None,
    };
    for tensor in tensors(model) {
        let Some(reshape) = tensor.reshape.written() else { continue };
        let (Some(dims), Some(shape)) = (sizes(tensor.dims), sizes(&reshape.shape)) else { continue };
        // Without dims there is nothing to compare with yet.
        let Some(mismatch) = mismatch(&dims, &shape, takes_batches).filter(|_| !dims.is_empty()) else { continue };
        let message = match mismatch {
            Mismatch::Scalar => format!("{tensor} has an empty reshape, but the model takes no batches"),
            Mismatch::Count { dims, shape } => {
                format!("reshape of {tensor} has {}, its dims have {}", elements(shape), elements(dims))
            }
            Mismatch::Wildcards { dims, shape } => {
                let of_variable_size =
                    |count| if count == 1 { "1 dimension".to_owned() } else { format!("{count} dimensions") };
                let (shape, dims) = (of_variable_size(shape), of_variable_size(dims));
                format!("reshape of {tensor} has {shape} of variable size (-1), its dims have {dims}")
            }
            Mismatch::Run { dims, shape } => format!(
                "reshape of {tensor} has {} where its dims have {}, counted between dimensions of variable size (-1)",
                elements(shape),
                elements(dims)
            ),
        };
        let finding = findings.add(reshape.span, message);
        match mismatch {
            Mismatch::Scalar => finding
                .note("max_batch_size is 0, and the server allows a tensor without any dimension only inside a batch")
                .help("delete the reshape, or set max_batch_size if the model takes batches"),
            _ => finding
                .note(
                    "a reshape moves no data: both shapes must have the same number of elements, as many -1, and equal \
                     products between them; an empty reshape stands for one element",
                )
                .help("make dims and reshape agree; neither of them has the batch dimension in it"),
        };
    }
}

/// None if one of them could not be read or is no size, which is another rule's business.
fn sizes(sizes: &Repeated<i64>) -> Option<Vec<i64>> {
    let is_size = |size: &Spanned<i64>| size.value >= 1 || size.value == -1;
    (sizes.is_intact() && sizes.iter().all(is_size)).then(|| sizes.iter().map(|size| size.value).collect())
}

fn mismatch(dims: &[i64], shape: &[i64], takes_batches: Option<bool>) -> Option<Mismatch> {
    if shape.is_empty() && takes_batches == Some(false) {
        return Some(Mismatch::Scalar);
    }
    let wildcards = |sizes: &[i64]| sizes.iter().filter(|&&size| size == -1).count();
    let (in_dims, in_shape) = (wildcards(dims), wildcards(shape));
    if in_dims != in_shape {
        return Some(Mismatch::Wildcards { dims: in_dims, shape: in_shape });
    }
    // Releases differ in what they make of a product that is too large to count.
    let counts = |sizes: &[i64]| -> Option<Vec<i64>> {
        let product = |run: &[i64]| run.iter().try_fold(1_i64, |product, size| product.checked_mul(*size));
        sizes.split(|&size| size == -1).map(product).collect()
    };
    let differing = counts(dims)?.into_iter().zip(counts(shape)?).find(|(dims, shape)| dims != shape);
    let (dims, shape) = differing?;
    Some(if in_dims == 0 { Mismatch::Count { dims, shape } } else { Mismatch::Run { dims, shape } })
}

fn elements(count: i64) -> String {
    if count == 1 { "1 element".to_owned() } else { format!("{count} elements") }
}
