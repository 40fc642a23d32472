//! Text to tokens: by hand as far as a text is well formed, by the grammar from there on.

use pest::Parser as _;
use pest::iterators::Pair;
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

/// All tokens of a text. Between two of them lie white space, comments, and what was reported to
/// `errors` as something to be skipped: every byte is accounted for.
pub(super) fn tokenize(source: &Source, errors: &mut Vec<SyntaxError>) -> Vec<Token> {
    let (mut tokens, end) = scan(source.text());
    if end < source.text().len() {
        read_with_grammar(source, end, &mut tokens, errors);
    }
    tokens
}

/// Reads a text from where something erroneous begins. What comes behind depends on nothing before.
fn read_with_grammar(source: &Source, start: usize, tokens: &mut Vec<Token>, errors: &mut Vec<SyntaxError>) {
    let text = source.text();
    // The `tokens` rule matches every text; if it ever did not, the rest would be one unknown token.
    let Ok(pairs) = Grammar::parse(Rule::tokens, &text[start..]) else {
        tokens.push(Token { kind: TokenKind::Unknown, span: Span::new(offset(start), source.span().end) });
        return;
    };
    for pair in pairs.flat_map(Pair::into_inner) {
        let span = Span::new(offset(start + pair.as_span().start()), offset(start + pair.as_span().end()));
        match token_kind(pair.as_rule(), text.as_bytes()[span.range()].first()) {
            Ok(kind) => tokens.push(Token { kind, span }),
            Err(Skipped::Error(kind)) => errors.push(SyntaxError { kind, span }),
            Err(Skipped::EndOfInput) => {}
        }
    }
}

/// A pair of the grammar that is no token of the tree.
enum Skipped {
    /// Read like white space, and reported.
    Error(SyntaxErrorKind),
    EndOfInput,
}

fn token_kind(rule: Rule, first: Option<&u8>) -> Result<TokenKind, Skipped> {
    Ok(match rule {
        Rule::identifier => TokenKind::Identifier,
        Rule::string => TokenKind::String,
        Rule::number => TokenKind::Number,
        Rule::punctuation | Rule::bracket => match first {
            Some(b':') => TokenKind::Colon,
            Some(b',') => TokenKind::Comma,
            Some(b';') => TokenKind::Semicolon,
            Some(b'{') => TokenKind::OpenBrace,
            Some(b'}') => TokenKind::CloseBrace,
            Some(b'<') => TokenKind::OpenAngle,
            Some(b'>') => TokenKind::CloseAngle,
            Some(b'[') => TokenKind::OpenBracket,
            Some(b']') => TokenKind::CloseBracket,
            Some(b'-') => TokenKind::Minus,
            Some(b'.') => TokenKind::Dot,
            _ => TokenKind::Unknown,
        },
        Rule::malformed_number => TokenKind::MalformedNumber,
        Rule::template => TokenKind::Template,
        Rule::typographic_string => TokenKind::TypographicString,
        Rule::unterminated_string => TokenKind::UnterminatedString,
        Rule::foreign_comment => return Err(Skipped::Error(SyntaxErrorKind::ForeignComment)),
        Rule::conflict_marker => return Err(Skipped::Error(SyntaxErrorKind::ConflictMarker)),
        Rule::invisible => return Err(Skipped::Error(SyntaxErrorKind::InvisibleCharacter)),
        Rule::EOI => return Err(Skipped::EndOfInput),
        _ => TokenKind::Unknown,
    })
}
