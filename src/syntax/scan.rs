//! The tokens of the language by hand, for speed: what the rule `tokens` of the grammar makes of pieces
//! in which nothing is erroneous. The tests hold it to that rule.

use super::source::{Span, offset};
use super::token::{Token, TokenKind};

/// Reads the tokens from somewhere on, and returns where the first piece is that none begins: the end, if there is no
/// such piece.
pub(super) fn scan(text: &str, start: usize, tokens: &mut Vec<Token>) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        at = skip_blank(bytes, at);
        let Some((kind, end)) = token(bytes, at) else { return at };
        tokens.push(Token { kind, span: Span::new(offset(at), offset(end)) });
        at = end;
    }
}

/// Behind the white space and the comments that begin somewhere.
fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\n' | b'\t' | b'\r' | b'\x0B' | b'\x0C') => at += 1,
            Some(b'#') => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length),
            _ => return at,
        }
    }
}

/// The token that begins somewhere, and its end; none if what begins there is no token of the language.
fn token(bytes: &[u8], at: usize) -> Option<(TokenKind, usize)> {
    let next = bytes.get(at + 1);
    let kind = match *bytes.get(at)? {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => return Some((TokenKind::Identifier, skip(bytes, at + 1, is_word))),
        quote @ (b'"' | b'\'') => return Some((TokenKind::String, string_end(bytes, at, quote)?)),
        b'0'..=b'9' => return Some((TokenKind::Number, number_end(bytes, at)?)),
        b'.' if next.is_some_and(u8::is_ascii_digit) => return Some((TokenKind::Number, number_end(bytes, at)?)),
        b':' => TokenKind::Colon,
        b',' => TokenKind::Comma,
        b';' => TokenKind::Semicolon,
        b'[' => TokenKind::OpenBracket,
        b']' => TokenKind::CloseBracket,
        b'}' => TokenKind::CloseBrace,
        b'-' => TokenKind::Minus,
        b'.' => TokenKind::Dot,
        // Two of them may be a placeholder, or a marker of a merge conflict.
        b'{' if !matches!(next, Some(b'{' | b'%')) => TokenKind::OpenBrace,
        b'<' if next != Some(&b'<') => TokenKind::OpenAngle,
        b'>' if next != Some(&b'>') => TokenKind::CloseAngle,
        _ => return None,
    };
    Some((kind, at + 1))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Behind the bytes of a kind that begin somewhere.
fn skip(bytes: &[u8], mut at: usize, is_kind: impl Fn(u8) -> bool) -> usize {
    while bytes.get(at).is_some_and(|byte| is_kind(*byte)) {
        at += 1;
    }
    at
}

/// Behind the string that a quote opens; none if its line ends before it does.
fn string_end(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\n' => return None,
            b'\\' if bytes.get(at + 1) == Some(&b'\n') => return None,
            b'\\' => at += 2,
            byte => {
                at += 1;
                if byte == quote {
                    return Some(at);
                }
            }
        }
    }
}

/// Behind the number that begins somewhere; none if what begins there goes on as no number does.
fn number_end(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = |at| skip(bytes, at, |byte| byte.is_ascii_digit());
    let end = match (bytes[start], bytes.get(start + 1)) {
        (b'0', Some(b'x' | b'X')) => match skip(bytes, start + 2, |byte| byte.is_ascii_hexdigit()) {
            end if end > start + 2 => end,
            _ => return None,
        },
        (b'0', Some(b'0'..=b'7')) => skip(bytes, start + 1, |byte| matches!(byte, b'0'..=b'7')),
        (first, _) => {
            let whole = if first == b'0' { start + 1 } else { digits(start) };
            let fraction = if bytes.get(whole) == Some(&b'.') { digits(whole + 1) } else { whole };
            let exponent = exponent_end(bytes, fraction);
            exponent + usize::from(matches!(bytes.get(exponent), Some(b'f' | b'F')))
        }
    };
    let goes_on = bytes.get(end).is_some_and(|byte| *byte == b'.' || is_word(*byte));
    (!goes_on).then_some(end)
}

/// Behind the exponent that begins somewhere, if one does.
fn exponent_end(bytes: &[u8], at: usize) -> usize {
    if !matches!(bytes.get(at), Some(b'e' | b'E')) {
        return at;
    }
    let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    let end = skip(bytes, at + 1 + sign, |byte| byte.is_ascii_digit());
    if end > at + 1 + sign { end } else { at }
}
