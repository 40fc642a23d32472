//! Running the rules over a workspace.

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Findings, MOST_FINDINGS, Stage};
use crate::fix::demote_partial_repairs;
use crate::model::{Analysis, Model, Workspace};
use crate::rule::{Category, Level, Rule};
use crate::settings::{Governs, Settings, Verdict};
use crate::suppression::{Suppression, silence};
use crate::syntax::Span;

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings, sorted by file, place and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// How many configs were looked at.
    pub configs: usize,
    /// How many findings comments silenced.
    pub suppressed: usize,
    /// How many findings are in the baseline.
    pub known: usize,
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
    let mut report = run(rules, workspace, settings, |model, diagnostics| {
        // The same rules once more, on that text alone, for as long as they repair it.
        let settings = settings.of(&model.directory().path);
        let syntax: Vec<_> = rules.iter().copied().filter(|rule| rule.category == Category::Syntax).collect();
        demote_partial_repairs(model.tree(), diagnostics, |workspace| run(&syntax, workspace, settings, |_, _| {}));
    });
    report.diagnostics.par_sort_by(|a, b| (&a.place, a.rule.name).cmp(&(&b.place, b.rule.name)));
    report
}

/// Runs rules at their levels; `revise` sees the findings of each model.
fn run(
    rules: &[&'static Rule],
    workspace: &Workspace,
    settings: &dyn Governs,
    revise: impl Fn(Model<'_>, &mut [Diagnostic]) + Sync,
) -> Report {
    let mut analysis = Analysis::new(workspace, settings);
    let all = crate::rules::all();
    let settings_of = |model: Model<'_>| settings.of(&model.directory().path);
    let checked = analysis.judge_and_look(
        |model| is_refused(model, &all, settings_of(model)),
        |model| {
            let mut checked = check(model, rules, settings_of(model));
            revise(model, &mut checked.diagnostics);
            checked
        },
    );
    let left_out = checked.iter().map(|checked| checked.left_out).sum();
    let suppressed = checked.iter().map(|checked| checked.suppressed).sum();
    let diagnostics = checked.into_iter().flat_map(|checked| checked.diagnostics).collect();
    Report { diagnostics, configs: analysis.reported_configs(), suppressed, known: 0, left_out }
}

/// Whether the server does not load a model, as far as the rules can tell that are not switched off.
fn is_refused(model: Model<'_>, rules: &[&'static Rule], settings: &Settings) -> bool {
    let mut rules = rules.iter().filter(|rule| settings.verdict(rule) != Verdict::Off);
    rules.any(|rule| {
        let mut diagnostics = Vec::new();
        (rule.check)(model, &mut Findings::new(rule, None, model, &mut diagnostics, &[], &settings.options));
        diagnostics.iter().any(|found| found.level == Level::Error && found.stage == Stage::Load)
    })
}

struct Checked {
    diagnostics: Vec<Diagnostic>,
    suppressed: usize,
    left_out: usize,
}

fn check(model: Model<'_>, rules: &[&'static Rule], settings: &Settings) -> Checked {
    let rules: Vec<(&'static Rule, Option<Level>)> = rules
        .iter()
        .filter_map(|rule| match settings.verdict(rule) {
            Verdict::Off => None,
            Verdict::Own => Some((*rule, None)),
            Verdict::Level(level) => Some((*rule, Some(level))),
        })
        .collect();
    let mut diagnostics = Vec::new();
    let run = |is_about_comments: bool, unused: &[Span], diagnostics: &mut Vec<Diagnostic>| {
        for (rule, level) in &rules {
            if (rule.category == Category::Suppression) == is_about_comments {
                (rule.check)(model, &mut Findings::new(rule, *level, model, diagnostics, unused, &settings.options));
            }
        }
    };
    run(false, &[], &mut diagnostics);
    let mut found = diagnostics.len();
    let comments = model.suppressions();
    if !comments.is_empty() {
        let has_all = found < MOST_FINDINGS;
        let mut unused = silence(model.tree(), comments, &mut diagnostics);
        // What did not run, or did not say all, cannot be told to have found nothing.
        let names = comments.iter().flat_map(Suppression::names);
        let idle = names.filter(|name| match &name.selector {
            Some(selector) => !has_all || !rules.iter().any(|(rule, _)| selector.names_rule(rule)),
            None => true,
        });
        let idle: Vec<Span> = idle.map(|name| name.span).collect();
        unused.retain(|name| !idle.contains(name));
        let mut about_comments = Vec::new();
        run(true, &unused, &mut about_comments);
        found += about_comments.len();
        silence(model.tree(), comments, &mut about_comments);
        diagnostics.append(&mut about_comments);
    }
    let suppressed = found - diagnostics.len();
    let left_out = diagnostics.len().saturating_sub(MOST_FINDINGS);
    if left_out > 0 {
        diagnostics.sort_by(|a: &Diagnostic, b| b.level.cmp(&a.level).then_with(|| a.place.cmp(&b.place)));
        diagnostics.truncate(MOST_FINDINGS);
    }
    Checked { diagnostics, suppressed, left_out }
}
