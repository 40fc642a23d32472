//! What the probe's verdicts mean for findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Effort, GivenShape, Helper, Outcome, Progress, Subject, Unavailable, Variant, Verdict, probe};
use crate::diagnostic::{Change, Diagnostic, Edit, Fix, Place};
use crate::edit::set_parameter;
use crate::engine::Report;
use crate::model::{Analysis, FileId, Workspace};
use crate::rule::{Applicability, Level};
use crate::schema::read_config;
use crate::settings::{Governs, Verdict as Setting};
use crate::syntax::Tree;

/// The rule whose findings the probe proves or disproves.
const RULE: &str = "optimized-execution-with-dynamic-shapes";

/// What the probe found about the models of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Probed {
    by_config: BTreeMap<FileId, Outcome>,
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
        helper: &Helper,
        effort: &Effort,
        progress: &dyn Progress,
        shapes: &[GivenShape],
    ) -> Result<Self, Unavailable> {
        let configs: BTreeSet<FileId> = report.diagnostics.iter().filter_map(config).collect();
        let analysis = Analysis::new(workspace, settings);
        let candidates = analysis.of_reported(|model| {
            let file = model.file().filter(|file| configs.contains(file))?;
            Some((file, model.name().to_owned(), Subject::of(model)))
        });
        let mut candidates: Vec<_> = candidates.into_iter().flatten().collect();
        candidates.sort_by_key(|(file, ..)| *file);
        let (mut by_config, mut files, mut subjects) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (file, model, subject) in candidates {
            match subject {
                Ok(subject) => {
                    let subject = subject.with_shapes(shapes);
                    files.push(file);
                    subjects.push(subject);
                }
                Err(reason) => {
                    by_config
                        .insert(file, Outcome { model, verdict: Verdict::Inconclusive { reason }, evidence: None });
                }
            }
        }
        by_config.extend(files.into_iter().zip(probe(helper, &subjects, effort, progress)?));
        Ok(Self { by_config })
    }

    /// What was found about each model, in the order of their configs.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.by_config.values()
    }

    /// The findings in the light of what the probe found: with the evidence, at the level that it
    /// justifies, and with the fix that it has tried. A level that the user set stays.
    #[must_use]
    pub fn apply(&self, workspace: &Workspace, settings: &dyn Governs, mut report: Report) -> Report {
        for found in &mut report.diagnostics {
            let Some(file) = config(found) else { continue };
            let Some(outcome) = self.by_config.get(&file) else { continue };
            let folder = workspace.file(file).path.parent().unwrap_or(Path::new(""));
            let is_own = settings.of(folder).verdict(found.rule) == Setting::Own;
            let level = level(&outcome.verdict, outcome).filter(|_| is_own);
            found.level = level.unwrap_or(found.level);
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
                Verdict::OtherCause { .. } => {
                    found.fix = None;
                    found.help = Some("the model itself must change: no parameter cures this".into());
                }
                Verdict::NotReproduced | Verdict::Inconclusive { .. } => {}
            }
        }
        report
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
    let edit = set_parameter(&tree, &config.parameters, key, value);
    found.fix = edit.map(|edits| Fix {
        title: format!("set {key} to \"{value}\", which the probe has tried"),
        applicability: Applicability::Safe,
        change: Change::Text(edits.into_iter().map(|(span, text)| Edit { file, span, text }).collect()),
    });
}
