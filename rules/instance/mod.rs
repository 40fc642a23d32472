//! Rules about instance groups and devices.

use crate::rule::Rule;

mod gpus_without_gpu_kind;
mod invalid_profile_index;
mod negative_gpu_id;
mod only_passive_instances;
mod profile_outside_tensorrt;
mod split_instance_groups;
mod unavailable_gpu;
mod unavailable_rate_limit_resource;
mod unsupported_instance_kind;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &gpus_without_gpu_kind::RULE,
    &invalid_profile_index::RULE,
    &negative_gpu_id::RULE,
    &only_passive_instances::RULE,
    &profile_outside_tensorrt::RULE,
    &split_instance_groups::RULE,
    &unavailable_gpu::RULE,
    &unavailable_rate_limit_resource::RULE,
    &unsupported_instance_kind::RULE,
];
