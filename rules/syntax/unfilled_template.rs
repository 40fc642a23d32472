use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::{Span, SyntaxErrorKind, TokenKind, offset};

pub(super) static RULE: Rule = Rule {
    name: "unfilled-template",
    category: Category::Syntax,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("unfilled_template.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let tree = model.tree();
    let source = tree.source();
    let message = |span| format!("the placeholder `{}` was never filled in", source.slice(span));
    for error in tree.errors().iter().filter(|error| error.kind == SyntaxErrorKind::Template) {
        findings
            .add(error.span, message(error.span))
            .note("the server reads the file as it is and refuses it here")
            .help("run the script that fills the template in, or write the value in its place");
    }
    for token in tree.tokens().iter().filter(|token| token.kind == TokenKind::String) {
        if let Some(span) = placeholder(source.slice(token.span), token.span.start) {
            findings
                .add(span, message(span))
                .level(Level::Warning)
                .note("the server takes the string as it is: it reads the placeholder where a value should be")
                .help("run the script that fills the template in, or write the value in its place");
        }
    }
}

/// The first `${name}` or `{{ name }}` of a text that begins at `start` in its file.
fn placeholder(text: &str, start: u32) -> Option<Span> {
    let mut at = 0;
    while let Some(open) = memchr::memchr2(b'$', b'{', &text.as_bytes()[at..]).map(|found| at + found) {
        let rest = &text[open..];
        let length = enclosed(rest, "${", "}").or_else(|| enclosed(rest, "{{", "}}"));
        if let Some(length) = length {
            return Some(Span::new(start + offset(open), start + offset(open + length)));
        }
        at = open + 1;
    }
    None
}

/// The length of a name at the beginning of the text, with what encloses it.
fn enclosed(text: &str, open: &str, close: &str) -> Option<usize> {
    let inner = text.strip_prefix(open)?.trim_start_matches(' ');
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_later = |c: char| is_first(c) || c.is_ascii_digit() || c == '.';
    let rest =
        inner.strip_prefix(is_first)?.trim_start_matches(is_later).trim_start_matches(' ').strip_prefix(close)?;
    Some(text.len() - rest.len())
}
