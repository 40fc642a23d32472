//! Rules about the PyTorch back-end.

use crate::rule::Rule;

mod ignored_pytorch_parameter;
mod invalid_boolean_parameter;
mod optimized_execution_with_dynamic_shapes;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &ignored_pytorch_parameter::RULE,
    &invalid_boolean_parameter::RULE,
    &optimized_execution_with_dynamic_shapes::RULE,
];
