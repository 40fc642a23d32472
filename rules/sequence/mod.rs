//! Rules about sequences and their state.

use crate::rule::Rule;

mod invalid_control_values;
mod invalid_correlation_id_type;
mod invalid_initial_state;
mod repeated_sequence_control;
mod slot_utilization_out_of_range;
mod unnamed_control_input;
mod unreadable_initial_state_file;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &invalid_control_values::RULE,
    &invalid_correlation_id_type::RULE,
    &invalid_initial_state::RULE,
    &repeated_sequence_control::RULE,
    &slot_utilization_out_of_range::RULE,
    &unnamed_control_input::RULE,
    &unreadable_initial_state_file::RULE,
];
