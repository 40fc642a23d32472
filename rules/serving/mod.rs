//! Rules about what surrounds inference: warm-up, response cache, metrics, transaction policy.

use crate::rule::Rule;

mod incomplete_metric_control;
mod incomplete_warmup_input;
mod invalid_checksum;
mod mismatched_warmup_input;
mod unreadable_warmup_file;
mod unsupported_response_cache;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &incomplete_metric_control::RULE,
    &incomplete_warmup_input::RULE,
    &invalid_checksum::RULE,
    &mismatched_warmup_input::RULE,
    &unreadable_warmup_file::RULE,
    &unsupported_response_cache::RULE,
];
