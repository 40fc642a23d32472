//! Rules about what reads worse than it might, and means the same to the server. Off unless asked for.

use crate::rule::Rule;

mod enum_value_by_number;
mod platform_in_place_of_backend;

/// The rules of this category.
pub static RULES: &[&Rule] = &[&enum_value_by_number::RULE, &platform_in_place_of_backend::RULE];
