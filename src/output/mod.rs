//! A report in words: one file a format.

mod concise;
mod excerpt;
mod full;
mod json;
mod probe;
mod probe_html;
mod text;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use full::Graphics;
pub use probe::{probe_json, probe_text};
pub use probe_html::probe_html;
pub use text::visible;

use crate::diagnostic::{Diagnostic, Place};
use crate::engine::Report;
use crate::fix::Applied;
use crate::model::load::Problem;
use crate::model::{FileId, Workspace};
use crate::probe::Probed;
use crate::rule::{Applicability, Level};
use crate::syntax::{Source, Span};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// With the lines of the file, for people.
    Full(Graphics),
    /// One line a finding.
    Concise,
    /// For programs.
    Json,
}

/// Everything there is to tell of a run.
pub struct Run<'r> {
    /// The files as they are after fixing.
    pub workspace: &'r Workspace,
    /// What was found and is not fixed.
    pub report: &'r Report,
    /// What was fixed.
    pub applied: &'r [Applied],
    /// What could not be read or written.
    pub problems: &'r [Problem],
    /// What the probe found.
    pub probed: &'r Probed,
}

/// Writes the report of a run.
#[must_use]
pub fn render(run: &Run<'_>, format: Format) -> String {
    let sources = Sources::new(run);
    match format {
        Format::Full(graphics) => full::render(run, &sources, graphics) + &fixed(run) + &summary(run),
        Format::Concise => concise::render(run, &sources) + &fixed(run) + &summary(run),
        Format::Json => json::render(run, &sources),
    }
}

/// The files that findings are in, ready to be quoted.
struct Sources<'w> {
    workspace: &'w Workspace,
    sources: BTreeMap<FileId, Source>,
}

impl<'w> Sources<'w> {
    fn new(run: &Run<'w>) -> Self {
        let mut sources = BTreeMap::new();
        for found in &run.report.diagnostics {
            let own = match &found.place {
                Place::Text { file, .. } => Some(*file),
                Place::Entry(_) => None,
            };
            for file in own.into_iter().chain(found.labels.iter().map(|label| label.file)) {
                sources.entry(file).or_insert_with(|| Source::new(run.workspace.file(file).bytes.to_vec()));
            }
        }
        Self { workspace: run.workspace, sources }
    }

    /// The path of a file, as it is.
    fn raw_path(&self, file: FileId) -> String {
        self.workspace.file(file).path.to_string_lossy().into_owned()
    }

    /// The path of a file, safe for a terminal.
    fn path(&self, file: FileId) -> String {
        text::visible(&self.raw_path(file))
    }

    /// Every file that a finding is in is there.
    fn source(&self, file: FileId) -> &Source {
        &self.sources[&file]
    }
}

/// What was fixed: a line a file and rule.
fn fixed(run: &Run<'_>) -> String {
    let mut counts: BTreeMap<(FileId, &str), usize> = BTreeMap::new();
    for applied in run.applied {
        *counts.entry((applied.file, applied.rule)).or_default() += 1;
    }
    let mut text = String::new();
    for ((file, rule), count) in counts {
        let path = text::visible(&run.workspace.file(file).path.to_string_lossy());
        let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
        let _ = writeln!(text, "Fixed {path}: {rule}{times}");
    }
    text
}

/// The last line: how many findings there are, and how many of them can be fixed.
fn summary(run: &Run<'_>) -> String {
    let report = run.report;
    if report.configs == 0 && report.diagnostics.is_empty() && !run.problems.is_empty() {
        // What went wrong is told elsewhere; there was nothing to look at.
        return String::new();
    }
    let configs = counted(report.configs, "config");
    let levels = [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Info, "info")];
    let found: Vec<String> = levels
        .into_iter()
        .filter(|(level, _)| report.count(*level) > 0)
        .map(|(level, name)| counted(report.count(level), name))
        .collect();
    if found.is_empty() {
        return format!("No findings in {configs}.\n");
    }
    let mut text = format!("Found {} in {configs}.", found.join(", "));
    let fixable = |applicability| report.diagnostics.iter().filter(|found| is_fixable(found, applicability)).count();
    match (fixable(Applicability::Safe), fixable(Applicability::Unsafe)) {
        (0, 0) => {}
        (safe, 0) => {
            let _ = write!(text, " {} can be fixed with --fix.", counted(safe, "finding"));
        }
        (0, risky) => {
            let _ = write!(text, " {} can be fixed with --fix --unsafe-fixes.", counted(risky, "finding"));
        }
        (safe, risky) => {
            let _ = write!(
                text,
                " {} can be fixed with --fix, {risky} more with --unsafe-fixes.",
                counted(safe, "finding")
            );
        }
    }
    if report.left_out > 0 {
        let _ = write!(text, " {} more in files with too many are not shown.", counted(report.left_out, "finding"));
    }
    text.push('\n');
    text
}

fn is_fixable(found: &Diagnostic, applicability: Applicability) -> bool {
    found.fix.as_ref().is_some_and(|fix| fix.applicability == applicability)
}

fn counted(count: usize, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

/// A unified diff between the contents of files, which `patch` and `git apply` take.
#[must_use]
pub fn diff(before: &Workspace, after: &Workspace) -> Vec<u8> {
    let mut written = Vec::new();
    for ((_, old), (_, new)) in before.files().zip(after.files()).filter(|((_, old), (_, new))| old.bytes != new.bytes)
    {
        let path = old.path.to_string_lossy();
        // A tab ends a path with blanks in it.
        let path = if path.contains(' ') { format!("{path}\t") } else { path.into_owned() };
        let diff = similar::TextDiff::from_lines(&*old.bytes, &*new.bytes);
        // Writing to a vector cannot fail.
        let _ = diff.unified_diff().header(&path, &path).to_writer(&mut written);
    }
    written
}

/// The span as far as it lies in the file.
fn clamped(span: Span, source: &Source) -> Span {
    let end = source.span().end;
    Span::new(span.start.min(end), span.end.min(end))
}
