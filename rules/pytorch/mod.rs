//! Rules about the PyTorch back-end.

use crate::rule::Rule;

mod batches_with_aoti;
mod conflicting_process_settings;
mod optimized_execution_with_dynamic_shapes;
mod sequences_with_aoti;
mod shared_weights_with_sequences;
mod string_tensor_of_higher_rank;
mod torchscript_model_without_tensors;
mod unindexed_sequence_tensor;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &batches_with_aoti::RULE,
    &conflicting_process_settings::RULE,
    &optimized_execution_with_dynamic_shapes::RULE,
    &sequences_with_aoti::RULE,
    &shared_weights_with_sequences::RULE,
    &string_tensor_of_higher_rank::RULE,
    &torchscript_model_without_tensors::RULE,
    &unindexed_sequence_tensor::RULE,
];
