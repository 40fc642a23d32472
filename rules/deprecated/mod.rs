//! Rules about what newer releases no longer do.

use crate::rule::Rule;

mod removed_backend;

/// The rules of this category.
pub static RULES: &[&Rule] = &[&removed_backend::RULE];
