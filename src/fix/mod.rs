//! Applying fixes, in memory: which ones, in which order, and until when.

mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use write::write;

use crate::diagnostic::{Diagnostic, Edit};
use crate::engine::Report;
use crate::model::{FileId, Workspace};
use crate::rule::Applicability;
use crate::syntax::Tree;

/// Fixes may make room for others; after so many rounds something is wrong with them.
const MOST_ROUNDS: usize = 20;

/// What fixing did.
#[derive(Debug)]
pub struct Outcome {
    /// The files as they are now.
    pub workspace: Workspace,
    /// What was fixed, in the order in which it was.
    pub applied: Vec<Applied>,
    /// Files whose fixes were taken back because they broke the text: a defect of this tool.
    pub reverted: BTreeSet<FileId>,
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
    /// The file that it changed.
    pub file: FileId,
}

/// Applies every fix of at least that applicability, looks again, and goes on until none is left.
#[must_use]
pub fn fix(mut workspace: Workspace, least: Applicability, lint: impl Fn(&Workspace) -> Report) -> Outcome {
    let original = workspace.clone();
    let mut applied = Vec::new();
    let mut reverted = BTreeSet::new();
    // Files that are as good as they get.
    let mut done = BTreeSet::new();
    let mut report = lint(&workspace);
    for _ in 0..MOST_ROUNDS {
        let chosen = choose(&report.diagnostics, least, &done);
        if chosen.is_empty() {
            break;
        }
        for (file, fixes) in chosen {
            let before = workspace.file(file).bytes.to_vec();
            let refusals = refusals(&before);
            let (after, fixes) = if refusals > 0 { repair(&before, refusals, &fixes) } else { change(&before, &fixes) };
            if fixes.is_empty() {
                done.insert(file);
                if refusals == 0 {
                    reverted.insert(file);
                }
                continue;
            }
            workspace.replace(file, after);
            applied.extend(fixes.iter().map(|diagnostic| Applied {
                rule: diagnostic.rule.name,
                title: diagnostic.fix.as_ref().map(|fix| fix.title.clone()).unwrap_or_default(),
                file,
            }));
        }
        report = lint(&workspace);
    }
    if least == Applicability::Safe && take_back(&original, &mut workspace, &mut applied) {
        report = lint(&workspace);
    }
    Outcome { workspace, applied, reverted, report }
}

/// Takes back the repairs of texts that do not read all the same: then nobody knows whether they were
/// what was meant. Whether there were any.
fn take_back(original: &Workspace, workspace: &mut Workspace, applied: &mut Vec<Applied>) -> bool {
    let touched: BTreeSet<FileId> = applied.iter().map(|applied| applied.file).collect();
    let broken: Vec<_> = touched.into_iter().filter(|file| refusals(&workspace.file(*file).bytes) > 0).collect();
    for &file in &broken {
        workspace.replace(file, original.file(file).bytes.to_vec());
    }
    applied.retain(|applied| !broken.contains(&applied.file));
    !broken.is_empty()
}

/// Applies what makes a broken text less broken: all of it if that works, else each fix that does.
fn repair<'d>(before: &[u8], refusals_before: usize, fixes: &[&'d Diagnostic]) -> (Vec<u8>, Vec<&'d Diagnostic>) {
    let after = applied_to(before, fixes);
    if refusals(&after) < refusals_before {
        return (after, fixes.to_vec());
    }
    let single = fixes.iter().map(|fix| (applied_to(before, &[*fix]), vec![*fix]));
    single.into_iter().find(|(after, _)| refusals(after) < refusals_before).unwrap_or_default()
}

/// Applies fixes to a text that reads. If it no longer does, none of them.
fn change<'d>(before: &[u8], fixes: &[&'d Diagnostic]) -> (Vec<u8>, Vec<&'d Diagnostic>) {
    let after = applied_to(before, fixes);
    if refusals(&after) == 0 { (after, fixes.to_vec()) } else { Default::default() }
}

fn edits_of(diagnostic: &Diagnostic) -> &[Edit] {
    diagnostic.fix.as_ref().map_or(&[], |fix| &fix.edits)
}

/// The fixes for one round, by file. Of two that touch the same bytes the first one goes first; the
/// other gets its turn, if it is still wanted, in the next round.
fn choose<'d>(
    diagnostics: &'d [Diagnostic],
    least: Applicability,
    done: &BTreeSet<FileId>,
) -> BTreeMap<FileId, Vec<&'d Diagnostic>> {
    let mut chosen: BTreeMap<FileId, Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics {
        let Some(fix) = &diagnostic.fix else { continue };
        let Some(file) = fix.edits.first().map(|edit| edit.file) else { continue };
        if fix.applicability < least || done.contains(&file) {
            continue;
        }
        let others = chosen.entry(file).or_default();
        let is_free = others.iter().flat_map(|other| edits_of(other)).all(|other| {
            fix.edits
                .iter()
                .all(|edit| edit.file == file && (edit.span.end < other.span.start || other.span.end < edit.span.start))
        });
        if is_free {
            others.push(diagnostic);
        }
    }
    chosen.retain(|_, fixes| !fixes.is_empty());
    chosen
}

/// A text with fixes applied, which do not overlap.
fn applied_to(bytes: &[u8], fixes: &[&Diagnostic]) -> Vec<u8> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|found| edits_of(found)).collect();
    edits.sort();
    let mut result = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for edit in edits {
        let range = edit.span.range();
        if range.start < done {
            // A rule proposed edits that overlap; the first one stands.
            continue;
        }
        result.extend_from_slice(&bytes[done..range.start]);
        result.extend_from_slice(edit.text.as_bytes());
        done = range.end;
    }
    result.extend_from_slice(&bytes[done..]);
    result
}

fn refusals(bytes: &[u8]) -> usize {
    Tree::parse(bytes.to_vec()).refusals()
}
