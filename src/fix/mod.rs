//! Applying fixes, in memory: which ones, in which order, and until when.
//!
//! A round takes fixes that do not touch each other, applies them, and looks at the result. What does
//! not stand that look is taken back, alone: `settle` finds the guilty by halves.

mod apply;
mod repair;
mod select;
mod settle;
mod verdict;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub(crate) use repair::demote_partial_repairs;
pub use write::write;

use crate::diagnostic::FileChange;
use crate::engine::Report;
use crate::model::{FileId, Workspace};
use crate::rule::Applicability;
use select::{Proposal, select};
use settle::settle;
use verdict::{Verdict, new_error, text_verdict};

/// Fixes may make room for others; after so many rounds that applied some, something is wrong with them.
const MOST_ROUNDS: usize = 50;

/// So often at most a round looks at the whole workspace again to find out which fix does harm.
const MOST_LOOKS: usize = 40;

/// What fixing did.
#[derive(Debug)]
pub struct Outcome {
    /// The files as they are now.
    pub workspace: Workspace,
    /// What was fixed, in the order in which it was.
    pub applied: Vec<Applied>,
    /// Fixes that were taken back.
    pub refused: Vec<Refused>,
    /// What is left.
    pub report: Report,
}

/// A fix that was applied.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The rule that proposed it.
    pub rule: &'static str,
    /// What it did.
    pub title: String,
    /// What it changed.
    pub change: Change,
}

/// What a fix changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The text of a file.
    Text(FileId),
    /// Which files there are.
    Files(FileChange),
}

impl Applied {
    /// The file or folder, as it is called afterwards.
    #[must_use]
    pub fn path<'a>(&'a self, workspace: &'a Workspace) -> &'a Path {
        match &self.change {
            Change::Text(file) => &workspace.file(*file).path,
            Change::Files(change) => change.result(),
        }
    }
}

/// A fix that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// The rule that proposed it.
    pub rule: &'static str,
    /// What it would have done.
    pub title: String,
    /// Whether it claims to be safe.
    pub applicability: Applicability,
    /// The file or folder that it would have changed.
    pub path: PathBuf,
    /// Why it was taken back.
    pub reason: Reason,
}

/// Why a fix was taken back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Reason {
    /// The text would not read any more.
    #[error("the text would no longer read")]
    BreaksText,
    /// A comment would be gone.
    #[error("a comment would be lost")]
    LosesComment,
    /// The text would be the same.
    #[error("nothing would change")]
    ChangesNothing,
    /// Something would be an error that was none; holds the message.
    #[error("there would be a new error: {0}")]
    NewError(String),
    /// It is proposed again and again.
    #[error("it does not come to an end")]
    NoEnd,
    /// What is to be renamed is not there, or something is in the way.
    #[error("the files are not as it takes them to be")]
    Files,
}

impl Refused {
    /// Whether this is a defect of this tool. An unsafe fix may turn out not to help: it is a guess.
    #[must_use]
    pub fn is_defect(&self) -> bool {
        self.applicability == Applicability::Safe || !matches!(self.reason, Reason::NewError(_))
    }
}

impl Outcome {
    /// Undoes what was fixed in a text, which then is what it was `before`.
    fn take_back_text(&mut self, before: &Workspace, file: FileId) {
        self.workspace.replace(file, before.file(file).bytes.to_vec());
        self.applied.retain(|applied| applied.change != Change::Text(file));
    }
}

/// Applies every fix of at least that applicability, looks again, and goes on until none is left.
#[must_use]
pub fn fix(workspace: Workspace, least: Applicability, lint: impl Fn(&Workspace) -> Report) -> Outcome {
    let original = workspace.clone();
    let report = lint(&workspace);
    let mut run = Run { workspace, report, applied: Vec::new(), refused: BTreeMap::new() };
    if !run.comes_to_an_end(least, &lint) {
        run.take_back_unfinished(&original, least, &lint);
    }
    let Run { workspace, applied, refused, report } = run;
    let mut refused: Vec<_> = refused.into_values().collect();
    refused.sort();
    refused.dedup();
    Outcome { workspace, applied, refused, report }
}

struct Run {
    workspace: Workspace,
    report: Report,
    applied: Vec<Applied>,
    /// Fixes that were taken back and are not proposed again, by what [`Proposal::key`] calls them.
    refused: BTreeMap<String, Refused>,
}

impl Run {
    /// Goes on until there is nothing left to apply; false if there still is after many rounds.
    fn comes_to_an_end(&mut self, least: Applicability, look: impl Fn(&Workspace) -> Report) -> bool {
        let makes_error = |refused: &Refused| matches!(refused.reason, Reason::NewError(_));
        let (mut rounds, mut is_worth_a_retry) = (0, false);
        loop {
            let refused = self.refused.len();
            if self.round(least, &look) {
                rounds += 1;
                if rounds == MOST_ROUNDS {
                    return false;
                }
                // What made an error may make none beside what is there now.
                is_worth_a_retry |= self.refused.values().any(makes_error);
            } else if self.refused.len() > refused {
                // It was in the way of others.
            } else if std::mem::take(&mut is_worth_a_retry) {
                self.refused.retain(|_, refused| !makes_error(refused));
            } else {
                return true;
            }
        }
    }

    /// Applies what can be applied side by side; whether anything was.
    fn round(&mut self, least: Applicability, look: impl Fn(&Workspace) -> Report) -> bool {
        let report = std::mem::take(&mut self.report);
        let proposals: Vec<_> = select(&report.diagnostics, least, &self.refused);
        let standing = self.standing_texts(&proposals);
        let mut trials = 0;
        let mut newest = None;
        let mut refused = Vec::new();
        let standing = settle(
            &standing,
            |chosen| {
                trials += 1;
                if trials > MOST_LOOKS {
                    return Err(Verdict::Undecided);
                }
                let changed = changed(&self.workspace, chosen).map_err(Verdict::Refused)?;
                let found = look(&changed);
                if let Some(message) = new_error(&report, &found, chosen) {
                    return Err(Verdict::Refused(Reason::NewError(message)));
                }
                newest = Some((changed, found));
                Ok(())
            },
            |proposal, verdict| refused.push((proposal, verdict)),
        );
        for (proposal, verdict) in refused {
            self.refuse(proposal, verdict);
        }
        self.applied.extend(standing.iter().filter_map(Proposal::applied));
        match newest {
            Some((workspace, found)) if !standing.is_empty() => {
                (self.workspace, self.report) = (workspace, found);
                true
            }
            _ => {
                self.report = report;
                false
            }
        }
    }

    /// The proposals that stand a look at the text of their file alone.
    fn standing_texts<'d>(&mut self, proposals: &[Proposal<'d>]) -> Vec<Proposal<'d>> {
        let mut by_file: BTreeMap<Option<FileId>, Vec<Proposal<'d>>> = BTreeMap::new();
        for proposal in proposals {
            by_file.entry(proposal.file()).or_default().push(*proposal);
        }
        let mut standing = Vec::new();
        for (file, proposals) in by_file {
            let Some(file) = file else {
                standing.extend(proposals);
                continue;
            };
            let mut refused = Vec::new();
            let before = self.workspace.file(file).bytes.clone();
            let judge = text_verdict(&before);
            standing.extend(settle(&proposals, judge, |proposal, verdict| refused.push((proposal, verdict))));
            for (proposal, verdict) in refused {
                self.refuse(proposal, verdict);
            }
        }
        standing
    }

    /// Remembers what did harm. What did no good may do some in the next round.
    fn refuse(&mut self, proposal: Proposal<'_>, verdict: Verdict) {
        if let Verdict::Refused(reason) = verdict {
            self.refused.insert(proposal.key(), proposal.refused(&self.workspace, reason));
        }
    }

    /// Leaves alone, from beginning to end, the files in which fixes were still proposed after the last
    /// round: they go in circles, or grow without end.
    fn take_back_unfinished(
        &mut self,
        original: &Workspace,
        least: Applicability,
        lint: impl Fn(&Workspace) -> Report,
    ) {
        let unfinished = select(&self.report.diagnostics, least, &self.refused);
        let refused: Vec<_> = unfinished
            .iter()
            .map(|proposal| (proposal.key(), proposal.refused(&self.workspace, Reason::NoEnd)))
            .collect();
        let files: BTreeSet<FileId> = unfinished.iter().filter_map(Proposal::file).collect();
        self.refused.extend(refused);
        if files.is_empty() {
            return;
        }
        for &file in &files {
            self.workspace.replace(file, original.file(file).bytes.to_vec());
        }
        self.applied.retain(|applied| !matches!(applied.change, Change::Text(file) if files.contains(&file)));
        self.report = lint(&self.workspace);
    }
}

/// The workspace with fixes applied, which do not touch each other.
fn changed(workspace: &Workspace, proposals: &[Proposal<'_>]) -> Result<Workspace, Reason> {
    let mut changed = workspace.clone();
    let files: BTreeSet<FileId> = proposals.iter().filter_map(Proposal::file).collect();
    for file in files {
        let own = proposals.iter().filter(|proposal| proposal.file() == Some(file));
        let bytes = apply::edited(&workspace.file(file).bytes, own.flat_map(|proposal| proposal.fix.edits()));
        changed.replace(file, bytes);
    }
    for change in proposals.iter().filter_map(|proposal| proposal.fix.file_change()) {
        if !changed.change(change) {
            return Err(Reason::Files);
        }
    }
    Ok(changed)
}
