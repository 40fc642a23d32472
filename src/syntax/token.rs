//! Text to tokens: by hand, and by the grammar where a piece is erroneous.

use pest::Parser as _;
use pest_derive::Parser;

use super::error::{SyntaxError, SyntaxErrorKind};
use super::scan::scan;
use super::source::{Source, Span, offset};

#[derive(Parser)]
#[grammar = "grammar/textproto.pest"]
struct Grammar;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TokenKind {
    Identifier,
    String,
    Number,
    Colon,
    Comma,
    Semicolon,
    OpenBrace,
    CloseBrace,
    OpenAngle,
    CloseAngle,
    OpenBracket,
    CloseBracket,
    Minus,
    Dot,
    /// A digit, then something that makes no number: `10ms`, `08`, `1.2.3`.
    MalformedNumber,
    /// `${x}`, `$X`, `{{ x }}`, `{% x %}`.
    Template,
    /// A string between typographic quotes.
    TypographicString,
    /// A string whose line ends before it does.
    UnterminatedString,
    /// Anything else.
    Unknown,
}

/// A token and where it is.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes.
    pub span: Span,
}

/// A text with more pieces that no token begins is none that anybody wrote; the rest of it is one of them.
const MOST_ERRONEOUS: usize = 100_000;

/// All tokens of a text. Between two of them lie white space, comments, and what was reported to
/// `errors` as something to be skipped: every byte is accounted for.
pub(super) fn tokenize(source: &Source, errors: &mut Vec<SyntaxError>) -> Vec<Token> {
    let text = source.text();
    // Few texts are denser, and to move the tokens of a large one takes as long as to read it.
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut at = scan(text, 0, &mut tokens);
    for _ in 0..MOST_ERRONEOUS {
        if at == text.len() {
            return tokens;
        }
        let Some((token, length)) = erroneous(&text[at..]) else { break };
        let span = Span::new(offset(at), offset(at + length));
        match token {
            Ok(kind) => tokens.push(Token { kind, span }),
            Err(kind) => errors.push(SyntaxError { kind, span }),
        }
        at = scan(text, at + length, &mut tokens);
    }
    if at < text.len() {
        tokens.push(Token { kind: TokenKind::Unknown, span: Span::new(offset(at), source.span().end) });
    }
    tokens
}

/// The erroneous piece that a text begins with, or what is to be reported of one that is read like white space; and its
/// length. What comes behind depends on nothing before, so that the grammar is asked for that piece alone.
fn erroneous(text: &str) -> Option<(Result<TokenKind, SyntaxErrorKind>, usize)> {
    let pair = Grammar::parse(Rule::erroneous, text).ok()?.next()?;
    let length = pair.as_span().end();
    Some((token_kind(pair.as_rule(), text.as_bytes().first()), length)).filter(|(_, length)| *length > 0)
}

/// The kind of token that a piece is; what is to be reported of it, where it is read like white space.
fn token_kind(rule: Rule, first: Option<&u8>) -> Result<TokenKind, SyntaxErrorKind> {
    Ok(match rule {
        Rule::bracket => match first {
            Some(b'{') => TokenKind::OpenBrace,
            Some(b'<') => TokenKind::OpenAngle,
            Some(b'>') => TokenKind::CloseAngle,
            _ => TokenKind::Unknown,
        },
        Rule::malformed_number => TokenKind::MalformedNumber,
        Rule::template => TokenKind::Template,
        Rule::typographic_string => TokenKind::TypographicString,
        Rule::unterminated_string => TokenKind::UnterminatedString,
        Rule::foreign_comment => return Err(SyntaxErrorKind::ForeignComment),
        Rule::conflict_marker => return Err(SyntaxErrorKind::ConflictMarker),
        Rule::invisible => return Err(SyntaxErrorKind::InvisibleCharacter),
        _ => TokenKind::Unknown,
    })
}
