//! Rules about settings that contradict each other or have no effect.

use crate::rule::Rule;

mod ineffective_queue_timeout;
mod ineffective_ragged_batch;
mod repeated_batch_input;
mod unused_priorities;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &ineffective_queue_timeout::RULE,
    &ineffective_ragged_batch::RULE,
    &repeated_batch_input::RULE,
    &unused_priorities::RULE,
];
