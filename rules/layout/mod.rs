//! Rules about files and folders, and what names them.

use crate::rule::Rule;

mod ambiguous_model;
mod broken_link;
mod ignored_config;
mod ignored_version_folder;
mod label_file_outside_model;
mod malformed_version_folder;
mod misnamed_config_file;
mod misnamed_model_file;
mod missing_config;
mod missing_label_file;
mod missing_version;
mod name_directory_mismatch;
mod stray_folder;
mod unreadable_model_file;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &ambiguous_model::RULE,
    &broken_link::RULE,
    &ignored_config::RULE,
    &ignored_version_folder::RULE,
    &label_file_outside_model::RULE,
    &malformed_version_folder::RULE,
    &misnamed_config_file::RULE,
    &misnamed_model_file::RULE,
    &missing_config::RULE,
    &missing_label_file::RULE,
    &missing_version::RULE,
    &name_directory_mismatch::RULE,
    &stray_folder::RULE,
    &unreadable_model_file::RULE,
];
