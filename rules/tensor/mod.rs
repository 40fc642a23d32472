//! Rules about inputs and outputs.

use crate::rule::Rule;

/// The rules of this category.
pub static RULES: &[&Rule] = &[];
