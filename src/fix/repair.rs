//! Repairs of texts that do not read.

use std::path::PathBuf;

use super::fix;
use crate::diagnostic::Diagnostic;
use crate::engine::Report;
use crate::model::{ModelDirectory, Presence, Repository, TextFile, Workspace};
use crate::rule::{Applicability, Category};
use crate::syntax::{SyntaxErrorKind, Tree};

/// A text with more faults than this is something else than a config with slips.
const MOST_FAULTS: usize = 100;

/// In JSON each name is one.
const MOST_FAULTS_OF_JSON: usize = 1000;

/// Makes the repairs of a text unsafe unless they make it readable all together: of a text that stays
/// broken nobody knows whether they are what was meant. `lint` applies the rules about syntax.
pub(crate) fn demote_partial_repairs(tree: &Tree, diagnostics: &mut [Diagnostic], lint: impl Fn(&Workspace) -> Report) {
    if tree.refusals() == 0 {
        return;
    }
    let mut repairs: Vec<_> = diagnostics
        .iter_mut()
        .filter(|found| found.rule.category == Category::Syntax)
        .filter_map(|found| found.fix.as_mut())
        .filter(|fix| fix.applicability == Applicability::Safe)
        .collect();
    let is_json = tree.errors().iter().any(|error| error.kind == SyntaxErrorKind::AnonymousMessage);
    let most = if is_json { MOST_FAULTS_OF_JSON } else { MOST_FAULTS };
    if repairs.is_empty() || (tree.refusals() <= most && is_repaired(tree.source().bytes(), lint)) {
        return;
    }
    for repair in &mut repairs {
        repair.applicability = Applicability::Unsafe;
    }
}

fn is_repaired(bytes: &[u8], lint: impl Fn(&Workspace) -> Report) -> bool {
    let mut workspace = Workspace::default();
    let path = PathBuf::from("config.pbtxt");
    let file = workspace.add(TextFile { path: path.as_path().into(), bytes: bytes.into(), is_reported: true });
    let model =
        ModelDirectory { presence: Presence::Config(file), is_reported: true, ..ModelDirectory::new(None, path) };
    workspace.repositories.push(Repository { root: PathBuf::new(), models: vec![model], is_named: false });
    let outcome = fix(workspace, Applicability::Safe, lint);
    Tree::parse(outcome.workspace.file(file).bytes.to_vec()).refusals() == 0
}
