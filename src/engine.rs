//! Running the rules over a workspace.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::diagnostic::{Collected, Diagnostic, Findings, MOST_FINDINGS, Stage};
use crate::fix::demote_partial_repairs;
use crate::model::{Analysis, Model, Wanted, Workspace};
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
    let rules = Rules::new(rules);
    let checked = analysis.judge_and_look(|model, wanted| {
        let settings = settings.of(&model.directory().path);
        let (mut checked, is_refused) = match wanted {
            Wanted::Findings => (Some(check(model, &rules, settings)), false),
            Wanted::Judgement => (None, rules.all().any(|rule| refuses(model, rule, settings))),
            Wanted::Both => {
                let checked = check(model, &rules, settings);
                let is_refused =
                    checked.is_refused || rules.unjudged(settings).any(|rule| refuses(model, rule, settings));
                (Some(checked), is_refused)
            }
        };
        if let Some(checked) = &mut checked {
            revise(model, &mut checked.diagnostics);
        }
        (checked, is_refused)
    });
    let left_out = checked.iter().map(|checked| checked.left_out).sum();
    let suppressed = checked.iter().map(|checked| checked.suppressed).sum();
    let diagnostics = checked.into_iter().flat_map(|checked| checked.diagnostics).collect();
    Report { diagnostics, configs: analysis.reported_configs(), suppressed, known: 0, left_out }
}

/// The rules of a run.
struct Rules {
    /// Those whose findings are wanted.
    wanted: Vec<&'static Rule>,
    /// The others, which still tell whether the server refuses a model.
    unwanted: Vec<&'static Rule>,
    /// What runs where the settings say nothing of rules, so as not to ask for each model.
    default: Vec<(&'static Rule, Option<Level>)>,
}

impl Rules {
    fn new(wanted: &[&'static Rule]) -> Self {
        let is_unwanted = |rule: &&'static Rule| !wanted.iter().any(|wanted| wanted.name == rule.name);
        let unwanted = crate::rules::all().into_iter().filter(is_unwanted).collect();
        Self { wanted: wanted.to_vec(), unwanted, default: levels(wanted, &Settings::default()) }
    }

    fn all(&self) -> impl Iterator<Item = &'static Rule> {
        self.wanted.iter().chain(&self.unwanted).copied()
    }

    /// The rules whose findings are wanted, with the levels that the settings give them.
    fn in_force(&self, settings: &Settings) -> Cow<'_, [(&'static Rule, Option<Level>)]> {
        if settings.rules.is_empty() {
            Cow::Borrowed(&self.default)
        } else {
            Cow::Owned(levels(&self.wanted, settings))
        }
    }

    /// The rules that `check` runs not at all, or at levels that do not tell what the server does.
    fn unjudged(&self, settings: &Settings) -> impl Iterator<Item = &'static Rule> {
        let may_be_changed = if settings.rules.is_empty() { &[] } else { self.wanted.as_slice() };
        let changed = may_be_changed.iter().filter(|rule| settings.verdict(rule) != Verdict::Own);
        self.unwanted.iter().chain(changed).copied()
    }
}

fn levels(rules: &[&'static Rule], settings: &Settings) -> Vec<(&'static Rule, Option<Level>)> {
    let level = |rule: &&'static Rule| match settings.verdict(rule) {
        Verdict::Off => None,
        Verdict::Own => Some((*rule, None)),
        Verdict::Level(level) => Some((*rule, Some(level))),
    };
    rules.iter().filter_map(level).collect()
}

/// Whether a rule tells that the server does not load a model. One that is switched off tells nothing.
fn refuses(model: Model<'_>, rule: &'static Rule, settings: &Settings) -> bool {
    if settings.verdict(rule) == Verdict::Off {
        return false;
    }
    let mut found = Collected::default();
    (rule.check)(model, &mut Findings::new(rule, None, model, &mut found, &[], &settings.options));
    found.diagnostics.iter().any(is_refusal)
}

fn is_refusal(found: &Diagnostic) -> bool {
    found.level == Level::Error && found.stage == Stage::Load
}

struct Checked {
    diagnostics: Vec<Diagnostic>,
    /// Whether the server does not load the model, as far as rules tell whose levels nobody changed.
    is_refused: bool,
    suppressed: usize,
    left_out: usize,
}

fn check(model: Model<'_>, rules: &Rules, settings: &Settings) -> Checked {
    let rules = rules.in_force(settings);
    let run = |is_about_comments: bool, unused: &[Span]| {
        let mut found = Collected::default();
        for (rule, level) in &*rules {
            if (rule.category == Category::Suppression) == is_about_comments {
                (rule.check)(model, &mut Findings::new(rule, *level, model, &mut found, unused, &settings.options));
            }
        }
        found
    };
    let Collected { mut diagnostics, mut left_out } = run(false, &[]);
    let is_refused = diagnostics.iter().any(|found| is_refusal(found) && settings.verdict(found.rule) == Verdict::Own);
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
        let idle: BTreeSet<Span> = idle.map(|name| name.span).collect();
        unused.retain(|name| !idle.contains(name));
        let mut about_comments = run(true, &unused);
        found += about_comments.diagnostics.len();
        left_out += about_comments.left_out;
        silence(model.tree(), comments, &mut about_comments.diagnostics);
        diagnostics.append(&mut about_comments.diagnostics);
    }
    let suppressed = found - diagnostics.len();
    left_out += diagnostics.len().saturating_sub(MOST_FINDINGS);
    if diagnostics.len() > MOST_FINDINGS {
        diagnostics.sort_by(|a: &Diagnostic, b| b.level.cmp(&a.level).then_with(|| a.place.cmp(&b.place)));
        diagnostics.truncate(MOST_FINDINGS);
    }
    Checked { diagnostics, is_refused, suppressed, left_out }
}
