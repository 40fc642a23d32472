//! Whether what fixes leave behind is better than what was there.

use std::collections::BTreeMap;
use std::path::Path;

use super::Reason;
use super::apply::edited;
use super::select::Proposal;
use crate::diagnostic::{Diagnostic, Place};
use crate::engine::Report;
use crate::model::FileId;
use crate::rule::{Category, Level};
use crate::syntax::{Span, SyntaxErrorKind, Tree};

/// So many texts of one file are tried in a round.
const MOST_TRIALS: usize = 100;

/// Why a set of fixes does not pass.
pub(super) enum Verdict {
    /// It does harm.
    Refused(Reason),
    /// It does no good, as is to be expected of a correction in a text that is broken elsewhere, or
    /// nobody looked.
    Undecided,
}

/// Judges fixes by the text that they make of a file. A broken text must become less broken by each
/// fix; one that reads must go on to, with all its comments.
pub(super) fn text_verdict(before: &[u8]) -> impl FnMut(&[Proposal<'_>]) -> Result<(), Verdict> {
    let old = Tree::parse(before.to_vec());
    let is_broken = old.refusals() > 0;
    // How broken it is nobody knows before it is in the right encoding.
    let is_wide = old.errors().iter().any(|error| error.kind == SyntaxErrorKind::WideEncoding);
    let mut best = if is_wide { usize::MAX } else { old.refusals() };
    let mut text = before.to_vec();
    let mut trials = 0;
    move |chosen| {
        trials += 1;
        if trials > MOST_TRIALS {
            return Err(Verdict::Undecided);
        }
        let after = edited(before, chosen.iter().flat_map(|proposal| proposal.fix.edits()));
        let new = Tree::parse(after.clone());
        if is_broken {
            if new.refusals() >= best {
                return Err(Verdict::Undecided);
            }
            best = new.refusals();
            return Ok(());
        }
        let reason = match () {
            () if new.refusals() > 0 => Reason::BreaksText,
            () if after == text => Reason::ChangesNothing,
            () if !keeps_comments(&old, &new, chosen) => Reason::LosesComment,
            () => {
                text = after;
                return Ok(());
            }
        };
        Err(Verdict::Refused(reason))
    }
}

/// Whether every comment is still there, but for those that the fixes are about.
fn keeps_comments(old: &Tree, new: &Tree, chosen: &[Proposal<'_>]) -> bool {
    let is_text = |comment: Span| str::from_utf8(&old.source().bytes()[comment.range()]).is_ok();
    let is_edited = |comment: Span| {
        let about_comments = chosen.iter().filter(|proposal| match proposal.diagnostic.rule.category {
            Category::Suppression => true,
            // One in another encoding is written in the right one.
            Category::Syntax => !is_text(comment),
            _ => false,
        });
        let mut edits = about_comments.flat_map(|proposal| proposal.fix.edits()).map(|edit| edit.span);
        edits.any(|edit| edit.start <= comment.end && comment.start <= edit.end)
    };
    let text = |tree: &Tree, comment: Span| tree.source().bytes()[comment.range()].trim_ascii_end().to_vec();
    let mut counts: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for comment in new.comments() {
        *counts.entry(text(new, comment.span)).or_default() += 1;
    }
    old.comments().filter(|comment| !is_edited(comment.span)).all(|comment| {
        let count = counts.entry(text(old, comment.span)).or_default();
        let is_there = *count > 0;
        *count = count.saturating_sub(1);
        is_there
    })
}

/// The message of an error that fixes have made. What fixing an error brings to light was there before:
/// the server does not get as far as that in a file that it refuses earlier.
pub(super) fn new_error(before: &Report, after: &Report, chosen: &[Proposal<'_>]) -> Option<String> {
    let mut known = counts(before);
    for error in errors(after) {
        let count = known.entry((where_it_is(error), error.rule.name)).or_default();
        if *count > 0 {
            *count -= 1;
        } else if !is_brought_to_light(error, chosen) {
            return Some(error.message.clone());
        }
    }
    None
}

fn is_brought_to_light(error: &Diagnostic, chosen: &[Proposal<'_>]) -> bool {
    let own = || chosen.iter().filter(|proposal| where_it_is(proposal.diagnostic) == where_it_is(error));
    if own().next().is_some() {
        return own().any(Proposal::brings_to_light);
    }
    // What another model is to this one depends on what it says once it can be read.
    chosen.iter().any(Proposal::brings_to_light)
}

fn errors(report: &Report) -> impl Iterator<Item = &Diagnostic> {
    // What only users call an error is no harm: the server does not refuse it.
    report.diagnostics.iter().filter(|found| found.level.min(found.rule_level) == Level::Error)
}

fn counts(report: &Report) -> BTreeMap<(Whereabouts<'_>, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for error in errors(report) {
        *counts.entry((where_it_is(error), error.rule.name)).or_default() += 1;
    }
    counts
}

/// The file or folder that a finding is in.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Whereabouts<'d> {
    File(FileId),
    Entry(&'d Path),
}

fn where_it_is(found: &Diagnostic) -> Whereabouts<'_> {
    match &found.place {
        Place::Text { file, .. } => Whereabouts::File(*file),
        Place::Entry(path) | Place::Line { path, .. } => Whereabouts::Entry(path),
    }
}
