//! A report in words: one file a format.

mod azure;
mod checkstyle;
mod concise;
mod excerpt;
mod faults;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod patch;
mod place;
mod probe;
mod probe_html;
mod rdjson;
mod sarif;
mod statistics;
mod terminal;
mod text;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use clap::ValueEnum;

pub use faults::faults;
pub use full::Graphics;
pub use patch::{coloured, diff};
pub use probe::{probe_json, probe_text};
pub use probe_html::probe_html;
pub use terminal::page as terminal_page;
pub use text::{escaped, visible};

use crate::diagnostic::{Diagnostic, Place};
use crate::engine::Report;
use crate::fix::Applied;
use crate::model::load::Problem;
use crate::model::{FileId, Workspace};
use crate::probe::Probed;
use crate::rule::{Applicability, Level};
use crate::syntax::{Source, Span};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the lines of the file, for people.
    Full,
    /// One line a finding.
    Concise,
    /// For programs: one JSON object.
    Json,
    /// For programs: a JSON object a finding, one a line.
    JsonLines,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// The code quality report of GitLab.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// Checkstyle's XML.
    Checkstyle,
    /// The diagnostic format of reviewdog.
    Rdjson,
    /// Logging commands of Azure Pipelines.
    Azure,
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
    /// The folder that paths start from.
    pub here: &'r Path,
    /// The root of the checkout, from which code hosts want paths to start.
    pub root: &'r Path,
    /// What the probe found.
    pub probed: &'r Probed,
}

/// Writes the report of a run, drawn with those graphics if it is drawn.
#[must_use]
pub fn render(run: &Run<'_>, format: Format, graphics: Graphics) -> String {
    let sources = Sources::new(run);
    match format {
        Format::Full => full::render(run, &sources, graphics) + &fixed(run) + &summary(run),
        Format::Concise => concise::render(run, &sources) + &fixed(run) + &summary(run),
        Format::Json => escaped(json::render(run, &sources)),
        Format::JsonLines => escaped(json::render_lines(run, &sources)),
        Format::Sarif => escaped(sarif::render(run, &sources)),
        Format::Github => github::render(run, &sources),
        Format::Gitlab => escaped(gitlab::render(run, &sources)),
        Format::Junit => junit::render(run, &sources),
        Format::Checkstyle => checkstyle::render(run, &sources),
        Format::Rdjson => escaped(rdjson::render(run, &sources)),
        Format::Azure => azure::render(run, &sources),
    }
}

/// Writes how often each rule found something: in JSON for the formats that are JSON, else in lines.
#[must_use]
pub fn render_statistics(run: &Run<'_>, format: Format) -> String {
    match format {
        Format::Json => statistics::as_json(run),
        _ => statistics::as_text(run) + &fixed(run) + &summary(run),
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
                Place::Entry(_) | Place::Line { .. } => None,
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
        text::visible_path(&self.workspace.file(file).path)
    }

    /// Every file that a finding is in is there.
    fn source(&self, file: FileId) -> &Source {
        &self.sources[&file]
    }
}

/// Writes what a run fixed, and how much it left.
#[must_use]
pub fn render_fixed(run: &Run<'_>) -> String {
    let left = run.report.diagnostics.len();
    let left = if left == 0 { String::new() } else { format!(" {} left.", counted(left, "finding")) };
    format!("{}Fixed {}.{left}\n", fixed(run), counted(run.applied.len(), "finding"))
}

/// What was fixed: a line a file and rule.
fn fixed(run: &Run<'_>) -> String {
    let mut counts: BTreeMap<(&Path, &str), usize> = BTreeMap::new();
    for applied in run.applied {
        *counts.entry((applied.path(run.workspace), applied.rule)).or_default() += 1;
    }
    let mut text = String::new();
    for ((path, rule), count) in counts {
        let path = text::visible_path(path);
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
    let models = || run.workspace.repositories.iter().flat_map(|repository| &repository.models);
    let configs = match report.configs {
        // Models may do without one.
        0 => counted(models().filter(|model| model.is_reported).count(), "model"),
        count => counted(count, "config"),
    };
    let levels = [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Info, "info")];
    let found: Vec<String> = levels
        .into_iter()
        .filter(|(level, _)| report.count(*level) > 0)
        .map(|(level, name)| counted(report.count(level), name))
        .collect();
    let fixed = match run.applied.len() {
        0 => String::new(),
        count => format!("Fixed {}. ", counted(count, "finding")),
    };
    if found.is_empty() {
        return format!("{fixed}No findings in {configs}.{}\n", known(report));
    }
    let mut text = format!("{fixed}Found {} in {configs}.", found.join(", "));
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
        let _ = write!(
            text,
            " At least {} more in files with too many are not shown.",
            counted(report.left_out, "finding")
        );
    }
    text.push_str(&known(report));
    text.push('\n');
    text
}

/// What the baseline hides.
fn known(report: &Report) -> String {
    match report.known {
        0 => String::new(),
        1 => " 1 finding is in the baseline.".into(),
        count => format!(" {count} findings are in the baseline."),
    }
}

fn is_fixable(found: &Diagnostic, applicability: Applicability) -> bool {
    found.fix.as_ref().is_some_and(|fix| fix.applicability == applicability)
}

/// So many of that name.
pub(crate) fn counted(count: usize, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

/// The span as far as it lies in the file.
fn clamped(span: Span, source: &Source) -> Span {
    let end = source.span().end;
    Span::new(span.start.min(end), span.end.min(end))
}
