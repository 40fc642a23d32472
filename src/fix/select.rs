//! Which fixes go together in one round.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use super::{Applied, Change, Reason, Refused};
use crate::diagnostic::{Diagnostic, Edit, FileChange, Fix, Place};
use crate::model::{FileId, Workspace};
use crate::rule::{Applicability, Level};

/// A finding with its fix.
#[derive(Clone, Copy)]
pub(super) struct Proposal<'d> {
    pub(super) diagnostic: &'d Diagnostic,
    pub(super) fix: &'d Fix,
}

impl<'d> Proposal<'d> {
    /// None of a finding without a fix.
    fn new(diagnostic: &'d Diagnostic) -> Option<Self> {
        let fix = diagnostic.fix.as_ref()?;
        (!fix.edits().is_empty() || fix.file_change().is_some()).then_some(Self { diagnostic, fix })
    }

    /// Which goes first: the safe one, then the one that is found first.
    fn order(&self) -> (Reverse<Applicability>, &'d Place, &'static str) {
        (Reverse(self.fix.applicability), &self.diagnostic.place, self.diagnostic.rule.name)
    }

    /// The file whose text it changes.
    pub(super) fn file(&self) -> Option<FileId> {
        self.fix.edits().first().map(|edit| edit.file)
    }

    /// Whether it may bring errors to light that were there before: the server stops at the first one, at whatever
    /// level that is told, and what a repository lacks shows only once its files are where they belong.
    pub(super) fn brings_to_light(&self) -> bool {
        self.diagnostic.rule_level == Level::Error || self.fix.file_change().is_some()
    }

    /// Names the fix also after others have moved the text.
    pub(super) fn key(&self) -> String {
        let found = self.diagnostic;
        let place = match &found.place {
            Place::Text { file, .. } => format!("{file:?}"),
            Place::Entry(path) | Place::Line { path, .. } => path.display().to_string(),
        };
        format!("{place}\n{}\n{}\n{}", found.rule.name, found.message, self.fix.title)
    }

    /// What it changes; none of a fix that does nothing.
    pub(super) fn applied(&self) -> Option<Applied> {
        let files = self.fix.file_change().cloned().map(Change::Files);
        let change = files.or_else(|| self.file().map(Change::Text))?;
        Some(Applied { rule: self.diagnostic.rule.name, title: self.fix.title.clone(), change })
    }

    pub(super) fn refused(&self, workspace: &Workspace, reason: Reason) -> Refused {
        let path = match (self.fix.file_change(), self.file()) {
            (None, Some(file)) => &*workspace.file(file).path,
            (Some(FileChange::Rename { from, .. }), _) => from,
            (Some(FileChange::Create(path)), _) => path,
            (None, None) => Path::new(""),
        };
        Refused {
            rule: self.diagnostic.rule.name,
            title: self.fix.title.clone(),
            applicability: self.fix.applicability,
            path: path.to_path_buf(),
            reason,
        }
    }

    /// Whether both can be applied at once: no byte and no folder is touched by both, nor do they meet.
    fn is_apart_from(&self, other: &Self) -> bool {
        let is_free = |edit: &Edit| {
            let mut others = other.fix.edits().iter();
            others.all(|other| edit.span.end < other.span.start || other.span.end < edit.span.start)
        };
        let files = match (self.fix.file_change(), other.fix.file_change()) {
            (Some(one), Some(other)) => one.result().parent() != other.result().parent(),
            _ => true,
        };
        files && self.fix.edits().iter().all(is_free)
    }
}

/// The fixes for one round. Of two that cannot go together the safe one goes first, then the one that
/// is found first; the other gets its turn, if it is still wanted, in the next round.
pub(super) fn select<'d>(
    diagnostics: &'d [Diagnostic],
    least: Applicability,
    refused: &BTreeMap<String, Refused>,
) -> Vec<Proposal<'d>> {
    let mut wanted: Vec<Proposal<'d>> = diagnostics
        .iter()
        .filter_map(Proposal::new)
        .filter(|proposal| proposal.fix.applicability >= least && !refused.contains_key(&proposal.key()))
        .collect();
    wanted.sort_by(|a, b| a.order().cmp(&b.order()));
    let mut chosen: Vec<Proposal<'d>> = Vec::new();
    // What is chosen of each file; only that can be in the way of another of the same file.
    let mut by_file: BTreeMap<Option<FileId>, Vec<Proposal<'d>>> = BTreeMap::new();
    for proposal in wanted {
        let others = by_file.entry(proposal.file()).or_default();
        if others.iter().all(|other| proposal.is_apart_from(other)) {
            others.push(proposal);
            chosen.push(proposal);
        }
    }
    chosen
}
