//! The tokens of TorchScript's printed code (`torch/csrc/jit/serialization/python_print.cpp`).

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, or names with dots between them.
    Name,
    Number,
    Text,
    /// One character of punctuation.
    Sign(u8),
    /// `->`
    Arrow,
    /// The end of a statement, outside brackets.
    Newline,
    Indent,
    Dedent,
    End,
}

/// Reads tokens from code. It has no opinion on what is wrong: a byte that begins no token is a sign.
pub(super) struct Lexer<'s> {
    text: &'s str,
    at: usize,
    start: usize,
    line: u32,
    brackets: u32,
    indents: Vec<usize>,
    dedents: usize,
    line_begins: bool,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self { text, at: 0, start: 0, line: 1, brackets: 0, indents: vec![0], dedents: 0, line_begins: true }
    }

    /// Where the token begins that [`Self::next`] returned.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// The next token, its text and its line.
    pub(super) fn next(&mut self) -> (Token, &'s str, u32) {
        self.start = self.at;
        if self.line_begins
            && let Some(token) = self.indentation()
        {
            return (token, "", self.line);
        }
        if self.dedents > 0 {
            self.dedents -= 1;
            return (Token::Dedent, "", self.line);
        }
        loop {
            let line = self.line;
            self.start = self.at;
            let Some(byte) = self.peek(0) else {
                return (self.end(), "", line);
            };
            let token = match byte {
                b' ' | b'\t' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    self.skip_line();
                    continue;
                }
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    if self.brackets > 0 {
                        continue;
                    }
                    self.line_begins = true;
                    Token::Newline
                }
                b'"' | b'\'' => self.string(byte),
                b'0'..=b'9' => self.number(),
                b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
                _ if begins_name(byte) => self.name(),
                b'-' if self.peek(1) == Some(b'>') => {
                    self.at += 2;
                    Token::Arrow
                }
                _ => {
                    match byte {
                        b'(' | b'[' | b'{' => self.brackets += 1,
                        b')' | b']' | b'}' => self.brackets = self.brackets.saturating_sub(1),
                        _ => {}
                    }
                    self.at += 1;
                    Token::Sign(byte)
                }
            };
            return (token, &self.text[self.start..self.at], line);
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn skip_line(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Compares a line's indentation with that of the lines before.
    fn indentation(&mut self) -> Option<Token> {
        loop {
            let start = self.at;
            while matches!(self.peek(0), Some(b' ' | b'\t' | b'\r')) {
                self.at += 1;
            }
            match self.peek(0) {
                Some(b'\n') => {
                    self.at += 1;
                    self.line += 1;
                    continue;
                }
                Some(b'#') => {
                    self.skip_line();
                    continue;
                }
                _ => {}
            }
            self.line_begins = false;
            let width = self.at - start;
            self.peek(0)?;
            let current = self.indents.last().copied().unwrap_or(0);
            if width > current {
                self.indents.push(width);
                return Some(Token::Indent);
            }
            while self.indents.last().is_some_and(|indent| *indent > width) {
                self.indents.pop();
                self.dedents += 1;
            }
            return None;
        }
    }

    /// What comes at the end of the code, once it has been reached.
    fn end(&mut self) -> Token {
        if self.indents.len() > 1 {
            self.indents.pop();
            Token::Dedent
        } else {
            Token::End
        }
    }

    fn string(&mut self, quote: u8) -> Token {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' => return Token::Text,
                b'\\' => self.at += 1,
                _ => {}
            }
            self.at += 1;
            if byte == quote {
                return Token::Text;
            }
        }
        // An escape may have led past the end, or into a character.
        self.at = self.text.len();
        Token::Text
    }

    fn number(&mut self) -> Token {
        while let Some(byte) = self.peek(0) {
            let sign_of_exponent =
                matches!(byte, b'+' | b'-') && matches!(self.text.as_bytes()[self.at - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || byte == b'.' || sign_of_exponent) {
                break;
            }
            self.at += 1;
        }
        Token::Number
    }

    fn name(&mut self) -> Token {
        loop {
            while self.peek(0).is_some_and(|byte| begins_name(byte) || byte.is_ascii_digit()) {
                self.at += 1;
            }
            if self.peek(0) == Some(b'.') && self.peek(1).is_some_and(begins_name) {
                self.at += 1;
            } else {
                return Token::Name;
            }
        }
    }
}

fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}
