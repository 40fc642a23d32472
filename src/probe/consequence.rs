//! What the probe's verdicts mean for findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Cache, Effort, Helper, Outcome, Progress, Subject, Unavailable, Variant, Verdict, probe};
use crate::diagnostic::{Diagnostic, Fix, Place};
use crate::edit::set_parameter;
use crate::engine::Report;
use crate::model::{Analysis, FileId, Workspace};
use crate::rule::{Applicability, Level, Rule};
use crate::schema::read_config;
use crate::settings::{Governs, Settings, Verdict as Setting};
use crate::syntax::Tree;

/// The rule whose findings the probe proves or disproves.
const RULE: &str = "optimized-execution-with-dynamic-shapes";

/// What the probe found about the models of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Probed {
    by_config: BTreeMap<FileId, Found>,
}

/// What was found about a model.
#[derive(Clone, Debug)]
struct Found {
    outcome: Outcome,
    /// The model file, if there is one.
    file: Option<PathBuf>,
}

/// How models are probed, and with what.
#[derive(Clone, Copy)]
pub struct Means<'m> {
    /// The helper.
    pub helper: &'m Helper,
    /// How much it does.
    pub effort: &'m Effort,
    /// What was found before.
    pub cache: Option<&'m Cache>,
    /// Who hears of it.
    pub progress: &'m dyn Progress,
}

impl Probed {
    /// Probes the models that have a finding which the probe can prove or disprove.
    ///
    /// # Errors
    ///
    /// If the helper does not work here.
    pub fn new(
        workspace: &Workspace,
        settings: &dyn Governs,
        report: &Report,
        means: Means<'_>,
        shapes: &(dyn Fn(Subject, &Settings) -> Subject + Sync),
    ) -> Result<Self, Unavailable> {
        let configs: BTreeSet<FileId> = report.diagnostics.iter().filter_map(config).collect();
        let analysis = Analysis::new(workspace, settings);
        let candidates = analysis.of_reported(|model| {
            let file = model.file().filter(|file| configs.contains(file))?;
            let of_model = settings.of(&model.directory().path);
            let subject = Subject::of(model).map(|subject| shapes(subject, of_model));
            Some((file, model.name().to_owned(), subject))
        });
        let mut candidates: Vec<_> = candidates.into_iter().flatten().collect();
        candidates.sort_by_key(|(file, ..)| *file);
        let (mut by_config, mut files, mut subjects) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (file, model, subject) in candidates {
            match subject {
                Ok(subject) => {
                    files.push(file);
                    subjects.push(subject);
                }
                Err(reason) => {
                    let outcome = Outcome::inconclusive(model, reason);
                    by_config.insert(file, Found { outcome, file: None });
                }
            }
        }
        let outcomes = probe(means, &subjects)?;
        let found = subjects.into_iter().zip(outcomes);
        let found = found.map(|(subject, outcome)| Found { outcome, file: Some(subject.file) });
        by_config.extend(files.into_iter().zip(found));
        Ok(Self { by_config })
    }

    /// What was found about each model, in the order of their configs.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.by_config.values().map(|found| &found.outcome)
    }

    /// The findings in the light of what the probe found: with the evidence, at the level that it
    /// justifies, and with the fix that it has tried. A level that the user set stays.
    #[must_use]
    pub fn apply(&self, workspace: &Workspace, settings: &dyn Governs, mut report: Report) -> Report {
        let mut moved = Vec::new();
        for found in &mut report.diagnostics {
            let Some(file) = config(found) else { continue };
            let Some(Found { outcome, file: model_file }) = self.by_config.get(&file) else { continue };
            let folder = workspace.file(file).path.parent().unwrap_or(Path::new(""));
            let is_own = settings.of(folder).verdict(found.rule) == Setting::Own;
            let level = level(&outcome.verdict, outcome).filter(|_| is_own);
            if let Some(level) = level {
                (found.level, found.rule_level) = (level, level);
            }
            found.notes.push(format!("the probe: {}: {}", outcome.word(), outcome.explanation()));
            match &outcome.verdict {
                Verdict::Confirmed { failure, .. } if failure.symptom.is_slow() => {
                    found.notes.push(
                        "model_warmup with every shape that is served, three times each, moves the time to the load, \
                         and keeps optimized execution"
                            .into(),
                    );
                }
                Verdict::Confirmed { cures, .. } => cure(found, workspace, file, cures),
                Verdict::OtherCause { cause, .. } => {
                    found.fix = None;
                    found.help = Some("the model itself must change: no parameter cures this".into());
                    let rule = cause.rule().and_then(crate::rules::find);
                    let level = rule.and_then(|rule| level_of(rule, settings.of(folder)));
                    // Where a user wants to hear nothing of that rule, the warning stays what it was.
                    if let (Some(rule), Some(level)) = (rule, level) {
                        found.message = format!("the probe saw it: {}", cause.explanation());
                        found.rule = rule;
                        (found.level, found.rule_level) = (level, rule.level);
                        found.labels.clear();
                        found.caption = None;
                        moved.push((file, model_file.clone()));
                    }
                }
                Verdict::NotReproduced | Verdict::Inconclusive { .. } => {}
            }
        }
        for (file, model_file) in moved {
            join(&mut report.diagnostics, file, model_file);
        }
        report.diagnostics.sort_by(|a, b| (&a.place, a.rule.name).cmp(&(&b.place, b.rule.name)));
        report
    }
}

/// Where the rule has found the same by reading the model, one finding with the evidence is enough.
fn join(diagnostics: &mut Vec<Diagnostic>, file: FileId, model_file: Option<PathBuf>) {
    let is_seen = |found: &Diagnostic| found.notes.iter().any(|note| note.starts_with("the probe: "));
    let in_config = |found: &Diagnostic| matches!(&found.place, Place::Text { file: other, .. } if *other == file);
    let Some(at) = diagnostics.iter().position(|found| is_seen(found) && in_config(found)) else { return };
    let rule = diagnostics[at].rule.name;
    let in_model = model_file.map(Place::Entry);
    let is_same = |found: &Diagnostic| {
        found.rule.name == rule && !is_seen(found) && (in_config(found) || Some(&found.place) == in_model.as_ref())
    };
    let Some(read) = diagnostics.iter().position(is_same) else { return };
    let (level, rule_level) = (diagnostics[at].level, diagnostics[at].rule_level);
    let evidence = diagnostics[at].notes.pop();
    diagnostics[read].notes.extend(evidence);
    diagnostics[read].level = diagnostics[read].level.max(level);
    diagnostics[read].rule_level = diagnostics[read].rule_level.max(rule_level);
    diagnostics.remove(at);
}

/// The level of what the probe has seen; none if the user wants to hear nothing of it.
fn level_of(rule: &Rule, settings: &Settings) -> Option<Level> {
    match settings.verdict(rule) {
        Setting::Off => None,
        Setting::Own => Some(rule.level),
        Setting::Level(level) => Some(level),
    }
}

/// The config that a finding of the rule is in.
fn config(found: &Diagnostic) -> Option<FileId> {
    match &found.place {
        Place::Text { file, .. } if found.rule.name == RULE => Some(*file),
        _ => None,
    }
}

/// The level that a verdict justifies; none for that of the rule.
fn level(verdict: &Verdict, outcome: &Outcome) -> Option<Level> {
    match verdict {
        // Slow is not broken.
        Verdict::Confirmed { failure, .. } if failure.symptom.is_slow() => None,
        Verdict::Confirmed { .. } => Some(Level::Error),
        // A CPU says nothing of GPUs.
        Verdict::NotReproduced => {
            let ran_there = outcome.evidence.as_ref().is_some_and(|evidence| !evidence.may_run_elsewhere);
            ran_there.then_some(Level::Info)
        }
        Verdict::OtherCause { .. } | Verdict::Inconclusive { .. } => None,
    }
}

/// Offers the best of the parameters that were tried with success, and no other.
fn cure(found: &mut Diagnostic, workspace: &Workspace, file: FileId, cures: &[Variant]) {
    let Some((cure, (key, value))) = cures.first().and_then(|cure| Some((*cure, cure.parameter()?))) else {
        found.fix = None;
        found.help = Some("no single parameter made all calls right".into());
        return;
    };
    found.help = Some(format!("set the parameter {key} to \"{value}\": with it all calls were right"));
    if cure.is_server_wide() {
        found.notes.push(format!("{key} holds for all TorchScript models of the server, once this one has run"));
    }
    let tree = Tree::parse(workspace.file(file).bytes.to_vec());
    let (config, _) = read_config(&tree);
    let title = format!("set {key} to \"{value}\", which the probe has tried");
    found.fix = set_parameter(&tree, &config.parameters, key, value)
        .and_then(|edits| Fix::of_text(found.rule, (file, &tree), Applicability::Safe, title, edits));
}
