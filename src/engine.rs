//! Running the rules over a workspace.

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Findings, MOST_FINDINGS};
use crate::model::{Analysis, Model, Workspace};
use crate::rule::{Level, Rule};
use crate::settings::{Governs, Verdict};

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings, sorted by file, place and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// How many configs were looked at.
    pub configs: usize,
    /// How many findings were left out because their file has too many.
    pub left_out: usize,
}

impl Report {
    /// How many findings are of that level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.level == level).count()
    }
}

/// Runs every rule that the settings leave on over every model of the workspace.
#[must_use]
pub fn lint(workspace: &Workspace, settings: &dyn Governs) -> Report {
    lint_with(&crate::rules::all(), workspace, settings)
}

/// Runs some rules only.
#[must_use]
pub fn lint_with(rules: &[&'static Rule], workspace: &Workspace, settings: &dyn Governs) -> Report {
    let analysis = Analysis::new(workspace, settings);
    let checked: Vec<_> = analysis.reported().map(|model| check(model, rules, settings)).collect();
    let left_out = checked.iter().map(|checked| checked.left_out).sum();
    let mut diagnostics: Vec<_> = checked.into_iter().flat_map(|checked| checked.diagnostics).collect();
    diagnostics.par_sort_by(|a, b| (&a.place, a.rule.name).cmp(&(&b.place, b.rule.name)));
    Report { diagnostics, configs: analysis.reported_configs(), left_out }
}

struct Checked {
    diagnostics: Vec<Diagnostic>,
    left_out: usize,
}

fn check(model: Model<'_>, rules: &[&'static Rule], settings: &dyn Governs) -> Checked {
    let mut diagnostics = Vec::new();
    let settings = settings.of(&model.directory().path);
    for &rule in rules {
        let level = match settings.verdict(rule) {
            Verdict::Off => continue,
            Verdict::Own => None,
            Verdict::Level(level) => Some(level),
        };
        (rule.check)(model, &mut Findings::new(rule, level, model, &mut diagnostics));
    }
    let left_out = diagnostics.len().saturating_sub(MOST_FINDINGS);
    if left_out > 0 {
        diagnostics.sort_by(|a: &Diagnostic, b| b.level.cmp(&a.level).then_with(|| a.place.cmp(&b.place)));
        diagnostics.truncate(MOST_FINDINGS);
    }
    Checked { diagnostics, left_out }
}
