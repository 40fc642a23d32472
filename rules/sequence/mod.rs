//! Rules about sequences and their state.

use std::collections::HashMap;

use crate::rule::Rule;
use crate::schema::Spanned;
use crate::schema::vocabulary::ModelConfig;

mod control_also_input;
mod invalid_control_values;
mod invalid_correlation_id_type;
mod invalid_initial_state;
mod repeated_sequence_control;
mod repeated_state_name;
mod short_sequence_idle;
mod shrunken_initial_state;
mod slot_utilization_out_of_range;
mod state_also_input;
mod swapped_states;
mod uninitialized_state;
mod unnamed_control_input;
mod unreadable_initial_state_file;
mod untold_sequence_start;
mod untyped_state;
mod unusable_growable_memory;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &control_also_input::RULE,
    &invalid_control_values::RULE,
    &invalid_correlation_id_type::RULE,
    &invalid_initial_state::RULE,
    &repeated_sequence_control::RULE,
    &repeated_state_name::RULE,
    &short_sequence_idle::RULE,
    &shrunken_initial_state::RULE,
    &slot_utilization_out_of_range::RULE,
    &state_also_input::RULE,
    &swapped_states::RULE,
    &uninitialized_state::RULE,
    &unnamed_control_input::RULE,
    &unreadable_initial_state_file::RULE,
    &untold_sequence_start::RULE,
    &untyped_state::RULE,
    &unusable_growable_memory::RULE,
];

/// The first input of each name.
fn inputs_by_name(config: &ModelConfig) -> HashMap<&str, &Spanned<String>> {
    let mut inputs = HashMap::new();
    for name in config.input.iter().filter_map(|input| input.name.written()) {
        inputs.entry(name.value.as_str()).or_insert(name);
    }
    inputs
}
