//! What lies in a model's folder, and what its config says: one look into each folder, and one at each file for its
//! size.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::folder::{Folder, Kind};
use super::{Problem, has_version, is_number, read_opened, shown};
use crate::model::workspace::{CONFIG_FILE, Entry, EntryKind, LISTED_DEPTH, Listing};

/// What is the matter with a link so deep in a model that the server does not look at it by itself.
const DANGLING: &str = "the link leads nowhere";

/// In a folder with more files than these nobody asks for their sizes: asking for a million takes a second, and more
/// than any model is made of are data.
const MOST_MEASURED: usize = 50_000;

/// So many links of one folder are worth a thread of their own.
const LINKS_A_TASK: usize = 256;

/// What is in a model's folder.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) listing: Listing,
    /// The bytes of the `config.pbtxt`, if it is a file, or why they could not be read.
    pub(super) config: Option<Result<Vec<u8>, String>>,
    /// What could not be listed.
    pub(super) problems: Vec<Problem>,
}

/// Lists what is in a model's folder, as far as it can be told; nothing if the folder is not on the disk.
pub(super) fn list(path: &Path, here: &Path) -> Listed {
    match Folder::open(path) {
        Ok(folder) => {
            let config = folder.kind_of(Path::new(CONFIG_FILE)).ok();
            list_opened(&folder, config, path, here)
        }
        // It need not be there if a text was named for its config.
        Err(error) => {
            let problems = Problem::unless_vanished(path, &error, here).into_iter().collect();
            Listed { problems, ..Listed::default() }
        }
    }
}

/// Lists what is in the folder of a path, the config of which is as given if there is one. A folder that does not look
/// like a model, such as `.git` next to some, is not searched.
pub(super) fn list_opened(folder: &Folder, config: Option<EntryKind>, path: &Path, here: &Path) -> Listed {
    let mut walk = Walk { here, config, entries: Vec::new(), problems: Vec::new() };
    let inner = walk.folder(folder, path, "", 1);
    let has_config = walk.entries.iter().any(|entry| entry.path == CONFIG_FILE);
    if has_config || looks_like_model(path, &walk.entries) {
        walk.folders(folder, inner, &mut vec![path.to_owned()], 2);
    }
    // A pipe or a device is not even opened.
    let is_file = matches!(config, Some(EntryKind::File(_)));
    let config = is_file.then(|| read_opened(folder.open_file(Path::new(CONFIG_FILE))));
    Listed { listing: Listing::new(walk.entries), config, problems: walk.problems }
}

/// Whether what is directly in a folder without a config makes it a model: what the server takes for a version.
fn looks_like_model(folder: &Path, entries: &[Entry]) -> bool {
    let is_version = |entry: &Entry| entry.kind == EntryKind::Folder && is_number(OsStr::new(&entry.path));
    entries.iter().any(is_version) && has_version(folder)
}

struct Walk<'h> {
    /// The folder in which people are who are told of problems.
    here: &'h Path,
    /// What the model's config is, which then is known and not asked for again.
    config: Option<EntryKind>,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
}

/// A folder that was listed, and is yet to be looked into.
struct Inner {
    name: OsString,
    /// Its path in the model's folder, with a `/` at the end.
    prefix: String,
    is_link: bool,
}

impl Walk<'_> {
    /// Looks into folders that lie in one, as deep as is listed. It is the last of `ancestors`, which lie in each
    /// other.
    fn folders(&mut self, outer: &Folder, folders: Vec<Inner>, ancestors: &mut Vec<PathBuf>, depth: usize) {
        for Inner { name, prefix, is_link } in folders {
            let path = ancestors.last().map(|outer| outer.join(&name)).unwrap_or_default();
            if let Some(ancestor) = ancestors.iter().find(|ancestor| is_link && is_same(ancestor, &path)) {
                let reason = format!("not entered: the link leads back to {}", shown(self.here, ancestor).display());
                self.problems.push(Problem { path: shown(self.here, &path), reason, is_failure: false });
            } else if depth <= LISTED_DEPTH {
                match outer.enter(&name) {
                    Ok(folder) => {
                        let inner = self.folder(&folder, &path, &prefix, depth);
                        ancestors.push(path);
                        self.folders(&folder, inner, ancestors, depth + 1);
                        ancestors.pop();
                    }
                    Err(error) => self.problems.extend(Problem::unless_vanished(&path, &error, self.here)),
                }
            }
        }
    }

    /// Lists one folder; the folders in it are returned.
    fn folder(&mut self, folder: &Folder, path: &Path, prefix: &str, depth: usize) -> Vec<Inner> {
        let (mut inner, mut links, mut files) = (Vec::new(), Vec::new(), 0);
        let first = self.entries.len();
        let read = folder.for_each(|name, kind| {
            let inside = inside(prefix, name);
            let kind = match (kind, self.config) {
                (Kind::File, Some(config)) if inside == CONFIG_FILE => Ok(config),
                (Kind::File, _) => {
                    files += 1;
                    if files > MOST_MEASURED { Ok(EntryKind::File(None)) } else { folder.kind_of(Path::new(name)) }
                }
                (Kind::Folder, _) => {
                    inner.push(Inner { name: name.to_owned(), prefix: format!("{inside}/"), is_link: false });
                    Ok(EntryKind::Folder)
                }
                (Kind::Link, _) => return links.push(name.to_owned()),
                (Kind::Other, _) => Ok(EntryKind::Other),
            };
            self.found(path, name, inside, kind, false);
        });
        if let Err(error) = read {
            self.problems.extend(Problem::unless_vanished(path, &error, self.here));
        }
        if files > MOST_MEASURED {
            // Which of them came first is up to the file system.
            for entry in &mut self.entries[first..] {
                if let EntryKind::File(size) = &mut entry.kind {
                    *size = None;
                }
            }
        }
        let kinds = links.par_iter().with_min_len(LINKS_A_TASK).map(|name| folder.kind_of(Path::new(name)));
        let kinds: Vec<_> = kinds.collect();
        for (name, kind) in links.into_iter().zip(kinds) {
            let inside = inside(prefix, &name);
            let kind = match kind {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if depth > 1 {
                        // At links directly in a model the server fails, which a rule tells.
                        let path = shown(self.here, &path.join(&name));
                        self.problems.push(Problem { path, reason: DANGLING.into(), is_failure: false });
                    }
                    Ok(EntryKind::BrokenLink)
                }
                kind => kind,
            };
            let prefix = matches!(kind, Ok(EntryKind::Folder)).then(|| format!("{inside}/"));
            self.found(path, &name, inside, kind, true);
            inner.extend(prefix.map(|prefix| Inner { name, prefix, is_link: true }));
        }
        inner.sort_by(|a, b| a.prefix.cmp(&b.prefix));
        inner
    }

    /// Notes an entry of a folder.
    fn found(&mut self, folder: &Path, name: &OsStr, inside: String, kind: io::Result<EntryKind>, is_link: bool) {
        let kind = match kind {
            Ok(kind) => kind,
            Err(error) => {
                let Some(problem) = Problem::unless_vanished(&folder.join(name), &error, self.here) else { return };
                self.problems.push(problem);
                EntryKind::BrokenLink
            }
        };
        self.entries.push(Entry { path: inside, kind, is_link });
    }
}

/// The path of an entry in the model's folder.
fn inside(prefix: &str, name: &OsStr) -> String {
    let name = name.to_string_lossy();
    let mut path = String::with_capacity(prefix.len() + name.len());
    path.push_str(prefix);
    path.push_str(&name);
    path
}

/// Whether two paths lead to the same folder.
fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}
