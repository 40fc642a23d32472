//! Rules about what surrounds inference: warm-up, response cache, metrics, transaction policy.

use crate::rule::Rule;

mod empty_repository_agents;
mod incomplete_metric_control;
mod incomplete_warmup_input;
mod invalid_checksum;
mod invalid_metric_tag;
mod mismatched_warmup_input;
mod random_warmup_values;
mod skipped_warmup;
mod unreadable_warmup_file;
mod unsorted_histogram_buckets;
mod unsupported_response_cache;
mod warmup_batch_above_max;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &empty_repository_agents::RULE,
    &incomplete_metric_control::RULE,
    &incomplete_warmup_input::RULE,
    &invalid_checksum::RULE,
    &invalid_metric_tag::RULE,
    &mismatched_warmup_input::RULE,
    &random_warmup_values::RULE,
    &skipped_warmup::RULE,
    &unreadable_warmup_file::RULE,
    &unsorted_histogram_buckets::RULE,
    &unsupported_response_cache::RULE,
    &warmup_batch_above_max::RULE,
];
