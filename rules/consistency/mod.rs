//! Rules about settings that contradict each other or have no effect.

use crate::rule::Rule;

mod conflicting_process_settings;
mod ignored_by_ensemble;
mod ignored_model_operations;
mod ignored_optimization;
mod ignored_secondary_device;
mod ineffective_data_flag;
mod ineffective_gpus;
mod ineffective_instance_count;
mod ineffective_queue_timeout;
mod ineffective_ragged_batch;
mod ineffective_rate_limit;
mod ineffective_reshape;
mod ineffective_slot_delay;
mod ineffective_thread_count;
mod partly_read_data_file;
mod repeated_batch_input;
mod shared_engine_cache;
mod unavailable_response_cache;
mod unknown_metric_family;
mod unused_priorities;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &conflicting_process_settings::RULE,
    &ignored_by_ensemble::RULE,
    &ignored_model_operations::RULE,
    &ignored_optimization::RULE,
    &ignored_secondary_device::RULE,
    &ineffective_data_flag::RULE,
    &ineffective_gpus::RULE,
    &ineffective_instance_count::RULE,
    &ineffective_queue_timeout::RULE,
    &ineffective_ragged_batch::RULE,
    &ineffective_rate_limit::RULE,
    &ineffective_reshape::RULE,
    &ineffective_slot_delay::RULE,
    &ineffective_thread_count::RULE,
    &partly_read_data_file::RULE,
    &repeated_batch_input::RULE,
    &shared_engine_cache::RULE,
    &unavailable_response_cache::RULE,
    &unknown_metric_family::RULE,
    &unused_priorities::RULE,
];
