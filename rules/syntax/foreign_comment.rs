use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::{Source, Span, SyntaxErrorKind, TokenKind, Tree, offset};

pub(super) static RULE: Rule = Rule {
    name: "foreign-comment",
    category: Category::Syntax,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("foreign_comment.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let tree = model.tree();
    let source = tree.source();
    for error in tree.errors().iter().filter(|error| error.kind == SyntaxErrorKind::ForeignComment) {
        let style = if source.slice(error.span).starts_with("//") { "`//`" } else { "`/* */`" };
        let finding = findings
            .add(error.span, format!("{style} does not begin a comment in the text format"))
            .note("the server's parser knows `#` comments only, and refuses the file here");
        if may_be_value(tree, error.span) {
            finding.help("write a comment with `#`; put a path or an address in quotes");
            continue;
        }
        match hash_comment(source, error.span) {
            Some(edit) => finding.help("write the comment with `#`").fix(
                Applicability::Safe,
                "write the comment with `#`",
                [edit],
            ),
            None => finding.help("write the comment with `#`, which makes the rest of its line a comment"),
        };
    }
}

/// Whether it looks like part of a value that lacks its quotes: `http://host/x`, `//share/x`, `a//b`.
fn may_be_value(tree: &Tree, comment: Span) -> bool {
    use TokenKind as T;
    let before = tree.tokens().iter().rfind(|token| token.span.end <= comment.start);
    let behind = tree.source().bytes().get(comment.start as usize + 2);
    before.is_some_and(|token| match token.kind {
        T::Colon => true,
        T::Comma | T::Semicolon | T::CloseBrace | T::CloseAngle | T::CloseBracket => false,
        _ => token.span.end == comment.start && behind.is_some_and(u8::is_ascii_alphanumeric),
    })
}

/// The edit that makes it a comment with `#`; none where that would take more than the comment.
fn hash_comment(source: &Source, comment: Span) -> Option<(Span, String)> {
    let found = source.slice(comment);
    if found.starts_with("//") {
        let slashes = found.len() - found.trim_start_matches('/').len();
        return Some((Span::new(comment.start, comment.start + offset(slashes)), "#".into()));
    }
    let text = found.strip_prefix("/*")?.strip_suffix("*/")?;
    // What follows on the last line would become a comment too.
    let line_end = source.line_span(source.line(comment.end)).end;
    let is_last = source.slice(Span::new(comment.end, line_end)).trim().is_empty();
    let is_faithful = source.bytes()[comment.range()] == *found.as_bytes();
    if !is_last || !is_faithful {
        return None;
    }
    let line = source.line_span(source.line(comment.start));
    let indentation = source.indentation(line.start);
    let newline = if found.contains("\r\n") { "\r\n" } else { "\n" };
    Some((comment, hash_lines(text).join(&format!("{newline}{indentation}"))))
}

/// The text of a `/* */` comment as lines that begin with `#`, without the stars before them.
fn hash_lines(text: &str) -> Vec<String> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let rest: Vec<&str> = rest.lines().map(str::trim_end).collect();
    let width = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = rest.iter().filter(|line| !line.is_empty()).map(width).min().unwrap_or(0);
    let rest = rest.iter().map(|line| line.get(common..).unwrap_or_default());
    let mut lines: Vec<String> = std::iter::once(first.trim())
        .chain(rest)
        .map(|line| line.trim_start_matches('*').trim_end_matches('*').trim_end())
        .map(|line| match line.as_bytes().first() {
            None => "#".to_owned(),
            Some(b' ' | b'\t') => format!("#{line}"),
            Some(_) => format!("# {line}"),
        })
        .collect();
    let is_empty = |line: Option<&String>| line.is_some_and(|line| line == "#");
    while lines.len() > 1 && is_empty(lines.last()) {
        lines.pop();
    }
    if lines.len() > 1 && is_empty(lines.first()) {
        lines.remove(0);
    }
    lines
}
