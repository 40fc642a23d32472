//! Rules about what makes a model slower or larger than it need be.

use crate::rule::Rule;

mod cache_cleaned_at_every_request;
mod disabled_graph_optimization;
mod disabled_pinned_memory;
mod few_candidate_sequences;
mod ineffective_dynamic_batching;
mod long_queue_delay;
mod many_instances;
mod overcommitted_gpu_memory;
mod oversubscribed_cpu;
mod partly_captured_batches;
mod repeated_gpu;
mod uncached_tensorrt_engines;
mod unreachable_batch_size;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &cache_cleaned_at_every_request::RULE,
    &disabled_graph_optimization::RULE,
    &disabled_pinned_memory::RULE,
    &few_candidate_sequences::RULE,
    &ineffective_dynamic_batching::RULE,
    &long_queue_delay::RULE,
    &many_instances::RULE,
    &overcommitted_gpu_memory::RULE,
    &oversubscribed_cpu::RULE,
    &partly_captured_batches::RULE,
    &repeated_gpu::RULE,
    &uncached_tensorrt_engines::RULE,
    &unreachable_batch_size::RULE,
];
