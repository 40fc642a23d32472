use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::{Release, SchemaErrorKind};
use crate::syntax::StringProblemKind as Kind;

pub(super) static RULE: Rule = Rule {
    name: "garbled-string",
    category: Category::Schema,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("garbled_string.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.schema_errors() {
        let SchemaErrorKind::OddString(kind) = error.kind else { continue };
        let source = model.tree().source();
        let found = source.slice(error.span);
        if kind == Kind::NotUtf8 && *found.as_bytes() != source.bytes()[error.span.range()] {
            // The bytes are in the file itself; `wrong-encoding` reports them.
            continue;
        }
        let (message, note) = match kind {
            Kind::NotUtf8 => (
                "the string is not UTF-8".to_owned(),
                "the escapes make bytes that are no text; the server takes them, but drops or damages them when it hands \
                 the config to a back-end or a client",
            ),
            Kind::LoneSurrogate => (
                format!("`{found}` is half a character"),
                "a surrogate stands for a character only together with its other half; alone it has no UTF-8",
            ),
            Kind::SurrogatePair => (
                format!("`{found}` spells one character as two"),
                "the server joins the halves; other readers of the file, such as Python's, refuse them",
            ),
            Kind::BeyondUnicode => (
                format!("`{found}` is not a character"),
                "Unicode ends at U+10FFFF; the server leaves the escape in the string as text",
            ),
            Kind::OctalOverflow => (
                format!("`{found}` is more than a byte"),
                "octal escapes go up to `\\377`; the server takes the value modulo 256",
            ),
            Kind::UppercaseHex => {
                (format!("`{found}` is an escape of the newest servers only"), "releases up to 26.07 refuse the file")
            }
        };
        let mut finding = findings.add(error.span, message).note(note);
        if kind == Kind::UppercaseHex && model.server().version.is_some_and(|version| version <= LAST_WITHOUT) {
            finding = finding.level(Level::Error);
        }
        let replacement = match kind {
            Kind::UppercaseHex => Some(found.replacen("\\X", "\\x", 1)),
            Kind::SurrogatePair => joined(found),
            _ => None,
        };
        if let Some(replacement) = replacement {
            finding.fix(Applicability::Safe, format!("write `{replacement}`"), [(error.span, replacement)]);
        }
    }
}

/// The last release that does not know `\X`.
const LAST_WITHOUT: Release = Release::constant("26.07");

/// The pair of escapes as a single one.
fn joined(pair: &str) -> Option<String> {
    let (high, low) = pair.rsplit_once("\\u")?;
    let number = |digits: &str| u32::from_str_radix(digits, 16).ok();
    let high = number(high.trim_start_matches(['\\', 'u', 'U']))?.checked_sub(0xD800)?;
    let low = number(low)?.checked_sub(0xDC00)?;
    Some(format!("\\U{:08X}", 0x10000 + (high << 10) + low))
}
