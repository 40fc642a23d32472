//! What miette quotes: a file, or of a file with very long lines the part around a finding.

use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::text;
use crate::syntax::{Source, Span, offset};

/// Lines longer than this are not quoted whole.
const LONGEST_LINE: usize = 500;

/// How much of such a line is quoted on each side.
const MARGIN: u32 = 60;

/// A text to quote, and where it begins in its file.
#[derive(Clone, Debug)]
pub(super) struct Excerpt {
    name: Arc<str>,
    text: Arc<str>,
    /// The line that the text begins in, from 0.
    line: usize,
    /// The column that it begins at, in characters from 0.
    column: usize,
    /// The offset of its first byte.
    start: u32,
    /// How many characters of the text stand for nothing: of a byte order mark, all but one.
    hidden: usize,
}

impl Excerpt {
    /// The whole file.
    pub(super) fn of(name: &str, source: &Source) -> Self {
        let text = text::visible_in_place(source.text()).into();
        // The second byte of a mark is where the first column ends.
        let hidden = if source.bytes().starts_with("\u{FEFF}".as_bytes()) { "\u{FEFF}".len() - 1 } else { 0 };
        Self { name: name.into(), text, line: 0, column: 0, start: 0, hidden }
    }

    /// The part around a span, if the lines around it are too long to be quoted whole.
    pub(super) fn around(&self, span: Span, source: &Source) -> Option<Self> {
        let line = source.line(span.start);
        let lines = line.saturating_sub(1)..=line + 1;
        if lines.into_iter().all(|line| source.line_span(line).len() <= LONGEST_LINE) {
            return None;
        }
        let whole = source.line_span(line);
        let on_character =
            |at: u32| (0..=at).rev().find(|at| self.text.is_char_boundary(*at as usize)).unwrap_or_default();
        let start = on_character(span.start.saturating_sub(MARGIN).max(whole.start));
        let end = on_character(span.end.min(span.start + MARGIN).saturating_add(MARGIN).min(whole.end).max(start));
        let column = source.line_column(start).column - 1;
        let text = self.text[start as usize..end as usize].into();
        Some(Self { name: Arc::clone(&self.name), text, line, column, start, hidden: 0 })
    }

    /// A span of the file as one of this text, as far as it lies in it.
    pub(super) fn locate(&self, span: Span) -> SourceSpan {
        let end = self.start + offset(self.text.len());
        let (start, end) = (span.start.clamp(self.start, end), span.end.clamp(self.start, end));
        ((start - self.start) as usize, (end - start) as usize).into()
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, lines_before, lines_after)?;
        // Columns count characters, as everywhere else in our output.
        let start = contents.span().offset();
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let first = if contents.line() == 0 { self.column } else { 0 };
        let hidden = if contents.line() == 0 && start > 0 { self.hidden } else { 0 };
        let column = first + self.text[line_start..start].chars().count() - hidden;
        let line = self.line + contents.line();
        let (data, span, count) = (contents.data(), *contents.span(), contents.line_count());
        Ok(Box::new(MietteSpanContents::new_named(self.name.to_string(), data, span, line, column, count)))
    }
}
