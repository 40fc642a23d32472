//! Rules about batching and scheduling.

use crate::rule::Rule;

mod preferred_batch_size_above_max;

/// The rules of this category.
pub static RULES: &[&Rule] = &[&preferred_batch_size_above_max::RULE];
