//! Rules about batching and scheduling.

use crate::rule::Rule;

mod invalid_batch_strategy;
mod negative_max_batch_size;
mod nonpositive_preferred_batch_size;
mod preferred_batch_size_above_max;
mod preserved_order_conflict;
mod priority_level_out_of_range;
mod ragged_batch_without_boundaries;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &invalid_batch_strategy::RULE,
    &negative_max_batch_size::RULE,
    &nonpositive_preferred_batch_size::RULE,
    &preferred_batch_size_above_max::RULE,
    &preserved_order_conflict::RULE,
    &priority_level_out_of_range::RULE,
    &ragged_batch_without_boundaries::RULE,
];
