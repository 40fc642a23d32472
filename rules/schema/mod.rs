//! Rules about fields, values and their types.

use crate::rule::Rule;
use crate::syntax::Span;

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

/// Spans of which one is looked for that lies within another.
struct Spans {
    /// Sorted by their starts, each with the least end of it and all behind it.
    least_ends: Vec<(u32, u32)>,
}

impl Spans {
    fn new(spans: impl Iterator<Item = Span>) -> Self {
        let mut least_ends: Vec<_> = spans.map(|span| (span.start, span.end)).collect();
        least_ends.sort_unstable();
        let mut least = u32::MAX;
        for (_, end) in least_ends.iter_mut().rev() {
            least = least.min(*end);
            *end = least;
        }
        Self { least_ends }
    }

    fn has_within(&self, start: u32, end: u32) -> bool {
        let first = self.least_ends.partition_point(|(other, _)| *other < start);
        self.least_ends.get(first).is_some_and(|(_, least)| *least <= end)
    }
}

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
