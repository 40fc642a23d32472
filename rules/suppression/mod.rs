//! Rules about the comments that silence other rules. They run after those, and are told which
//! comments silenced nothing.

use crate::rule::Rule;

mod unknown_suppression;
mod unused_suppression;

/// The rules of this category.
pub static RULES: &[&Rule] = &[&unknown_suppression::RULE, &unused_suppression::RULE];
