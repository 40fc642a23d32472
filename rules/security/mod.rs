//! Rules about what opens the server to others.

use crate::rule::Rule;

mod file_outside_model;
mod unnamed_library;

/// The rules of this category.
pub static RULES: &[&Rule] = &[&file_outside_model::RULE, &unnamed_library::RULE];
