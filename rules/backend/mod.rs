//! Rules about which back-end runs a model.

use crate::rule::Rule;

mod escaping_runtime;
mod platform_of_another_backend;
mod undetermined_backend;
mod unknown_backend;
mod unknown_platform;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &escaping_runtime::RULE,
    &platform_of_another_backend::RULE,
    &undetermined_backend::RULE,
    &unknown_backend::RULE,
    &unknown_platform::RULE,
];
