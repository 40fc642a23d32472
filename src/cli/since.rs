//! What changed since a revision, as Git says.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use super::report::root_of;
use crate::model::{Workspace, has_any_below};
use crate::settings::{Discovery, Resolved, is_settings_file};

/// What differs from a revision, whether it was added, changed or removed, and what Git does not know yet: files, and
/// submodules as a whole. Each checkout that holds models is asked.
pub(super) fn touched(revision: &str, workspace: &Workspace, here: &Path) -> Result<Vec<PathBuf>, String> {
    let mut touched = Vec::new();
    for root in checkouts(workspace, here)? {
        // A moved file is touched in both places.
        let diff = ["diff", "--name-only", "--no-renames", "--ignore-submodules=none", "-z"];
        let changed = git(&root, &[diff.as_slice(), &["--end-of-options", revision, "--"]].concat())?;
        let new = git(&root, &["ls-files", "--others", "--exclude-standard", "-z"])?;
        let names = changed.split(|byte| *byte == 0).chain(new.split(|byte| *byte == 0));
        touched.extend(names.filter(|name| !name.is_empty()).map(|name| root.join(path_of(name))));
    }
    Ok(touched)
}

/// The roots of the checkouts that models lie in; without models that of the folder where people are. Of a submodule
/// of that one, it knows the revision that people mean.
fn checkouts(workspace: &Workspace, here: &Path) -> Result<BTreeSet<PathBuf>, String> {
    let mut known = HashMap::new();
    let models = workspace.repositories.iter().flat_map(|repository| &repository.models);
    let folders: BTreeSet<PathBuf> =
        models.map(|model| asked_for(&without_links(&here.join(&model.path)), &mut known)).collect();
    if folders.is_empty() {
        return Ok(BTreeSet::from([root(here)?]));
    }
    let own = root(here).ok();
    let outermost = |folder: &PathBuf| {
        let checkout = root(folder)?;
        let mut outer = checkout.clone();
        while let Some(own) = own.as_ref().filter(|own| outer.starts_with(own)) {
            if outer == *own {
                return Ok(outer);
            }
            outer = path_in(&git(&outer, &["rev-parse", "--show-superproject-working-tree"])?);
        }
        Ok(checkout)
    };
    folders.iter().map(outermost).collect()
}

/// The folder in which Git is asked about a model's: the closest one that looks like the root of a checkout, so that few
/// are; else one that is there, where Git says why it is none.
fn asked_for(folder: &Path, known: &mut HashMap<PathBuf, PathBuf>) -> PathBuf {
    if folder.join(".git").exists() {
        return folder.to_owned();
    }
    let Some(parent) = folder.parent() else { return folder.to_owned() };
    if let Some(found) = known.get(parent) {
        return found.clone();
    }
    let found = root_of(parent).to_owned();
    known.insert(parent.to_owned(), found.clone());
    found
}

/// The root of the checkout that a folder is in.
fn root(folder: &Path) -> Result<PathBuf, String> {
    Ok(path_in(&git(folder, &["rev-parse", "--show-toplevel"])?))
}

/// The folders of the models with a link to what was touched.
pub(super) fn linked_to(touched: &[PathBuf], workspace: &Workspace, here: &Path) -> Vec<PathBuf> {
    let touched: BTreeSet<&Path> = touched.iter().map(PathBuf::as_path).collect();
    let is_touched = |link: PathBuf| has_any_below(&touched, &target_of(&link));
    let models = workspace.repositories.iter().flat_map(|repository| &repository.models);
    let folders = models.filter_map(|model| {
        let folder = here.join(&model.path);
        let is_linked = model.listing.links().any(|link| is_touched(folder.join(link)));
        is_linked.then(|| without_links(&folder))
    });
    folders.collect()
}

/// What a link leads to, or led to.
fn target_of(link: &Path) -> PathBuf {
    link.canonicalize().unwrap_or_else(|_| {
        let target = fs::read_link(link).unwrap_or_default();
        without_links(&link.parent().unwrap_or(link).join(target))
    })
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

/// The path that Git writes in a line of its own.
fn path_in(line: &[u8]) -> PathBuf {
    PathBuf::from(path_of(line.strip_suffix(b"\n").unwrap_or(line)))
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
    let reason = reason.lines().next().unwrap_or("it failed");
    Err(format!("--since: git, asked in {}: {reason}", folder.display()))
}
