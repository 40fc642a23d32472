use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "invalid-profile-index",
    category: Category::Instance,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_profile_index.md"),
    check,
};

/// The server asks in `GetProfileIndex` and `ValidateInstanceGroup` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.is_tensorrt_plan() != Some(true) {
        return;
    }
    for profile in model.config().instance_group.iter().flat_map(|group| group.profile.iter()) {
        let text = &profile.value;
        let (message, note) = match index(text) {
            Ok(index) if index >= 0 => continue,
            Ok(index) => {
                (format!("there is no optimization profile {index}"), "the profiles of an engine count from 0")
            }
            Err(Fault::Empty) => {
                ("the name of an optimization profile is empty".to_owned(), "the server refuses an empty profile")
            }
            Err(Fault::NoNumber) => (
                format!("`{text}` is not an optimization profile"),
                "profiles have no names here: the text must begin with the index of one",
            ),
            Err(Fault::TooLarge) => (
                format!("`{text}` is not an optimization profile"),
                "the number is too large for the server, which ends at once, with all of its models",
            ),
        };
        findings
            .add(profile.span, message)
            .note(note)
            .help("write the index of a profile of the engine, such as \"0\"");
    }
}

/// What is wrong with the text of an index.
enum Fault {
    Empty,
    NoNumber,
    TooLarge,
}

/// The number that a text begins with, as `std::stoi` has it: what is behind it does not count.
fn index(text: &str) -> Result<i32, Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    let rest = text.trim_start_matches([' ', '\t', '\n', '\x0B', '\x0C', '\r']);
    let digits_at = usize::from(rest.starts_with(['+', '-']));
    let digits = rest[digits_at..].bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Err(Fault::NoNumber);
    }
    rest[..digits_at + digits].parse().map_err(|_| Fault::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::{Fault, index};

    /// Not on the page: its configs are given to servers, and this one ends them.
    #[test]
    fn a_number_out_of_range_is_a_fault() {
        for text in ["2147483648", "-2147483649", "99999999999999999999x"] {
            assert!(matches!(index(text), Err(Fault::TooLarge)), "{text}");
        }
        for (text, number) in [("2147483647", 2_147_483_647), (" \t+3abc", 3), ("-0", 0), ("007", 7)] {
            assert!(matches!(index(text), Ok(found) if found == number), "{text}");
        }
        assert!(matches!(index("- 1"), Err(Fault::NoNumber)));
    }
}
