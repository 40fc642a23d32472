//! What the value of a parameter may be. It is always a text; back-ends read it in ways of their own.

use std::fmt;

/// What the value of a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// On or off.
    Boolean(&'static Spelling),
    /// A whole number that begins the text, as C++ `std::stoi` reads it: what follows is dropped.
    Integer {
        /// The least value.
        least: i64,
        /// The largest value.
        most: i64,
    },
    /// A whole number and nothing else but blanks around it, as Python's `int` reads it.
    WholeInteger,
    /// Digits and nothing else, or one of the words in any case.
    Digits {
        /// What may stand in place of a number.
        words: &'static [&'static str],
    },
    /// A decimal number that begins the text.
    Number,
    /// One of these texts.
    Choice {
        /// The texts.
        values: &'static [&'static str],
        /// Whether case does not matter.
        any_case: bool,
    },
    /// A list.
    List {
        /// What stands between its items.
        separator: char,
        /// What its items are.
        of: &'static str,
    },
    /// A JSON object.
    Json,
    /// A path.
    Path,
    /// Any text.
    Text,
}

/// How a boolean is spelt.
#[derive(Debug, PartialEq, Eq)]
pub struct Spelling {
    /// Texts for on; the first is the usual one.
    pub on: &'static [&'static str],
    /// Texts for off; the first is the usual one.
    pub off: &'static [&'static str],
    /// Whether case does not matter.
    pub any_case: bool,
}

impl Spelling {
    /// What most back-ends take (`ParseBoolValue` of the back-end repository's `backend_common.cc`).
    pub const COMMON: &'static Self = &Self { on: &["true", "on", "1"], off: &["false", "off", "0"], any_case: true };

    /// The value that a text has.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<bool> {
        let is_among = |words: &[&str]| {
            words.iter().any(|word| if self.any_case { word.eq_ignore_ascii_case(text) } else { *word == text })
        };
        if is_among(self.on) { Some(true) } else { is_among(self.off).then_some(false) }
    }

    /// The usual text for a value; none for off, where leaving the entry out is the only way to say it.
    #[must_use]
    pub fn write(&self, value: bool) -> Option<&'static str> {
        if value { self.on } else { self.off }.first().copied()
    }
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read.
    Unreadable,
    /// It is a number, and not one of those allowed.
    OutOfRange,
    /// It is read up to some point: this is left of it.
    Truncated(i64),
}

impl Domain {
    pub(super) const INTEGER: Self = Self::Integer { least: i32::MIN as i64, most: i32::MAX as i64 };
    pub(super) const DIGITS: Self = Self::Digits { words: &[] };
    pub(super) const BOOLEAN: Self = Self::Boolean(Spelling::COMMON);

    /// What is wrong with a text as a value.
    #[must_use]
    pub fn fault(&self, text: &str) -> Option<Fault> {
        match self {
            Self::Boolean(spelling) => spelling.read(text).is_none().then_some(Fault::Unreadable),
            Self::Integer { least, most } => match leading_integer(text) {
                None => Some(Fault::Unreadable),
                Some((number, _)) if number < *least || number > *most => Some(Fault::OutOfRange),
                Some((number, rest)) => (!rest.is_empty()).then_some(Fault::Truncated(number)),
            },
            Self::WholeInteger => match leading_integer(text) {
                Some((_, rest)) if rest.trim().is_empty() => None,
                _ => Some(Fault::Unreadable),
            },
            Self::Digits { words } => {
                let is_word = words.iter().any(|word| word.eq_ignore_ascii_case(text));
                let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                match text.parse::<i64>() {
                    _ if is_word => None,
                    Ok(number) if is_number => (number > i64::from(i32::MAX)).then_some(Fault::OutOfRange),
                    Err(_) if is_number => Some(Fault::OutOfRange),
                    _ => Some(Fault::Unreadable),
                }
            }
            Self::Number => {
                let begins = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
                (!text.trim_start().starts_with(begins) || !text.contains(|c: char| c.is_ascii_digit()))
                    .then_some(Fault::Unreadable)
            }
            Self::Choice { values, any_case } => {
                let is_same = |value: &&str| if *any_case { value.eq_ignore_ascii_case(text) } else { *value == text };
                (!values.iter().any(is_same)).then_some(Fault::Unreadable)
            }
            Self::Json => {
                let is_object = serde_json::from_str::<serde_json::Value>(text).is_ok_and(|json| json.is_object());
                (!is_object).then_some(Fault::Unreadable)
            }
            Self::List { .. } | Self::Path | Self::Text => None,
        }
    }
}

/// The number that begins a text, and what follows it. A number too large for any integer is the largest.
fn leading_integer(text: &str) -> Option<(i64, &str)> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &digits[..digits.len() - rest.len()];
    if digits.is_empty() {
        return None;
    }
    let number = digits.parse().unwrap_or(i64::MAX);
    Some((if is_negative { -number } else { number }, rest))
}

impl fmt::Display for Domain {
    /// What a value is, in words that follow "takes".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let case = |any_case: bool| if any_case { ", in any case" } else { "" };
        match self {
            Self::Boolean(Spelling { on, off: [], any_case }) => {
                write!(f, "{}{}", listed(on), case(*any_case))
            }
            Self::Boolean(Spelling { on, off, any_case }) => {
                write!(f, "{} for on, {} for off{}", listed(on), listed(off), case(*any_case))
            }
            Self::WholeInteger => f.write_str("an integer"),
            Self::Integer { .. } if *self == Self::INTEGER => f.write_str("an integer of 32 bits"),
            Self::Integer { least, most: i64::MAX } => write!(f, "an integer from {least}"),
            Self::Integer { least, most } if i64::from(i32::MAX) == *most => {
                write!(f, "an integer of 32 bits from {least}")
            }
            Self::Integer { least, most } => write!(f, "an integer from {least} to {most}"),
            Self::Digits { words: [] } => f.write_str("digits only"),
            Self::Digits { words } => write!(f, "digits only, or {}, in any case", listed(words)),
            Self::Number => f.write_str("a decimal number"),
            Self::Choice { values, any_case } => write!(f, "{}{}", listed(values), case(*any_case)),
            Self::List { separator, of } => write!(f, "{of}, with `{separator}` between them"),
            Self::Json => f.write_str("a JSON object"),
            Self::Path => f.write_str("a path"),
            Self::Text => f.write_str("any text"),
        }
    }
}

/// "`a`, `b` or `c`".
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [others @ .., last] => {
            let others: Vec<_> = others.iter().map(|name| format!("`{name}`")).collect();
            format!("{} or `{last}`", others.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Domain, Fault, Spelling};

    #[test]
    fn numbers_are_read_as_the_back_ends_read_them() {
        assert_eq!(Domain::INTEGER.fault(" -4"), None);
        assert_eq!(Domain::INTEGER.fault("4 threads"), Some(Fault::Truncated(4)));
        assert_eq!(Domain::INTEGER.fault("4.7"), Some(Fault::Truncated(4)));
        assert_eq!(Domain::INTEGER.fault("four"), Some(Fault::Unreadable));
        assert_eq!(Domain::INTEGER.fault(""), Some(Fault::Unreadable));
        assert_eq!(Domain::INTEGER.fault("99999999999999999999"), Some(Fault::OutOfRange));
        assert_eq!(Domain::DIGITS.fault("4"), None);
        assert_eq!(Domain::DIGITS.fault("-4"), Some(Fault::Unreadable));
        assert_eq!(Domain::DIGITS.fault("4294967296"), Some(Fault::OutOfRange));
        assert_eq!(Domain::Digits { words: &["AUTO"] }.fault("auto"), None);
        assert_eq!(Domain::Number.fault("0.5x"), None);
        assert_eq!(Domain::Number.fault(".5"), None);
        assert_eq!(Domain::Number.fault("half"), Some(Fault::Unreadable));
    }

    #[test]
    fn words_are_compared_as_the_back_ends_compare_them() {
        assert_eq!(Spelling::COMMON.read("TRUE"), Some(true));
        assert_eq!(Spelling::COMMON.read("yes"), None);
        assert_eq!(Spelling::COMMON.read(" true"), None);
        let exact = Domain::Choice { values: &["STATIC"], any_case: false };
        assert_eq!(exact.fault("static"), Some(Fault::Unreadable));
        assert_eq!(Domain::Json.fault("{\"dynamic\": true}"), None);
        assert_eq!(Domain::Json.fault("[1]"), Some(Fault::Unreadable));
    }

    #[test]
    fn values_are_told_in_words() {
        assert_eq!(
            Domain::BOOLEAN.to_string(),
            "`true`, `on` or `1` for on, `false`, `off` or `0` for off, in any case"
        );
        assert_eq!(Domain::Integer { least: 0, most: 1 }.to_string(), "an integer from 0 to 1");
    }
}
