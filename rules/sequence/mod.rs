//! Rules about sequences and their state.

use crate::rule::Rule;

/// The rules of this category.
pub static RULES: &[&Rule] = &[];
