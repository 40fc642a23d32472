use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::{SyntaxError, SyntaxErrorKind};

pub(super) static RULE: Rule = Rule {
    name: "invalid-syntax",
    category: Category::Syntax,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("invalid_syntax.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.tree().errors() {
        use SyntaxErrorKind as Kind;
        if matches!(
            error.kind,
            Kind::ForeignComment
                | Kind::ConflictMarker
                | Kind::Template
                | Kind::ByteOrderMark
                | Kind::WideEncoding
                | Kind::NulByte
                | Kind::InvalidUtf8
        ) {
            // Other rules report these.
            continue;
        }
        let found = model.tree().source().slice(error.span);
        let mut finding = findings.add(error.span, error.kind.message(found));
        if let Some(help) = error.kind.help() {
            finding = finding.help(help);
        }
        if let Kind::MismatchedClose { open, .. } = error.kind {
            finding = finding.label(open, "opened here");
        }
        if let Some(correction) = correction(error, found) {
            finding.fix(correction.applicability, correction.title, [(error.span, correction.replacement)]);
        }
    }
}

/// What to put in the place of a wrong piece of text.
struct Correction {
    applicability: Applicability,
    title: &'static str,
    replacement: String,
}

fn correction(error: &SyntaxError, found: &str) -> Option<Correction> {
    use Applicability::{Safe, Unsafe};
    use SyntaxErrorKind as Kind;
    let (applicability, title, replacement) = match &error.kind {
        Kind::InvisibleCharacter => (Safe, "write a plain space", plain_space(found)),
        Kind::TypographicQuotes => (Safe, "write plain quotes", plain_quotes(found)?),
        Kind::PlusSign => (Safe, "delete the plus sign", String::new()),
        Kind::WrongAssignment(_) => (Safe, "write a colon", ":".into()),
        Kind::MissingColon(_) => (Safe, "write a colon", ":".into()),
        Kind::QuotedFieldName => (Safe, "delete the quotes", field_name(found.trim_matches(['"', '\'']))?),
        Kind::MalformedFieldName => (Safe, "write underscores", field_name(&found.replace('-', "_"))?),
        Kind::TrailingComma => (Safe, "delete the comma", String::new()),
        Kind::StraySeparator => (Safe, "delete it", String::new()),
        Kind::MissingComma => (Safe, "write a comma", ",".into()),
        Kind::SemicolonInList => (Safe, "write a comma", ",".into()),
        // These need not be what was meant: a name of an enum, or a line feed.
        Kind::UnquotedText => (Unsafe, "put it in quotes", quoted(found, "")),
        Kind::InvalidEscape(_) => (Unsafe, "write two backslashes", format!("\\{found}")),
        _ => return None,
    };
    Some(Correction { applicability, title, replacement })
}

fn field_name(name: &str) -> Option<String> {
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    is_name.then(|| name.to_owned())
}

/// White space where the invisible character has width, else nothing.
fn plain_space(found: &str) -> String {
    let has_width =
        |c: &char| !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}');
    found.chars().filter(has_width).map(|_| ' ').collect()
}

fn plain_quotes(found: &str) -> Option<String> {
    let inner = found.strip_prefix(['\u{201C}', '\u{201D}'])?.strip_suffix(['\u{201C}', '\u{201D}'])?;
    (!inner.contains(['"', '\\'])).then(|| format!("\"{inner}\""))
}
