//! Rules about how an ensemble puts models together.

use crate::rule::Rule;

mod missing_step_model;
mod unproduced_ensemble_tensor;

/// The rules of this category.
pub static RULES: &[&Rule] = &[&missing_step_model::RULE, &unproduced_ensemble_tensor::RULE];
