//! Where a finding is, as code hosts and CI servers want to be told.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Run, Sources, clamped};
use crate::diagnostic::{Diagnostic, Place, beginning};
use crate::model::FileId;
use crate::syntax::{LineColumn, Source, Span};

/// A finding with its place.
pub(super) struct Located<'r> {
    pub(super) found: &'r Diagnostic,
    /// From the root of the checkout, with `/` between its parts.
    pub(super) path: String,
    /// From where to where; none for a folder.
    pub(super) range: Option<Range>,
    /// The same for the same finding in another run, whatever was added or removed above it in its file.
    pub(super) fingerprint: String,
}

/// A part of a text.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) start: LineColumn,
    /// Behind the last character.
    pub(super) end: LineColumn,
}

impl Range {
    pub(super) fn new(span: Span, source: &Source) -> Self {
        let span = clamped(span, source);
        Self { start: source.line_column(span.start), end: source.line_column(span.end) }
    }

    /// The beginning of a line.
    fn at_line(line: usize) -> Self {
        let place = LineColumn { line, column: 1 };
        Self { start: place, end: place }
    }

    /// The same with columns that count bytes.
    pub(super) fn in_bytes(span: Span, source: &Source) -> Self {
        let span = clamped(span, source);
        let place = |at: u32| {
            let line = source.line(at);
            LineColumn { line: line + 1, column: (at - source.line_span(line).start) as usize + 1 }
        };
        Self { start: place(span.start), end: place(span.end) }
    }
}

/// So many bytes of a line tell findings apart. A line may have megabytes, and hundreds of findings.
const MOST_COMPARED: usize = 4096;

/// Every finding with its place, in their order.
pub(super) fn located<'r>(run: &'r Run<'_>, sources: &Sources<'_>) -> Vec<Located<'r>> {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let findings = run.report.diagnostics.iter().map(|found| {
        let (path, range, line) = match &found.place {
            Place::Text { file, span } => {
                let source = sources.source(*file);
                let line = source.slice(source.line_span(source.line(span.start))).trim();
                (rooted_file(run, *file), Some(Range::new(*span, source)), beginning(line, MOST_COMPARED))
            }
            Place::Entry(path) => (rooted(run, path), None, ""),
            Place::Line { path, line } => (rooted(run, path), Some(Range::at_line(*line)), ""),
        };
        let text = [found.rule.name, &found.message, line].join("\n");
        // Of findings that are alike, the first is the first in every run.
        let count = seen.entry((path.clone(), text.clone())).or_default();
        *count += 1;
        let fingerprint = hash(&format!("{path}\n{text}\n{count}"));
        Located { found, path, range, fingerprint }
    });
    findings.collect()
}

/// The path of a file from the root of the checkout.
pub(super) fn rooted_file(run: &Run<'_>, file: FileId) -> String {
    rooted(run, &run.workspace.file(file).path)
}

/// A path from the root of the checkout, if it lies in it.
pub(super) fn rooted(run: &Run<'_>, path: &Path) -> String {
    let path = run.here.join(path);
    let inside = path.strip_prefix(run.root).unwrap_or(&path);
    let parts: Vec<_> = inside
        .components()
        .filter(|part| !matches!(part, std::path::Component::CurDir))
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    let text = parts.join("/");
    if inside.is_absolute() { text.replacen("//", "/", 1) } else { text }
}

/// FNV-1a of 64 bits: what it makes of a text never changes, as that of the standard library may.
fn hash(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
