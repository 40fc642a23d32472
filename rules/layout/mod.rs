//! Rules about files and folders, and what names them.

use crate::rule::Rule;

mod malformed_version_folder;
mod misnamed_config_file;
mod missing_label_file;
mod missing_version;
mod name_directory_mismatch;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &malformed_version_folder::RULE,
    &misnamed_config_file::RULE,
    &missing_label_file::RULE,
    &missing_version::RULE,
    &name_directory_mismatch::RULE,
];
