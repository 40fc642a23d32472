//! The rules: two files each, the logic and the page that documents and tests it.
//!
//! A new rule is a `.rs` and a `.md` file in the folder of its category, its `mod` line there, and its
//! line in that folder's list.

use crate::rule::Rule;

pub mod backend;
pub mod batching;
pub mod consistency;
mod data_file;
pub mod deprecated;
pub mod ensemble;
pub mod instance;
pub mod layout;
pub mod onnx;
pub mod pedantic;
pub mod performance;
pub mod python;
pub mod pytorch;
pub mod schema;
pub mod security;
pub mod sequence;
pub mod serving;
pub mod style;
pub mod suppression;
pub mod syntax;
pub mod tensor;

/// Every rule, by category.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    let categories = [
        syntax::RULES,
        schema::RULES,
        layout::RULES,
        backend::RULES,
        tensor::RULES,
        batching::RULES,
        sequence::RULES,
        instance::RULES,
        serving::RULES,
        ensemble::RULES,
        pytorch::RULES,
        onnx::RULES,
        python::RULES,
        consistency::RULES,
        performance::RULES,
        deprecated::RULES,
        security::RULES,
        style::RULES,
        pedantic::RULES,
        suppression::RULES,
    ];
    categories.concat()
}

/// The rule of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    all().into_iter().find(|rule| rule.name == name)
}
