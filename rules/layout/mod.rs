//! Rules about files and folders, and what names them.

use crate::rule::Rule;

mod name_directory_mismatch;

/// The rules of this category.
pub static RULES: &[&Rule] = &[&name_directory_mismatch::RULE];
