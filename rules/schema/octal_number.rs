use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::TokenKind;

pub(super) static RULE: Rule = Rule {
    name: "octal-number",
    category: Category::Schema,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("octal_number.md"),
    check,
};

/// The tokenizer of protobuf's text format reads integers as C does (`Tokenizer::ParseInteger`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let tree = model.tree();
    for token in tree.tokens().iter().filter(|token| token.kind == TokenKind::Number) {
        let text = tree.source().slice(token.span);
        let is_octal = text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_octal {
            continue;
        }
        let digits = text.trim_start_matches('0');
        // Up to 7 there is no difference.
        let Some(value) = u64::from_str_radix(digits, 8).ok().filter(|value| *value > 7) else { continue };
        findings
            .add(token.span, format!("`{text}` is the number {value}"))
            .note("a number that begins with a zero is octal in this format")
            .help(format!("write `{value}`, or `{digits}` if that is meant"));
    }
}
