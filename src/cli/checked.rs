//! What `tritonlint check` makes of a workspace, before any of it is printed.

use std::collections::BTreeMap;
use std::fmt;

use super::check::Arguments;
use crate::diagnostic::{Diagnostic, Place};
use crate::engine::Report;
use crate::fix::{Outcome, fix, write};
use crate::model::load::Problem;
use crate::model::{FileId, Workspace};
use crate::output::counted;
use crate::rule::{Applicability, Category, Rule};
use crate::suppression::with_ignores;
use crate::syntax::Tree;

/// A workspace before and after what was asked for.
pub(super) struct Checked {
    /// None if nothing that was asked for changes a workspace.
    pub(super) before: Option<Workspace>,
    pub(super) outcome: Outcome,
    /// None if nothing was to be silenced.
    pub(super) silenced: Option<Silenced>,
}

/// What was silenced by comments.
pub(super) struct Silenced {
    /// How many findings, by file.
    findings: BTreeMap<FileId, usize>,
}

impl fmt::Display for Silenced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = counted(self.findings.len(), "file");
        write!(f, "silenced {} in {files}", counted(self.findings.values().sum(), "finding"))
    }
}

impl Checked {
    /// Lints, fixes if that was asked for, and silences what is left if that was.
    pub(super) fn new(arguments: &Arguments, workspace: Workspace, lint: &dyn Fn(&Workspace) -> Report) -> Self {
        let may_change = arguments.fixes() || arguments.diff || arguments.add_ignore.is_some();
        let before = may_change.then(|| workspace.clone());
        let mut checked = Self { before, outcome: outcome(arguments, workspace, lint), silenced: None };
        if let Some(reason) = &arguments.add_ignore {
            checked.silenced = Some(checked.ignore(reason));
            checked.outcome.report = lint(&checked.outcome.workspace);
        }
        checked
    }

    /// Writes what has changed; what could not be written.
    pub(super) fn write(&mut self, lint: &dyn Fn(&Workspace) -> Report) -> Vec<Problem> {
        let Some(before) = &self.before else { return Vec::new() };
        let unwritten = write(before, &mut self.outcome);
        if !unwritten.is_empty() {
            // What could not be written is as wrong as it was, and nothing in it was silenced.
            self.outcome.report = lint(&self.outcome.workspace);
            let is_written = |file| before.file(file).bytes != self.outcome.workspace.file(file).bytes;
            if let Some(silenced) = &mut self.silenced {
                silenced.findings.retain(|file, _| is_written(*file));
            }
        }
        unwritten
    }

    /// Silences what is left by comments. What is said of such comments is for people.
    fn ignore(&mut self, reason: &str) -> Silenced {
        let Outcome { workspace, report, .. } = &mut self.outcome;
        let mut files: BTreeMap<FileId, Vec<(u32, &Rule)>> = BTreeMap::new();
        // A config that does not read is not one that somebody wants to keep as it is.
        let is_silenced =
            |found: &&Diagnostic| !matches!(found.rule.category, Category::Suppression | Category::Syntax);
        for found in report.diagnostics.iter().filter(is_silenced) {
            if let Place::Text { file, span } = &found.place {
                files.entry(*file).or_default().push((span.start, found.rule));
            }
        }
        let silenced = Silenced { findings: files.iter().map(|(file, found)| (*file, found.len())).collect() };
        for (file, findings) in files {
            let tree = Tree::parse(workspace.file(file).bytes.to_vec());
            workspace.replace(file, with_ignores(&tree, findings, reason));
        }
        silenced
    }

    pub(super) fn has_changed(&self) -> bool {
        let before = self.before.iter().flat_map(Workspace::files);
        let mut files = before.zip(self.outcome.workspace.files());
        !self.outcome.applied.is_empty() || files.any(|((_, before), (_, after))| before.bytes != after.bytes)
    }

    /// What is to be told of fixes that were taken back.
    pub(super) fn refused(&self) -> Vec<Problem> {
        let told = self.outcome.refused.iter().map(|refused| {
            let is_failure = refused.is_defect();
            let fault = if is_failure { "; this is a fault of tritonlint, please report it" } else { "" };
            Problem {
                path: refused.path.clone(),
                reason: format!("not fixed ({}: {}): {}{fault}", refused.rule, refused.title, refused.reason),
                is_failure,
            }
        });
        told.collect()
    }

    /// The fixed text of the config that came from standard input, which is the only one reported on.
    pub(super) fn bytes_from_stdin(&self) -> Vec<u8> {
        let mut reported = self.outcome.workspace.files().filter(|(_, file)| file.is_reported);
        reported.next().map(|(_, file)| file.bytes.to_vec()).unwrap_or_default()
    }
}

/// Lints, and fixes if that was asked for.
fn outcome(arguments: &Arguments, workspace: Workspace, lint: &dyn Fn(&Workspace) -> Report) -> Outcome {
    let only_ignores = arguments.add_ignore.is_some() && !arguments.fixes();
    if only_ignores || !(arguments.fixes() || arguments.diff) {
        let report = lint(&workspace);
        return Outcome { workspace, applied: Vec::new(), refused: Vec::new(), report };
    }
    let least = if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    fix(workspace, least, |workspace| {
        let mut report = lint(workspace);
        arguments.keep_fixable(&mut report);
        report
    })
}
