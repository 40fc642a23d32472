//! Rules about what surrounds inference: warm-up, response cache, metrics, transaction policy.

use crate::rule::Rule;

/// The rules of this category.
pub static RULES: &[&Rule] = &[];
