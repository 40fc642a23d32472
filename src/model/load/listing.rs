//! What lies in a model's folder: one look into each folder, and one at each file for its size.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Problem, has_version, is_number, message, shown};
use crate::model::workspace::{CONFIG_FILE, Entry, EntryKind, Listing};

/// What is the matter with a link so deep in a model that the server does not look at it by itself.
const DANGLING: &str = "the link leads nowhere";

/// How deep a model's folder is listed: enough for `1/model.savedmodel/saved_model.pb`.
const LISTED_DEPTH: usize = 3;

/// So many files of one folder are worth a thread of their own.
const FILES_A_TASK: usize = 256;

/// What is in a model's folder.
pub(super) struct Listed {
    pub(super) listing: Listing,
    /// What could not be listed.
    pub(super) problems: Vec<Problem>,
}

/// Lists what is in a model's folder, as far as it can be told; nothing if the folder is not on the disk.
/// A folder that does not look like a model, such as `.git` next to some, is not searched.
pub(super) fn list(folder: &Path, here: &Path) -> Listed {
    let mut walk = Walk { here, entries: Vec::new(), problems: Vec::new() };
    let inner = walk.folder(folder, "", 1);
    if looks_like_model(folder, &walk.entries) {
        walk.folders(inner, &mut vec![folder.to_owned()], 2);
    }
    Listed { listing: Listing::new(walk.entries), problems: walk.problems }
}

/// Whether what is directly in a folder makes it a model: a config, or what the server takes for a version.
fn looks_like_model(folder: &Path, entries: &[Entry]) -> bool {
    let is_version = |entry: &Entry| entry.kind == EntryKind::Folder && is_number(OsStr::new(&entry.path));
    entries.iter().any(|entry| entry.path == CONFIG_FILE) || (entries.iter().any(is_version) && has_version(folder))
}

struct Walk<'h> {
    /// The folder in which people are who are told of problems.
    here: &'h Path,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
}

/// A folder that was listed, and is yet to be looked into.
struct Inner {
    path: PathBuf,
    /// Its path in the model's folder, with a `/` at the end.
    prefix: String,
    is_link: bool,
}

impl Walk<'_> {
    /// Looks into folders that lie below `ancestors`, as deep as is listed.
    fn folders(&mut self, folders: Vec<Inner>, ancestors: &mut Vec<PathBuf>, depth: usize) {
        for Inner { path, prefix, is_link } in folders {
            if let Some(ancestor) = ancestors.iter().find(|ancestor| is_link && is_same(ancestor, &path)) {
                let reason = format!("not entered: the link leads back to {}", shown(self.here, ancestor).display());
                self.problems.push(Problem { path: shown(self.here, &path), reason, is_failure: false });
                continue;
            }
            if depth <= LISTED_DEPTH {
                let inner = self.folder(&path, &prefix, depth);
                ancestors.push(path);
                self.folders(inner, ancestors, depth + 1);
                ancestors.pop();
            }
        }
    }

    /// Lists one folder; the folders in it are returned.
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Vec<Inner> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            // It vanished, or is that of a text that is not on the disk.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.problem(folder, &error);
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => found.push(entry),
                Err(error) => {
                    self.problem(folder, &error);
                    break;
                }
            }
        }
        let kinds: Vec<_> = found.par_iter().with_min_len(FILES_A_TASK).map(Kind::of).collect();
        let mut inner = Vec::new();
        self.entries.reserve(found.len());
        for (entry, kind) in found.iter().zip(kinds) {
            let mut path = String::with_capacity(prefix.len() + entry.file_name().len() + 1);
            path.push_str(prefix);
            path.push_str(&entry.file_name().to_string_lossy());
            let kind = match kind {
                Ok(Kind { kind, is_link }) => {
                    if kind == EntryKind::Folder {
                        inner.push(Inner { path: entry.path(), prefix: format!("{path}/"), is_link });
                    } else if kind == EntryKind::BrokenLink && depth > 1 {
                        // At links directly in a model the server fails, which a rule tells.
                        self.problems.push(Problem { path: entry.path(), reason: DANGLING.into(), is_failure: false });
                    }
                    kind
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    self.problem(&entry.path(), &error);
                    EntryKind::BrokenLink
                }
            };
            self.entries.push(Entry { path, kind });
        }
        inner.sort_by(|a, b| a.prefix.cmp(&b.prefix));
        inner
    }

    fn problem(&mut self, path: &Path, error: &io::Error) {
        self.problems.push(Problem { path: shown(self.here, path), reason: message(error), is_failure: true });
    }
}

struct Kind {
    kind: EntryKind,
    is_link: bool,
}

impl Kind {
    fn of(entry: &DirEntry) -> io::Result<Self> {
        let listed = entry.file_type()?;
        if listed.is_dir() {
            return Ok(Self { kind: EntryKind::Folder, is_link: false });
        }
        let is_link = listed.is_symlink();
        let metadata = if is_link { fs::metadata(entry.path()) } else { entry.metadata() };
        let kind = match metadata {
            Ok(metadata) if metadata.is_dir() => EntryKind::Folder,
            Ok(metadata) if metadata.is_file() => EntryKind::File(metadata.len()),
            Ok(_) => EntryKind::Other,
            Err(error) if is_link && error.kind() == io::ErrorKind::NotFound => EntryKind::BrokenLink,
            Err(error) => return Err(error),
        };
        Ok(Self { kind, is_link })
    }
}

/// Whether two paths lead to the same folder.
fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}
