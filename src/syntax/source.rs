//! The bytes of one file, with positions in them.

use std::fmt;
use std::ops::Range;

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty span at an offset: a place between two bytes.
    #[must_use]
    pub const fn empty(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// As an index range.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A place as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct LineColumn {
    /// Line, ended by line feeds only, as the server counts.
    pub line: usize,
    /// Column in Unicode characters; a tab is one.
    pub column: usize,
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Nobody indents by more bytes than these. Of a line with megabytes of blanks no more is looked at for each field on
/// it.
const WIDEST_INDENTATION: usize = 1000;

/// The contents of one file, whatever its bytes.
///
/// Next to the bytes it holds a *shadow*: valid UTF-8 of the same length in which each byte that is
/// not UTF-8 is a DEL character, and each NUL and a leading byte order mark are spaces. The grammar
/// reads the shadow, so spans are right for the bytes too.
#[derive(Clone, Debug)]
pub struct Source {
    text: String,
    /// The bytes, where the text is but their shadow.
    original: Option<Vec<u8>>,
    line_starts: Vec<u32>,
    invalid_utf8: Vec<Span>,
}

/// What stands in the shadow for a byte that is not UTF-8.
pub(super) const INVALID: &str = "\x7F";

/// The UTF-8 byte order mark.
pub(super) const BYTE_ORDER_MARK: &str = "\u{FEFF}";

impl Source {
    /// Takes the bytes of a file. Those beyond the four-gigabyte limit of [`Span`] are left off; the
    /// repository refuses such files long before.
    #[must_use]
    pub fn new(mut bytes: Vec<u8>) -> Self {
        bytes.truncate(u32::MAX as usize - 1);
        // Lines are rarely shorter, and to move the starts of very many takes longer than to find them.
        let mut line_starts = Vec::with_capacity(bytes.len() / 16 + 1);
        line_starts.push(0);
        line_starts.extend(memchr::memchr_iter(b'\n', &bytes).map(|at| offset(at + 1)));
        let has_mark = bytes.starts_with(BYTE_ORDER_MARK.as_bytes());
        match String::from_utf8(bytes) {
            Ok(text) if !has_mark && memchr::memchr(0, text.as_bytes()).is_none() => {
                Self { text, original: None, line_starts, invalid_utf8: Vec::new() }
            }
            other => {
                let bytes = other.map_or_else(std::string::FromUtf8Error::into_bytes, String::into_bytes);
                let (text, invalid_utf8) = shadow(&bytes);
                Self { text, original: Some(bytes), line_starts, invalid_utf8 }
            }
        }
    }

    /// The bytes as they are in the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.original.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The text that the grammar reads: byte for byte as long as [`Source::bytes`].
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text().get(span.range()).unwrap_or_default()
    }

    /// Runs of bytes that are not UTF-8.
    #[must_use]
    pub fn invalid_utf8(&self) -> &[Span] {
        &self.invalid_utf8
    }

    /// The span of the whole file.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::new(0, offset(self.text.len()))
    }

    /// The line that a byte is in, from 0.
    #[must_use]
    pub fn line(&self, at: u32) -> usize {
        self.line_starts.partition_point(|&start| start <= at) - 1
    }

    /// The span of a line, counted from 0, without its line feed.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.line_starts.get(line).copied().unwrap_or(offset(self.text.len()));
        let end = self.line_starts.get(line + 1).map_or(offset(self.text.len()), |next| next - 1);
        Span::new(start, end)
    }

    /// Where a byte is, as people count.
    #[must_use]
    pub fn line_column(&self, at: u32) -> LineColumn {
        let line = self.line(at);
        let before = Span::new(self.line_starts[line], at.min(self.span().end));
        let column = self.text().get(before.range()).map_or(before.len(), |text| text.chars().count());
        // The shadow has a character for each byte of the mark.
        let is_behind_mark = line == 0 && self.bytes().starts_with(BYTE_ORDER_MARK.as_bytes());
        let hidden = if is_behind_mark { column.min(BYTE_ORDER_MARK.len()).saturating_sub(1) } else { 0 };
        LineColumn { line: line + 1, column: column + 1 - hidden }
    }

    /// The white space that a byte's line begins with, as far as anybody indents.
    #[must_use]
    pub fn indentation(&self, at: u32) -> &str {
        let line = self.slice(self.line_span(self.line(at)));
        let width = line.bytes().take(WIDEST_INDENTATION).take_while(|byte| is_blank(*byte)).count();
        &line[..width]
    }

    /// Whether nothing but white space stands before a byte on its line, and no more of it than anybody indents.
    #[must_use]
    pub fn is_first_on_line(&self, at: u32) -> bool {
        let before = Span::new(self.line_starts[self.line(at)], at);
        before.range().len() <= WIDEST_INDENTATION && self.slice(before).bytes().all(is_blank)
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The shadow of bytes, and where they are not UTF-8.
fn shadow(bytes: &[u8]) -> (String, Vec<Span>) {
    let mut text = String::with_capacity(bytes.len());
    let mut invalid_utf8: Vec<Span> = Vec::new();
    let mark = if bytes.starts_with(BYTE_ORDER_MARK.as_bytes()) { BYTE_ORDER_MARK.len() } else { 0 };
    text.push_str(&" ".repeat(mark));
    for chunk in bytes[mark..].utf8_chunks() {
        text.extend(chunk.valid().chars().map(|c| if c == '\0' { ' ' } else { c }));
        if !chunk.invalid().is_empty() {
            let start = offset(text.len());
            text.push_str(&INVALID.repeat(chunk.invalid().len()));
            let end = offset(text.len());
            match invalid_utf8.last_mut() {
                Some(Span { end: last, .. }) if *last == start => *last = end,
                _ => invalid_utf8.push(Span::new(start, end)),
            }
        }
    }
    (text, invalid_utf8)
}

/// A length or index inside a [`Source`], which is shorter than four gigabytes.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
