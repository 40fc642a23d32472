//! Rules about instance groups and devices.

use crate::rule::Rule;

/// The rules of this category.
pub static RULES: &[&Rule] = &[];
