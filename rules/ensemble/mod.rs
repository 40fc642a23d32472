//! Rules about how an ensemble puts models together.

use crate::rule::Rule;

mod ambiguous_ensemble_tensor;
mod batch_size_above_step_model;
mod cached_sequences;
mod circular_ensemble;
mod ensemble_with_backend;
mod ensemble_without_steps;
mod field_of_step_model;
mod incomplete_ensemble_step;
mod inconsistent_ensemble_tensor;
mod joined_decoupled_steps;
mod missing_step_model;
mod overwritten_ensemble_input;
mod refused_step_model;
mod unavailable_step_version;
mod unknown_step_tensor;
mod unmapped_step_input;
mod unproduced_ensemble_tensor;
mod unused_ensemble_tensor;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &ambiguous_ensemble_tensor::RULE,
    &batch_size_above_step_model::RULE,
    &cached_sequences::RULE,
    &circular_ensemble::RULE,
    &ensemble_with_backend::RULE,
    &ensemble_without_steps::RULE,
    &field_of_step_model::RULE,
    &incomplete_ensemble_step::RULE,
    &inconsistent_ensemble_tensor::RULE,
    &joined_decoupled_steps::RULE,
    &missing_step_model::RULE,
    &overwritten_ensemble_input::RULE,
    &refused_step_model::RULE,
    &unavailable_step_version::RULE,
    &unknown_step_tensor::RULE,
    &unmapped_step_input::RULE,
    &unproduced_ensemble_tensor::RULE,
    &unused_ensemble_tensor::RULE,
];
