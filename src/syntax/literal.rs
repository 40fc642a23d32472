//! What a scalar means: numbers, and strings with their escapes.

use std::borrow::Cow;

use super::source::{Source, Span, offset};

/// A number as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'t> {
    /// Whether a minus sign stands before it.
    pub negative: bool,
    /// Its text without the minus sign.
    pub text: &'t str,
}

/// How an integer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum IntegerBase {
    Octal,
    Decimal,
    Hexadecimal,
}

impl<'t> Number<'t> {
    pub(super) fn new(negative: bool, text: &'t str) -> Self {
        Self { negative, text }
    }

    /// The base that it is written in, if it is an integer: `010` is octal, `1.0` and `1f` are not
    /// integers.
    #[must_use]
    pub fn integer_base(&self) -> Option<IntegerBase> {
        let bytes = self.text.as_bytes();
        match bytes {
            [b'0', b'x' | b'X', ..] => Some(IntegerBase::Hexadecimal),
            [b'0', _, ..] if bytes.iter().all(u8::is_ascii_digit) => Some(IntegerBase::Octal),
            _ if bytes.iter().all(u8::is_ascii_digit) => Some(IntegerBase::Decimal),
            _ => None,
        }
    }

    /// The value without its sign, if it is an integer that fits.
    #[must_use]
    pub fn magnitude(&self) -> Option<u64> {
        let (digits, radix) = match self.integer_base()? {
            IntegerBase::Hexadecimal => (&self.text[2..], 16),
            IntegerBase::Octal => (self.text, 8),
            IntegerBase::Decimal => (self.text, 10),
        };
        u64::from_str_radix(digits, radix).ok()
    }

    /// The value as a floating-point number, if the server takes it for one: any decimal number, but
    /// no hexadecimal or octal one.
    #[must_use]
    pub fn float(&self) -> Option<f64> {
        if matches!(self.integer_base(), Some(IntegerBase::Hexadecimal | IntegerBase::Octal)) {
            return None;
        }
        let value: f64 = self.text.trim_end_matches(['f', 'F']).parse().ok()?;
        Some(if self.negative { -value } else { value })
    }
}

/// A string after its escapes were resolved and adjacent literals joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StringLiteral<'t> {
    /// The bytes that the server reads; those of the file, where one literal without escapes says them.
    pub bytes: Cow<'t, [u8]>,
    /// What is odd about it although the server takes it.
    pub problems: Vec<StringProblem>,
    /// Escapes that the server refuses.
    pub invalid_escapes: Vec<Span>,
}

/// Something odd in a string that the server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StringProblem {
    /// What is odd.
    pub kind: StringProblemKind,
    /// The escape or bytes.
    pub span: Span,
}

/// The ways in which a string that the server takes is not what it seems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringProblemKind {
    /// The resulting bytes are not UTF-8; protobuf's other readers refuse the message.
    NotUtf8,
    /// Half of a surrogate pair, which has no UTF-8.
    LoneSurrogate,
    /// Two `\u` escapes that make one character together: only the C++ parser joins them.
    SurrogatePair,
    /// A code point beyond U+10FFFF: the escape stays in the string as text.
    BeyondUnicode,
    /// An octal escape above `\377`: it is taken modulo 256.
    OctalOverflow,
    /// `\X`: refused by the parser of servers up to 26.07.
    UppercaseHex,
}

impl<'t> StringLiteral<'t> {
    /// The text, with replacement characters where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Decodes adjacent literals, given by their spans with the quotes.
    pub(super) fn decode(source: &'t Source, literals: impl Iterator<Item = Span>) -> Self {
        let mut decoded = Self::default();
        let mut whole: Option<Span> = None;
        for span in literals {
            whole = Some(whole.map_or(span, |before| before.to(span)));
            let inner = Span::new(span.start + 1, span.end.saturating_sub(1).max(span.start + 1));
            Decoder { bytes: &source.bytes()[..inner.end as usize], at: inner.start as usize, out: &mut decoded }.run();
        }
        if let Some(span) = whole
            && decoded.problems.iter().all(|problem| problem.kind != StringProblemKind::LoneSurrogate)
            && std::str::from_utf8(&decoded.bytes).is_err()
        {
            decoded.problems.push(StringProblem { kind: StringProblemKind::NotUtf8, span });
        }
        decoded
    }
}

/// Resolves the escapes of one literal, as `Tokenizer::ParseStringAppend` of protobuf's
/// `io/tokenizer.cc` does.
struct Decoder<'t, 'o> {
    /// The file up to the closing quote.
    bytes: &'t [u8],
    at: usize,
    out: &'o mut StringLiteral<'t>,
}

impl Decoder<'_, '_> {
    fn run(mut self) {
        while let Some(length) = memchr::memchr(b'\\', &self.bytes[self.at..]) {
            self.append(&self.bytes[self.at..self.at + length]);
            self.at += length;
            self.escape();
        }
        if self.out.bytes.is_empty() {
            self.out.bytes = Cow::Borrowed(&self.bytes[self.at..]);
        } else {
            self.append(&self.bytes[self.at..]);
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        self.out.bytes.to_mut().extend_from_slice(bytes);
    }

    fn push(&mut self, byte: u8) {
        self.append(&[byte]);
    }

    fn escape(&mut self) {
        let start = self.at;
        let Some(&letter) = self.bytes.get(start + 1) else {
            self.at = self.bytes.len();
            return;
        };
        self.at += 2;
        match letter {
            b'a' => self.push(0x07),
            b'b' => self.push(0x08),
            b'f' => self.push(0x0C),
            b'n' => self.push(b'\n'),
            b'r' => self.push(b'\r'),
            b't' => self.push(b'\t'),
            b'v' => self.push(0x0B),
            b'\\' | b'?' | b'\'' | b'"' => self.push(letter),
            b'0'..=b'7' => self.octal(start),
            b'x' | b'X' => self.hexadecimal(start, letter),
            b'u' => self.unicode(start, 4),
            b'U' => self.unicode(start, 8),
            _ => self.invalid(start),
        }
    }

    fn octal(&mut self, start: usize) {
        self.at = start + 1;
        let (value, digits) = self.digits(8, 3);
        self.at += digits;
        if value > 0xFF {
            self.problem(StringProblemKind::OctalOverflow, start);
        }
        self.push(low_byte(value));
    }

    fn hexadecimal(&mut self, start: usize, letter: u8) {
        let (value, digits) = self.digits(16, 2);
        if digits == 0 {
            return self.invalid(start);
        }
        self.at += digits;
        if letter == b'X' {
            self.problem(StringProblemKind::UppercaseHex, start);
        }
        self.push(low_byte(value));
    }

    fn unicode(&mut self, start: usize, length: usize) {
        let (value, digits) = self.digits(16, length);
        if digits < length || value > 0x001F_FFFF {
            return self.invalid(start);
        }
        self.at += digits;
        if (0xD800..0xDC00).contains(&value)
            && let Some(low) = self.low_surrogate()
        {
            self.at += 6;
            self.problem(StringProblemKind::SurrogatePair, start);
            let joined = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
            self.push_char(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
        } else if let Some(c) = char::from_u32(value) {
            self.push_char(c);
        } else if value > 0x0010_FFFF {
            self.problem(StringProblemKind::BeyondUnicode, start);
            self.append(&self.bytes[start..self.at]);
        } else {
            self.problem(StringProblemKind::LoneSurrogate, start);
            // What UTF-8 would be if surrogates had any: 1110xxxx 10xxxxxx 10xxxxxx.
            let byte = |mark: u32, shift: u32| low_byte(mark | (value >> shift) & 0x3F);
            self.append(&[byte(0xE0, 12), byte(0x80, 6), byte(0x80, 0)]);
        }
    }

    /// The value of a `\u` escape right here, if it is the second half of a surrogate pair.
    fn low_surrogate(&self) -> Option<u32> {
        let rest = self.bytes[self.at..].strip_prefix(b"\\u")?;
        let (value, digits) = digits_of(rest, 16, 4);
        (digits == 4 && (0xDC00..0xE000).contains(&value)).then_some(value)
    }

    fn digits(&self, radix: u32, most: usize) -> (u32, usize) {
        digits_of(&self.bytes[self.at..], radix, most)
    }

    fn push_char(&mut self, c: char) {
        self.append(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn problem(&mut self, kind: StringProblemKind, start: usize) {
        self.out.problems.push(StringProblem { kind, span: Span::new(offset(start), offset(self.at)) });
    }

    fn invalid(&mut self, start: usize) {
        // The character behind the backslash may be longer than a byte.
        while self.bytes.get(self.at).is_some_and(|byte| byte & 0xC0 == 0x80) {
            self.at += 1;
        }
        self.out.invalid_escapes.push(Span::new(offset(start), offset(self.at)));
        self.append(&self.bytes[start..self.at]);
    }
}

/// The value modulo 256.
fn low_byte(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

/// Up to `most` digits at the beginning: their value and how many there are.
fn digits_of(bytes: &[u8], radix: u32, most: usize) -> (u32, usize) {
    let digits = bytes.iter().take(most).map_while(|&byte| char::from(byte).to_digit(radix));
    digits.fold((0, 0), |(value, count), digit| (value * radix + digit, count + 1))
}
