//! What is linted, in memory: text files, and which model of which repository they belong to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The one name under which the server looks for a model's config
/// (core `model_repository_manager.cc`, `GetModelConfigFullPath`).
pub const CONFIG_FILE: &str = "config.pbtxt";

/// The folder of a model that holds the configs that `--model-config-name` chooses from.
pub const CUSTOM_CONFIG_FOLDER: &str = "configs";

/// Names a text file of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// A config file.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// As people are told it.
    pub path: Arc<Path>,
    /// Its contents.
    pub bytes: Arc<[u8]>,
    /// Whether findings in it are reported; else it is read for the sake of others.
    pub is_reported: bool,
}

/// Everything that one run looks at.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    files: Vec<TextFile>,
    /// The repositories, sorted by their roots.
    pub repositories: Vec<Repository>,
}

/// A model repository: each folder in its root is a model.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The root as people are told it.
    pub root: PathBuf,
    /// Its models, sorted by name.
    pub models: Vec<ModelDirectory>,
    /// Whether it was asked for as such. A server may be given several repositories; those that were
    /// merely found below the same folder are strangers to each other.
    pub is_named: bool,
}

/// The folder of one model.
#[derive(Clone, Debug)]
pub struct ModelDirectory {
    /// The name of the folder, which is the model's name; none where it is not known.
    pub name: Option<String>,
    /// The folder as people are told it.
    pub path: PathBuf,
    /// Its `config.pbtxt`.
    pub config: Option<FileId>,
    /// What is in its folder of custom configs.
    pub custom_configs: Vec<FileId>,
    /// What else is in the folder.
    pub listing: Listing,
    /// Whether findings about the folder itself are reported.
    pub is_reported: bool,
}

/// The files and folders below a folder, down to some depth.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Sorted by path.
    entries: Vec<Entry>,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Relative to the listed folder, with `/` between the parts.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What a directory entry is; symbolic links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file of that many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A symbolic link that leads nowhere.
    BrokenLink,
    /// A socket, pipe or device.
    Other,
}

impl Workspace {
    /// Adds a file.
    pub fn add(&mut self, file: TextFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() - 1)
    }

    /// A file of this workspace.
    #[must_use]
    pub fn file(&self, id: FileId) -> &TextFile {
        &self.files[id.0]
    }

    /// Every file with its name.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &TextFile)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(at), file))
    }

    /// Leaves findings in a file out; it is still there for others.
    pub fn leave_unreported(&mut self, id: FileId) {
        self.files[id.0].is_reported = false;
    }

    /// Puts other contents in a file's place.
    pub fn replace(&mut self, id: FileId, bytes: Vec<u8>) {
        self.files[id.0].bytes = bytes.into();
    }

    /// Adds a repository of files in memory, given by their paths below `root` and their contents.
    /// Findings in all of them are reported.
    pub fn add_in_memory<'f>(&mut self, root: &Path, files: impl IntoIterator<Item = (&'f str, &'f [u8])>) {
        let mut models: Vec<ModelDirectory> = Vec::new();
        for (path, bytes) in files {
            let Some((name, inside)) = path.split_once('/') else { continue };
            let at = models.iter().position(|model| model.name.as_deref() == Some(name)).unwrap_or_else(|| {
                models.push(ModelDirectory {
                    name: Some(name.to_owned()),
                    path: root.join(name),
                    config: None,
                    custom_configs: Vec::new(),
                    listing: Listing::default(),
                    is_reported: true,
                });
                models.len() - 1
            });
            models[at].listing.insert(inside, bytes.len() as u64);
            let is_custom = is_custom_config(inside);
            if inside == CONFIG_FILE || is_custom {
                let path = root.join(path).into();
                let id = self.add(TextFile { path, bytes: bytes.into(), is_reported: true });
                if is_custom {
                    models[at].custom_configs.push(id);
                } else {
                    models[at].config = Some(id);
                }
            }
        }
        models.sort_by(|a, b| a.name.cmp(&b.name));
        self.repositories.push(Repository { root: root.to_owned(), models, is_named: true });
    }
}

/// Whether a path inside a model's folder is one of its custom configs.
pub(super) fn is_custom_config(inside: &str) -> bool {
    let inside = Path::new(inside);
    inside.parent() == Some(Path::new(CUSTOM_CONFIG_FOLDER))
        && inside.extension().is_some_and(|ending| ending == "pbtxt")
}

impl Listing {
    /// Makes a listing of entries in any order.
    #[must_use]
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort();
        Self { entries }
    }

    /// Adds a file, and the folders that it is in. A path that ends in `/` is a folder.
    pub fn insert(&mut self, path: &str, size: u64) {
        let folders =
            path.match_indices('/').map(|(at, _)| Entry { path: path[..at].to_owned(), kind: EntryKind::Folder });
        let file = (!path.ends_with('/')).then(|| Entry { path: path.to_owned(), kind: EntryKind::File(size) });
        for entry in folders.chain(file) {
            if let Err(at) = self.entries.binary_search_by(|other| other.path.cmp(&entry.path)) {
                self.entries.insert(at, entry);
            }
        }
    }

    /// Everything, sorted by path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What that path is.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<EntryKind> {
        let found = self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
        Some(self.entries[found].kind)
    }

    /// What lies directly in a folder (`""` for the listed one): names, sorted, and what they are.
    pub fn children<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, EntryKind)> {
        self.entries.iter().filter_map(move |entry| {
            let inside = match folder {
                "" => entry.path.as_str(),
                _ => entry.path.strip_prefix(folder)?.strip_prefix('/')?,
            };
            (!inside.contains('/')).then_some((inside, entry.kind))
        })
    }

    /// The names of the folders directly in the listed one, sorted as the server sorts them.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.children("").filter(|(_, kind)| *kind == EntryKind::Folder).map(|(name, _)| name)
    }
}
