//! Rules that are off unless asked for.

use crate::rule::Rule;

mod deprecated_torchscript;
mod exhaustive_convolution_search;
mod inputs_copied_to_cpu;
mod needless_preferred_batch_size;
mod pinned_step_version;
mod redundant_name;
mod short_warmup;
mod unbatched_requests;
mod unshared_weights;
mod unspecified_instance_kind;
mod unstated_batch_size;
mod variable_shapes_split_batches;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &deprecated_torchscript::RULE,
    &exhaustive_convolution_search::RULE,
    &inputs_copied_to_cpu::RULE,
    &needless_preferred_batch_size::RULE,
    &pinned_step_version::RULE,
    &redundant_name::RULE,
    &short_warmup::RULE,
    &unbatched_requests::RULE,
    &unshared_weights::RULE,
    &unspecified_instance_kind::RULE,
    &unstated_batch_size::RULE,
    &variable_shapes_split_batches::RULE,
];
