use super::json::{Quoted, quoted_name};
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::SchemaErrorKind;
use crate::schema::vocabulary::MESSAGES;
use crate::syntax::{FieldName, Span, SyntaxError, SyntaxErrorKind, Token, TokenKind, Tree, Value, offset};

pub(super) static RULE: Rule = Rule {
    name: "invalid-syntax",
    category: Category::Syntax,
    backends: &[],
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
                | Kind::Binary
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
        if let Kind::Unclosed(close) = error.kind
            && let Some(whole) = model.tree().outermost_from(error.span.start)
        {
            let line = model.tree().source().line(whole.end) + 1;
            finding = finding.help(format!("write `{close}` behind what belongs to it, in line {line} or before"));
        }
        if let Kind::MismatchedClose { open, .. } = error.kind {
            finding = finding.label(open, "opened here");
        }
        if let Some(correction) = correction(model, error) {
            finding.fix(correction.applicability, correction.title, correction.edits);
        }
    }
}

/// What makes a wrong piece of text right.
struct Correction {
    applicability: Applicability,
    title: &'static str,
    edits: Vec<(Span, String)>,
}

fn correction(model: Model<'_>, error: &SyntaxError) -> Option<Correction> {
    use Applicability::{Safe, Unsafe};
    use SyntaxErrorKind as Kind;
    let (tree, source) = (model.tree(), model.tree().source());
    let found = source.slice(error.span);
    if source.bytes()[error.span.range()] != *found.as_bytes() {
        // Bytes that are not UTF-8 would be lost.
        return None;
    }
    let (applicability, title, replacement) = match &error.kind {
        Kind::InvisibleCharacter => (Safe, "write a plain space", plain_space(found)),
        Kind::TypographicQuotes => {
            (if are_pair(found) { Safe } else { Unsafe }, "write plain quotes", plain_quotes(found)?)
        }
        Kind::PlusSign => (Safe, "delete the plus sign", String::new()),
        Kind::WrongAssignment(_) => return wrong_assignment(tree, error.span),
        Kind::MissingColon(name) => (missing_colon(tree, error.span, name), "write a colon", ":".into()),
        Kind::QuotedFieldName => return quoted_field_name(model, error.span),
        Kind::MalformedFieldName => (Safe, "write underscores", field_name(&found.replace('-', "_"))?),
        Kind::AnonymousMessage => return anonymous_message(tree, error.span),
        Kind::TrailingComma if found == "," => (Safe, "delete the comma", String::new()),
        Kind::StraySeparator => (stray_separator(tree, error.span)?, "delete it", String::new()),
        Kind::MissingComma => (missing_comma(tree, error.span), "write a comma", ",".into()),
        Kind::SemicolonInList => (Safe, "write a comma", ",".into()),
        // These need not be what was meant: a name of an enum, or a line feed.
        Kind::UnquotedText => (Unsafe, "put it in quotes", quoted(found, "")),
        Kind::MissingOpeningQuote => {
            let quote = found.chars().next_back()?;
            let is_plain = !found[..found.len() - 1].contains(['\\', quote]);
            is_plain.then(|| (Unsafe, "write the quote", format!("{quote}{found}")))?
        }
        Kind::UnterminatedString => return unterminated(found, error.span),
        Kind::Unexpected(_) => return bare_list(tree, error.span),
        Kind::InvalidEscape(_) => (Unsafe, "write two backslashes", format!("\\{found}")),
        _ => return None,
    };
    Some(Correction { applicability, title, edits: vec![(error.span, replacement)] })
}

/// A quote behind the one word of a string that has none at its end.
fn unterminated(found: &str, string: Span) -> Option<Correction> {
    let quote = found.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let word = found[1..].trim_end();
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte));
    let end = string.start + offset(1 + word.len());
    let edits = vec![(Span::empty(end), quote.to_string())];
    is_word.then_some(Correction { applicability: Applicability::Unsafe, title: "write the quote", edits })
}

/// Brackets around the items of a list that has none, as in `gpus: 0, 1`.
fn bare_list(tree: &Tree, second: Span) -> Option<Correction> {
    use TokenKind as T;
    let is_item = |token: &Token| matches!(token.kind, T::Number | T::String);
    let at = tree.tokens().iter().position(|token| token.span == second)?;
    let [.., colon, first, comma] = tree.tokens().get(..at)? else { return None };
    if colon.kind != T::Colon || comma.kind != T::Comma || !is_item(first) {
        return None;
    }
    let mut last = first.span;
    for pair in tree.tokens()[at - 1..].chunks(2) {
        match pair {
            [comma, item] if comma.kind == T::Comma && is_item(item) => last = item.span,
            _ => break,
        }
    }
    let edits = vec![(Span::empty(first.span.start), "[".into()), (Span::empty(last.end), "]".into())];
    Some(Correction { applicability: Applicability::Unsafe, title: "write a list", edits })
}

/// The token before a place, and those behind it.
fn around(tree: &Tree, place: Span) -> (Option<&Token>, &[Token]) {
    let (before, behind) = tree.tokens().split_at(tree.tokens().partition_point(|token| token.span.end <= place.start));
    (before.last(), behind)
}

/// Whether a colon is all that can be missing: behind the name of a field, before a value that stands
/// apart from it.
fn missing_colon(tree: &Tree, place: Span, name: &str) -> Applicability {
    let is_field = MESSAGES.iter().any(|message| message.field(name).is_some());
    let is_apart = match around(tree, place).1 {
        [list, ..] if list.kind == TokenKind::OpenBracket => true,
        [value, rest @ ..] => value.span.start > place.start && !is_detached_minus(value, rest),
        [] => false,
    };
    if is_field && is_apart { Applicability::Safe } else { Applicability::Unsafe }
}

/// Whether a comma is all that can be missing: between two items that are alike and stand apart.
fn missing_comma(tree: &Tree, place: Span) -> Applicability {
    use TokenKind as T;
    let (Some(before), [item, rest @ ..]) = around(tree, place) else { return Applicability::Unsafe };
    let first = if item.kind == T::Minus { rest.first().map_or(item.kind, |number| number.kind) } else { item.kind };
    let is_alike = match before.kind {
        T::CloseBrace | T::CloseAngle => matches!(first, T::OpenBrace | T::OpenAngle),
        T::Number | T::Identifier => first == before.kind,
        _ => false,
    };
    let is_apart = before.span.end < item.span.start || matches!(first, T::OpenBrace | T::OpenAngle);
    if is_alike && is_apart && !is_detached_minus(item, rest) { Applicability::Safe } else { Applicability::Unsafe }
}

/// Whether it is a minus with a blank behind it, which may be meant for a subtraction or a dash.
fn is_detached_minus(token: &Token, rest: &[Token]) -> bool {
    token.kind == TokenKind::Minus && rest.first().is_none_or(|next| token.span.end < next.span.start)
}

/// A colon right behind the name. None for `A::B`, which is a value without quotes.
fn wrong_assignment(tree: &Tree, assignment: Span) -> Option<Correction> {
    let bytes = tree.source().bytes();
    let (before, behind) = (&bytes[..assignment.start as usize], &bytes[assignment.end as usize..]);
    let is_letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    if is_letter(behind.first()) && before.last().is_some_and(|byte| !byte.is_ascii_whitespace()) {
        return None;
    }
    let blanks = before.len() - before.trim_ascii_end().len();
    let gap = Span::new(assignment.start - offset(blanks), assignment.start);
    let start = if tree.source().slice(gap).contains('\n') { assignment.start } else { gap.start };
    let edits = vec![(Span::new(start, assignment.end), ":".into())];
    Some(Correction { applicability: Applicability::Safe, title: "write a colon", edits })
}

/// A field name without its quotes, or entries of a map in place of what JSON has.
fn quoted_field_name(model: Model<'_>, name: Span) -> Option<Correction> {
    let (title, edits) = match quoted_name(model.tree(), name)? {
        Quoted::Key(edits) => ("write entries of `key` and `value`", edits),
        Quoted::Field(mut edits) => {
            let found = model.tree().source().slice(name);
            edits.push((name, field_name(found.trim_matches(['"', '\'']))?));
            ("delete the quotes", edits)
        }
    };
    let applicability = if is_unknown_field(model, name) { Applicability::Unsafe } else { Applicability::Safe };
    (!edits.is_empty()).then_some(Correction { applicability, title, edits })
}

/// Whether what is written as a field name names no field.
fn is_unknown_field(model: Model<'_>, name: Span) -> bool {
    let mut errors = model.schema_errors().iter().filter(|error| error.span == name);
    errors.any(|error| matches!(error.kind, SchemaErrorKind::UnknownField { .. }))
}

/// Deletes the braces around a whole document.
fn anonymous_message(tree: &Tree, open: Span) -> Option<Correction> {
    let mut fields = tree.document().fields();
    let (Some(only), None) = (fields.next(), fields.next()) else { return None };
    let Some(Value::Message(message)) = only.value().filter(|_| only.name() == FieldName::Missing) else { return None };
    if message.span().start != open.start || !message.is_closed() {
        return None;
    }
    let close = Span::new(message.span().end - 1, only.span().end);
    let (open, close) = (with_line(tree, open), with_line(tree, close));
    let spans = if open.end < close.start { vec![open, close] } else { vec![open.to(close)] };
    let edits = spans.into_iter().map(|span| (span, String::new())).collect();
    Some(Correction { applicability: Applicability::Safe, title: "delete the braces", edits })
}

/// A bracket with its line, if nothing else is on it, else with the blanks between it and its neighbour.
fn with_line(tree: &Tree, bracket: Span) -> Span {
    let source = tree.source();
    let line = source.line_span(source.line(bracket.start));
    let before = source.slice(Span::new(line.start, bracket.start));
    let behind = source.slice(Span::new(bracket.end, line.end));
    if before.trim().is_empty() && behind.trim().is_empty() {
        return Span::new(line.start, (line.end + 1).min(source.span().end));
    }
    if before.trim().is_empty() {
        return Span::new(bracket.start, bracket.end + offset(behind.len() - behind.trim_start().len()));
    }
    Span::new(line.start + offset(before.trim_end().len()), bracket.end)
}

/// Whether a separator that separates nothing can go. Between the numbers or strings of a list an item
/// may be missing; next to text that makes no sense it may be part of that.
fn stray_separator(tree: &Tree, separator: Span) -> Option<Applicability> {
    use TokenKind as T;
    let tokens = tree.tokens();
    let at = tokens.iter().position(|token| token.span == separator)?;
    let is_separator = |token: &&Token| matches!(token.kind, T::Comma | T::Semicolon);
    let before = tokens[..at].iter().rev().find(|token| !is_separator(token)).map(|token| token.kind);
    let mut behind = tokens[at..].iter().skip_while(is_separator);
    let (next, after) = (behind.next().map(|token| token.kind), behind.next().map(|token| token.kind));
    let is_field =
        next == Some(T::Identifier) && matches!(after, Some(T::Colon | T::OpenBrace | T::OpenAngle | T::OpenBracket));
    let is_message =
        matches!(before, Some(T::CloseBrace | T::CloseAngle)) || matches!(next, Some(T::OpenBrace | T::OpenAngle));
    let touches_another = at > 0 && is_separator(&&tokens[at - 1]);
    let is_end = matches!(next, None | Some(T::CloseBrace | T::CloseAngle));
    if is_message || is_field || (is_end && touches_another) {
        return Some(Applicability::Safe);
    }
    (touches_another || before == Some(T::OpenBracket)).then_some(Applicability::Unsafe)
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

/// Whether a text begins and ends with quotes that belong together, in some language.
fn are_pair(found: &str) -> bool {
    const PAIRS: [&str; 12] = ["“”", "„“", "„”", "””", "«»", "»«", "‘’", "‚‘", "‚’", "’’", "“\"", "\"”"];
    let mut characters = found.chars();
    let ends: String = characters.next().into_iter().chain(characters.next_back()).collect();
    PAIRS.contains(&ends.as_str())
}

fn plain_quotes(found: &str) -> Option<String> {
    let mut characters = found.chars();
    let inner = characters.next().and(characters.next_back()).map(|_| characters.as_str())?;
    (!inner.contains(['"', '\\'])).then(|| format!("\"{inner}\""))
}
