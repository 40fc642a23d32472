//! Rules about the text of a config, whatever it means.

use crate::rule::Rule;

mod foreign_comment;
mod invalid_syntax;
mod json;
mod merge_conflict;
mod unfilled_template;
mod wrong_encoding;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &foreign_comment::RULE,
    &invalid_syntax::RULE,
    &merge_conflict::RULE,
    &unfilled_template::RULE,
    &wrong_encoding::RULE,
];
