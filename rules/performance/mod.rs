//! Rules about what makes a model slower or larger than it need be.

use crate::rule::Rule;

mod ineffective_dynamic_batching;
mod long_queue_delay;
mod unreachable_batch_size;

/// The rules of this category.
pub static RULES: &[&Rule] =
    &[&ineffective_dynamic_batching::RULE, &long_queue_delay::RULE, &unreachable_batch_size::RULE];
