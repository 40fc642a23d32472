//! For programs: one JSON object. Spans are byte offsets; lines and columns count from 1.

use std::borrow::Cow;

use serde::Serialize;

use super::{Run, Sources};
use crate::diagnostic::{self, Diagnostic, Place};
use crate::model::FileId;
use crate::probe::Outcome;
use crate::rule::{Applicability, Category, Level};
use crate::syntax::{LineColumn, Source, Span};

/// Raised when a field changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    summary: Summary,
    diagnostics: Vec<Finding<'r>>,
    fixed: Vec<Fixed<'r>>,
    problems: Vec<Problem>,
    /// What the probe found about each model that it has run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    probe: Vec<&'r Outcome>,
}

#[derive(Serialize)]
struct Summary {
    configs: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    left_out: usize,
    suppressed: usize,
    in_baseline: usize,
}

#[derive(Serialize)]
struct Finding<'r> {
    rule: &'r str,
    category: Category,
    level: Level,
    message: &'r str,
    path: String,
    location: Option<Location>,
    /// Of a file of code, of which no more is known than the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    labels: Vec<Label<'r>>,
    notes: &'r [String],
    help: Option<&'r str>,
    fix: Option<Fix<'r>>,
}

#[derive(Serialize)]
struct Location {
    span: Span,
    start: LineColumn,
    end: LineColumn,
}

#[derive(Serialize)]
struct Label<'r> {
    message: &'r str,
    path: String,
    location: Location,
}

#[derive(Serialize)]
struct Fix<'r> {
    title: &'r str,
    applicability: Applicability,
    edits: Vec<Edit<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_change: Option<FileChange<'r>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum FileChange<'r> {
    Rename { from: Cow<'r, str>, to: Cow<'r, str> },
    Create { path: Cow<'r, str> },
}

impl<'r> From<&'r diagnostic::FileChange> for FileChange<'r> {
    fn from(change: &'r diagnostic::FileChange) -> Self {
        match change {
            diagnostic::FileChange::Rename { from, to } => {
                Self::Rename { from: from.to_string_lossy(), to: to.to_string_lossy() }
            }
            diagnostic::FileChange::Create(path) => Self::Create { path: path.to_string_lossy() },
        }
    }
}

#[derive(Serialize)]
struct Edit<'r> {
    path: String,
    location: Location,
    text: &'r str,
}

#[derive(Serialize)]
struct Fixed<'r> {
    rule: &'r str,
    path: String,
    title: &'r str,
}

#[derive(Serialize)]
struct Problem {
    path: String,
    reason: String,
}

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let report = run.report;
    let document = Document {
        version: VERSION,
        summary: Summary {
            configs: report.configs,
            errors: report.count(Level::Error),
            warnings: report.count(Level::Warning),
            infos: report.count(Level::Info),
            left_out: report.left_out,
            suppressed: report.suppressed,
            in_baseline: report.known,
        },
        diagnostics: report.diagnostics.iter().map(|found| finding(found, sources)).collect(),
        fixed: run
            .applied
            .iter()
            .map(|applied| {
                let path = applied.path(run.workspace).to_string_lossy().into_owned();
                Fixed { rule: applied.rule, path, title: &applied.title }
            })
            .collect(),
        problems: run
            .problems
            .iter()
            .map(|problem| Problem {
                path: problem.path.to_string_lossy().into_owned(),
                reason: problem.reason.clone(),
            })
            .collect(),
        probe: run.probed.outcomes().collect(),
    };
    // Only a map with keys that are no strings could fail, and there is none.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// One finding a line.
pub(super) fn render_lines(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let lines = run.report.diagnostics.iter().map(|found| {
        // As above.
        serde_json::to_string(&finding(found, sources)).unwrap_or_default() + "\n"
    });
    lines.collect()
}

fn finding<'r>(found: &'r Diagnostic, sources: &Sources<'_>) -> Finding<'r> {
    let (path, location) = match &found.place {
        Place::Text { file, span } => (sources.raw_path(*file), Some(Location::new(*span, sources.source(*file)))),
        Place::Entry(path) | Place::Line { path, .. } => (path.to_string_lossy().into_owned(), None),
    };
    let line = if let Place::Line { line, .. } = found.place { Some(line) } else { None };
    let at = |file: FileId, span: Span| (sources.raw_path(file), Location::new(span, sources.source(file)));
    Finding {
        rule: found.rule.name,
        category: found.rule.category,
        level: found.level,
        message: &found.message,
        path,
        location,
        line,
        labels: found
            .labels
            .iter()
            .map(|label| {
                let (path, location) = at(label.file, label.span);
                Label { message: &label.message, path, location }
            })
            .collect(),
        notes: &found.notes,
        help: found.help.as_deref(),
        fix: found.fix.as_ref().map(|fix| Fix {
            title: &fix.title,
            applicability: fix.applicability,
            edits: fix
                .edits()
                .iter()
                .map(|edit| {
                    let (path, location) = at(edit.file, edit.span);
                    Edit { path, location, text: &edit.text }
                })
                .collect(),
            file_change: fix.file_change().map(FileChange::from),
        }),
    }
}

impl Location {
    fn new(span: Span, source: &Source) -> Self {
        let span = super::clamped(span, source);
        Self { span, start: source.line_column(span.start), end: source.line_column(span.end) }
    }
}
