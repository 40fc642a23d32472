//! What changed since a revision, as Git says.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use crate::model::Workspace;
use crate::settings::{Discovery, Resolved, is_settings_file};

/// The files that differ from a revision, whether they were added, changed or removed, and those that
/// Git does not know yet.
pub(super) fn touched(revision: &str, here: &Path) -> Result<Vec<PathBuf>, String> {
    let root = git(here, &["rev-parse", "--show-toplevel"])?;
    let root = PathBuf::from(String::from_utf8_lossy(&root).trim_end_matches('\n').to_owned());
    // A moved file is touched in both places.
    let changed = git(&root, &["diff", "--name-only", "--no-renames", "-z", "--end-of-options", revision, "--"])?;
    let new = git(&root, &["ls-files", "--others", "--exclude-standard", "-z"])?;
    let names = changed.split(|byte| *byte == 0).chain(new.split(|byte| *byte == 0));
    Ok(names.filter(|name| !name.is_empty()).map(|name| root.join(path_of(name))).collect())
}

/// A path as Git tells it, which follows links. Of what is gone its folder is asked.
pub(super) fn without_links(path: &Path) -> PathBuf {
    let follow = |path: &Path| path.canonicalize().ok();
    follow(path).or_else(|| Some(follow(path.parent()?)?.join(path.file_name()?))).unwrap_or_else(|| path.to_owned())
}

/// The folders of the models for which something else may hold, because one of these files says, or said,
/// what is in force for them: a settings file, one that it extends, or the baseline.
pub(super) fn governed_by(
    touched: &[PathBuf],
    workspace: &Workspace,
    discovery: &mut Discovery,
    here: &Path,
) -> Vec<PathBuf> {
    // Those that are gone govern what is below the folder that they were in.
    let gone: Vec<&Path> = touched
        .iter()
        .filter(|file| is_settings_file(file) && !file.exists())
        .filter_map(|file| file.parent())
        .collect();
    let mut known: HashMap<*const Resolved, bool> = HashMap::new();
    let mut governed = Vec::new();
    for model in workspace.repositories.iter().flat_map(|repository| &repository.models) {
        let folder = without_links(&here.join(&model.path));
        let resolved = discovery.resolve(&model.path, model.name.as_deref());
        let is_touched = *known.entry(Rc::as_ptr(&resolved)).or_insert_with(|| {
            let said = resolved.files.iter().chain(&resolved.settings.baseline);
            said.map(|file| without_links(&here.join(file))).any(|file| touched.contains(&file))
        });
        if is_touched || gone.iter().any(|parent| folder.starts_with(parent)) {
            governed.push(folder);
        }
    }
    governed
}

#[cfg(unix)]
fn path_of(name: &[u8]) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(name)
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> &OsStr {
    OsStr::new(str::from_utf8(name).unwrap_or_default())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    let output = output.map_err(|error| format!("--since needs git: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    Err(format!("git: {}", reason.lines().next().unwrap_or("it failed")))
}
