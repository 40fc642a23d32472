//! Rules about fields, values and their types.

use crate::rule::Rule;

mod conflicting_fields;
mod duplicate_field;
mod duplicate_map_key;
mod field_of_newer_release;
mod garbled_string;
mod integer_out_of_range;
mod octal_number;
mod unknown_enum_value;
mod unknown_field;
mod wrong_value_type;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &conflicting_fields::RULE,
    &duplicate_field::RULE,
    &duplicate_map_key::RULE,
    &field_of_newer_release::RULE,
    &garbled_string::RULE,
    &integer_out_of_range::RULE,
    &octal_number::RULE,
    &unknown_enum_value::RULE,
    &unknown_field::RULE,
    &wrong_value_type::RULE,
];
