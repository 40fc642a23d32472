//! Rules about the PyTorch back-end.

use crate::rule::Rule;
use crate::schema::parameter::Spelling;
use crate::schema::vocabulary::ModelConfig;

mod aoti;
mod baked_device;
mod baked_shape;
mod batches_with_aoti;
mod forward;
mod input_changed_in_place;
mod input_kept_without_copy;
mod misbound_tensor;
mod mismatched_argument_count;
mod mismatched_string_argument;
mod mismatched_traced_input;
mod missing_custom_operator;
mod optimized_execution_with_dynamic_shapes;
mod sequences_with_aoti;
mod shared_weights_with_sequences;
mod state_kept_in_module;
mod string_tensor_of_higher_rank;
mod tensor_index_out_of_range;
mod torchscript_model_without_tensors;
mod training_mode_model;
mod unindexed_sequence_tensor;
mod unloadable_pytorch_file;
mod unsupported_forward_signature;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &baked_device::RULE,
    &baked_shape::RULE,
    &batches_with_aoti::RULE,
    &input_changed_in_place::RULE,
    &input_kept_without_copy::RULE,
    &misbound_tensor::RULE,
    &mismatched_argument_count::RULE,
    &mismatched_string_argument::RULE,
    &mismatched_traced_input::RULE,
    &missing_custom_operator::RULE,
    &optimized_execution_with_dynamic_shapes::RULE,
    &sequences_with_aoti::RULE,
    &shared_weights_with_sequences::RULE,
    &state_kept_in_module::RULE,
    &string_tensor_of_higher_rank::RULE,
    &tensor_index_out_of_range::RULE,
    &torchscript_model_without_tensors::RULE,
    &training_mode_model::RULE,
    &unindexed_sequence_tensor::RULE,
    &unloadable_pytorch_file::RULE,
    &unsupported_forward_signature::RULE,
];

/// A switch among the parameters, if it is there and a boolean.
fn parameter(config: &ModelConfig, key: &str) -> Option<bool> {
    let value = config.parameters.get(key)?.value.written()?;
    Spelling::COMMON.read(value.value.string_value.text()?)
}
