//! Rules that are off unless asked for.

use crate::rule::Rule;

mod deprecated_torchscript;
mod needless_preferred_batch_size;
mod unbatched_requests;
mod variable_shapes_split_batches;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &deprecated_torchscript::RULE,
    &needless_preferred_batch_size::RULE,
    &unbatched_requests::RULE,
    &variable_shapes_split_batches::RULE,
];
