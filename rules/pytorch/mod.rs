//! Rules about the PyTorch back-end.

use crate::rule::Rule;

mod optimized_execution_with_dynamic_shapes;
mod sequences_with_aoti;
mod string_tensor_of_higher_rank;
mod torchscript_model_without_tensors;
mod unindexed_sequence_tensor;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &optimized_execution_with_dynamic_shapes::RULE,
    &sequences_with_aoti::RULE,
    &string_tensor_of_higher_rank::RULE,
    &torchscript_model_without_tensors::RULE,
    &unindexed_sequence_tensor::RULE,
];
