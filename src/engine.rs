//! Running the rules over a workspace.

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Findings, MOST_FINDINGS};
use crate::fix::demote_partial_repairs;
use crate::model::{Analysis, Model, Workspace};
use crate::rule::{Category, Level, Rule};
use crate::settings::{LevelSetting, Settings};

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
pub fn lint(workspace: &Workspace, settings: &Settings) -> Report {
    lint_with(&crate::rules::all(), workspace, settings)
}

/// Runs some rules only.
#[must_use]
pub fn lint_with(rules: &[&'static Rule], workspace: &Workspace, settings: &Settings) -> Report {
    let rules: Vec<(&'static Rule, Option<Level>)> = rules
        .iter()
        .filter_map(|rule| match settings.rules.get(rule.name) {
            Some(setting) => setting.level().map(|level| (*rule, Some(level))),
            None => rule.category.is_on_by_default().then_some((*rule, None)),
        })
        .collect();
    let mut report = run(&rules, workspace, settings, |model, diagnostics| {
        // The same rules once more, on that text alone, for as long as they repair it.
        let syntax: Vec<_> = rules.iter().copied().filter(|(rule, _)| rule.category == Category::Syntax).collect();
        demote_partial_repairs(model.tree(), diagnostics, |workspace| run(&syntax, workspace, settings, |_, _| {}));
    });
    report.diagnostics.par_sort_by(|a, b| (&a.place, a.rule.name).cmp(&(&b.place, b.rule.name)));
    report
}

/// Runs rules at their levels; `revise` sees the findings of each model.
fn run(
    rules: &[(&'static Rule, Option<Level>)],
    workspace: &Workspace,
    settings: &Settings,
    revise: impl Fn(Model<'_>, &mut [Diagnostic]) + Sync,
) -> Report {
    let mut analysis = Analysis::new(workspace, settings);
    analysis.judge_step_models(|model| is_refused(model, settings));
    let checked: Vec<_> = analysis
        .reported()
        .map(|model| {
            let mut checked = check(model, rules);
            revise(model, &mut checked.diagnostics);
            checked
        })
        .collect();
    let left_out = checked.iter().map(|checked| checked.left_out).sum();
    let diagnostics = checked.into_iter().flat_map(|checked| checked.diagnostics).collect();
    Report { diagnostics, configs: analysis.reported_configs(), left_out }
}

/// Whether the server does not load a model, as far as the rules can tell that are not switched off.
fn is_refused(model: Model<'_>, settings: &Settings) -> bool {
    let rules = crate::rules::all();
    let mut rules = rules
        .into_iter()
        .filter(|rule| settings.rules.get(rule.name) != Some(&LevelSetting::Off) && !AT_REQUESTS.contains(&rule.name));
    rules.any(|rule| {
        let mut diagnostics = Vec::new();
        (rule.check)(model, &mut Findings::new(rule, None, model, &mut diagnostics));
        diagnostics.iter().any(|found| found.level == Level::Error)
    })
}

/// What these find the server loads, and then answers no request.
const AT_REQUESTS: [&str; 1] = ["duplicate-input-name"];

struct Checked {
    diagnostics: Vec<Diagnostic>,
    left_out: usize,
}

fn check(model: Model<'_>, rules: &[(&'static Rule, Option<Level>)]) -> Checked {
    let mut diagnostics = Vec::new();
    for &(rule, level) in rules {
        (rule.check)(model, &mut Findings::new(rule, level, model, &mut diagnostics));
    }
    let left_out = diagnostics.len().saturating_sub(MOST_FINDINGS);
    if left_out > 0 {
        diagnostics.sort_by(|a: &Diagnostic, b| b.level.cmp(&a.level).then_with(|| a.place.cmp(&b.place)));
        diagnostics.truncate(MOST_FINDINGS);
    }
    Checked { diagnostics, left_out }
}
