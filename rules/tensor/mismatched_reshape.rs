use super::tensors;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::{Repeated, Spanned};

pub(super) static RULE: Rule = Rule {
    name: "mismatched-reshape",
    category: Category::Tensor,
    backends: &[],
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
    /// There are more elements than 64 bits can count.
    Overflow {
        /// Whether what is left of the two counts differs, which every release refuses.
        is_refused: bool,
    },
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
                let shape = of_variable_size(shape);
                let dims = if dims == 0 { "none".to_owned() } else { of_variable_size(dims) };
                format!("reshape of {tensor} has {shape} of variable size (-1), and its dims have {dims}")
            }
            Mismatch::Run { dims, shape } => format!(
                "reshape of {tensor} has {} where its dims have {}, counted between dimensions of variable size (-1)",
                elements(shape),
                elements(dims)
            ),
            Mismatch::Overflow { .. } => format!("{tensor} has more elements than 64 bits can count"),
        };
        let finding = findings.add(reshape.span, message);
        match mismatch {
            Mismatch::Scalar => finding
                .note("max_batch_size is 0, and the server allows a tensor without any dimension only inside a batch")
                .help("delete the reshape, or set max_batch_size if the model takes batches"),
            Mismatch::Overflow { is_refused } => {
                let finding = finding.help("correct the sizes");
                if is_refused || model.server().is_since(COUNTS_SINCE) {
                    finding.note("the server counts the elements of a tensor with a reshape, and refuses so many")
                } else {
                    finding.level(Level::Warning).note(format!(
                        "from release {COUNTS_SINCE} at the latest the server refuses so many; `version` under \
                         `[server]` in the settings decides"
                    ))
                }
            }
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
    let (dims, shape) = (Counts::of(dims), Counts::of(shape));
    let is_too_large = dims.is_too_large || shape.is_too_large;
    let differing = dims.of_runs.into_iter().zip(shape.of_runs).find(|(dims, shape)| dims != shape);
    match differing {
        differing if is_too_large => Some(Mismatch::Overflow { is_refused: differing.is_some() }),
        Some((dims, shape)) if in_dims == 0 => Some(Mismatch::Count { dims, shape }),
        Some((dims, shape)) => Some(Mismatch::Run { dims, shape }),
        None => None,
    }
}

/// How many elements the runs between dimensions of variable size have.
struct Counts {
    of_runs: Vec<i64>,
    is_too_large: bool,
}

impl Counts {
    /// What 64 bits cannot hold is cut off, as older releases do.
    fn of(sizes: &[i64]) -> Self {
        let mut is_too_large = false;
        let mut of_runs = Vec::new();
        for run in sizes.split(|&size| size == -1) {
            let mut count = 1_i64;
            for size in run {
                let (product, is_over) = count.overflowing_mul(*size);
                count = product;
                is_too_large |= is_over;
            }
            of_runs.push(count);
        }
        Self { of_runs, is_too_large }
    }
}

/// The first release that is known to refuse what it cannot count.
const COUNTS_SINCE: &str = "26.07";

fn elements(count: i64) -> String {
    if count == 1 { "1 element".to_owned() } else { format!("{count} elements") }
}
