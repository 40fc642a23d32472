//! What is linted, in memory: text files, and which model of which repository they belong to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::model_file::{Memory, ModelFiles};
use super::version::VersionName;
use crate::diagnostic::FileChange;

/// The one name under which the server looks for a model's config
/// (core `model_repository_manager.cc`, `GetModelConfigFullPath`).
pub const CONFIG_FILE: &str = "config.pbtxt";

/// The folder of a model that holds the configs that `--model-config-name` chooses from.
pub const CUSTOM_CONFIG_FOLDER: &str = "configs";

/// How deep a model's folder is listed: enough for `1/model.savedmodel/saved_model.pb`.
pub(super) const LISTED_DEPTH: usize = 3;

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
    /// What is there of it.
    pub presence: Presence,
    /// What is in its folder of custom configs.
    pub custom_configs: Vec<FileId>,
    /// What else is in the folder.
    pub listing: Listing,
    /// Reads the model files in it.
    pub files: Arc<ModelFiles>,
    /// Whether findings about the folder itself are reported.
    pub is_reported: bool,
}

/// What a repository has under the name of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// A folder with a `config.pbtxt`.
    Config(FileId),
    /// A folder without one, but with a file that seems to be meant for it. Nothing in that is reported.
    MisnamedConfig(FileId),
    /// A folder with neither.
    #[default]
    WithoutConfig,
    /// No folder, but a link that leads nowhere.
    BrokenLink,
}

impl ModelDirectory {
    /// A folder with nothing in it, on which nothing is reported.
    #[must_use]
    pub fn new(name: Option<String>, path: PathBuf) -> Self {
        Self {
            name,
            path,
            presence: Presence::default(),
            custom_configs: Vec::new(),
            listing: Listing::default(),
            files: Arc::default(),
            is_reported: false,
        }
    }

    /// Its `config.pbtxt`.
    #[must_use]
    pub fn config(&self) -> Option<FileId> {
        match self.presence {
            Presence::Config(id) => Some(id),
            Presence::MisnamedConfig(_) | Presence::WithoutConfig | Presence::BrokenLink => None,
        }
    }

    /// The texts that the server takes for a config of the model.
    pub fn configs(&self) -> impl Iterator<Item = FileId> {
        self.config().into_iter().chain(self.custom_configs.iter().copied())
    }
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
    /// Whether it is a symbolic link.
    pub is_link: bool,
}

/// What a directory entry is; symbolic links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file of that many bytes; none where there are so many that nobody asked for their sizes.
    File(Option<u64>),
    /// A folder.
    Folder,
    /// A symbolic link that leads nowhere.
    BrokenLink,
    /// A socket, pipe or device.
    Other,
}

impl EntryKind {
    /// Whether it is a regular file with something in it, as far as is known.
    #[must_use]
    pub fn is_filled_file(self) -> bool {
        matches!(self, Self::File(size) if size != Some(0))
    }
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

    /// Makes a change of the files of a model, if the model is here, what is to be renamed exists, and
    /// nothing is in the way; whether it was made.
    pub fn change(&mut self, change: &FileChange) -> bool {
        let Some((model, to)) = holder(&mut self.repositories, change.result()) else { return false };
        if model.listing.get(&to).is_some() {
            return false;
        }
        match change {
            FileChange::Create(_) => model.listing.insert(&to, 0),
            FileChange::Rename { from, .. } => {
                let Ok(inside) = from.strip_prefix(&model.path).map(slashed) else { return false };
                if !model.listing.rename(&inside, &to) {
                    return false;
                }
                if let Presence::MisnamedConfig(id) = model.presence
                    && *self.files[id.0].path == **from
                {
                    let path = change.result().into();
                    self.files[id.0] = TextFile { path, is_reported: model.is_reported, ..self.files[id.0].clone() };
                    model.presence = Presence::Config(id);
                }
            }
        }
        true
    }

    /// Undoes a change that was made.
    pub fn undo(&mut self, change: &FileChange) {
        let Some((model, inside)) = holder(&mut self.repositories, change.result()) else { return };
        match change {
            FileChange::Create(_) => model.listing.entries.retain(|entry| entry.path != inside),
            FileChange::Rename { from, to } => {
                let Ok(old) = from.strip_prefix(&model.path).map(slashed) else { return };
                model.listing.rename(&inside, &old);
                if let Presence::Config(id) = model.presence
                    && *self.files[id.0].path == **to
                {
                    let path = from.as_path().into();
                    self.files[id.0] = TextFile { path, is_reported: false, ..self.files[id.0].clone() };
                    model.presence = Presence::MisnamedConfig(id);
                }
            }
        }
    }

    /// Adds a repository of files in memory, given by their paths below `root` and their contents.
    /// Findings in all of them are reported.
    pub fn add_in_memory<'f>(&mut self, root: &Path, files: impl IntoIterator<Item = (&'f str, &'f [u8])>) {
        let files: Vec<_> = files.into_iter().map(|(path, bytes)| (path, Arc::<[u8]>::from(bytes))).collect();
        let in_memory = files.iter().map(|(path, bytes)| (root.join(path), bytes.clone())).collect();
        let storage = Arc::new(ModelFiles::new(Box::new(Memory(in_memory))));
        let mut models: Vec<ModelDirectory> = Vec::new();
        let mut others = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (path, bytes) in files {
            let Some((name, inside)) = path.split_once('/') else { continue };
            let at = *places.entry(name).or_insert_with(|| {
                models.push(ModelDirectory {
                    files: storage.clone(),
                    is_reported: true,
                    ..ModelDirectory::new(Some(name.to_owned()), root.join(name))
                });
                models.len() - 1
            });
            models[at].listing.insert(inside, bytes.len() as u64);
            let is_custom = is_custom_config(inside);
            if inside == CONFIG_FILE || is_custom {
                let path = root.join(path).into();
                let id = self.add(TextFile { path, bytes, is_reported: true });
                if is_custom {
                    models[at].custom_configs.push(id);
                } else {
                    models[at].presence = Presence::Config(id);
                }
            } else {
                others.push((root.join(path), bytes));
            }
        }
        for model in models.iter_mut().filter(|model| model.configs().next().is_none()) {
            let misnamed = misnamed_config(&model.listing).map(|inside| model.path.join(inside));
            let found = misnamed.and_then(|path| others.iter().find(|(other, _)| *other == path));
            if let Some((path, bytes)) = found {
                let text = TextFile { path: path.as_path().into(), bytes: bytes.clone(), is_reported: false };
                model.presence = Presence::MisnamedConfig(self.add(text));
            }
        }
        models.sort_by(|a, b| a.name.cmp(&b.name));
        self.repositories.push(Repository { root: root.to_owned(), models, is_named: true });
    }
}

/// The model whose folder a path is in, and the path below that. Of folders in each other, the innermost.
fn holder<'w>(repositories: &'w mut [Repository], path: &Path) -> Option<(&'w mut ModelDirectory, String)> {
    let models = repositories.iter_mut().flat_map(|repository| &mut repository.models);
    let holders = models.filter_map(|model| {
        let inside = slashed(path.strip_prefix(&model.path).ok()?);
        Some((model, inside))
    });
    holders.min_by_key(|(_, inside)| inside.len())
}

/// A file that seems to be meant for the config of a model that has none, by its path in the model's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeantConfig<'l> {
    /// Text that the server would read under the right name.
    Misnamed(&'l str),
    /// In a format that the server does not read, such as JSON.
    Foreign(&'l str),
}

/// The file that seems to be meant for the config.
#[must_use]
pub(super) fn meant_config(listing: &Listing) -> Option<MeantConfig<'_>> {
    const OTHER_FORMATS: [&str; 3] = ["json", "yaml", "yml"];
    if let Some(path) = misnamed_config(listing) {
        return Some(MeantConfig::Misnamed(path));
    }
    let is_file = |(_, kind): &(&str, EntryKind)| matches!(kind, EntryKind::File(_));
    listing.children("").filter(is_file).find_map(|(name, _)| {
        let lower = name.to_ascii_lowercase();
        let ending = lower.strip_prefix("config.")?;
        if OTHER_FORMATS.contains(&ending) {
            Some(MeantConfig::Foreign(name))
        } else {
            (ending.starts_with("pb") || ending.starts_with("txt")).then_some(MeantConfig::Misnamed(name))
        }
    })
}

/// The one file in a model's folder whose name is a slip away from that of the config, or that lies in a
/// version folder where the server does not look; none if there are several.
#[must_use]
pub(super) fn misnamed_config(listing: &Listing) -> Option<&str> {
    let is_file = |entry: &&Entry| matches!(entry.kind, EntryKind::File(_));
    let mut found = listing.entries().iter().filter(is_file).map(|entry| entry.path.as_str()).filter(|path| match path
        .split_once('/')
    {
        None => is_near_config(path),
        Some((folder, name)) => name == CONFIG_FILE && matches!(VersionName::of(folder), VersionName::Number(_)),
    });
    found.next().filter(|_| found.next().is_none())
}

/// Whether a file name is that of the config but for upper case, one slip, or an ending too many.
fn is_near_config(name: &str) -> bool {
    const OTHER_ENDINGS: [&str; 3] = ["config.pbtext", "config.prototxt", "config.textproto"];
    let lower = name.to_ascii_lowercase();
    let bare = lower.strip_suffix(".txt").or(lower.strip_suffix(".pbtxt")).unwrap_or(&lower);
    // A number in the name makes it one of several.
    let is_slip = strsim::osa_distance(&lower, CONFIG_FILE) <= 1 && !lower.bytes().any(|byte| byte.is_ascii_digit());
    name != CONFIG_FILE && (bare == CONFIG_FILE || OTHER_ENDINGS.contains(&lower.as_str()) || is_slip)
}

/// A relative path with `/` between its parts.
pub(super) fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
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
        entries.par_sort_unstable();
        Self { entries }
    }

    /// Adds a file, and the folders that it is in. A path that ends in `/` is a folder.
    pub fn insert(&mut self, path: &str, size: u64) {
        let entry = |path: &str, kind| Entry { path: path.to_owned(), kind, is_link: false };
        let folders = path.match_indices('/').map(|(at, _)| entry(&path[..at], EntryKind::Folder));
        let file = (!path.ends_with('/')).then(|| entry(path, EntryKind::File(Some(size))));
        for entry in folders.chain(file) {
            self.insert_entry(entry);
        }
    }

    /// Adds something whose folders are there; what has its path already stays.
    pub fn insert_entry(&mut self, entry: Entry) {
        if let Err(at) = self.entries.binary_search_by(|other| other.path.cmp(&entry.path)) {
            self.entries.insert(at, entry);
        }
    }

    /// Gives a file or folder, with all that is in it, another path; false if it is not there.
    fn rename(&mut self, from: &str, to: &str) -> bool {
        if self.get(from).is_none() {
            return false;
        }
        for entry in &mut self.entries {
            if let Some(rest) = entry.path.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                entry.path = format!("{to}{rest}");
            }
        }
        self.entries.sort();
        if let Some((folder, _)) = to.rsplit_once('/') {
            self.insert(&format!("{folder}/"), 0);
        }
        true
    }

    /// The path that a name in a folder leads to: the server puts a `/` between the two, whatever the name begins
    /// with (core `filesystem/api.cc`, `JoinPath`). None where it is not known what is there: outside of the listed
    /// folder, deeper than listings go, or above the target of a link.
    #[must_use]
    pub fn path_below(&self, folder: &str, name: &str) -> Option<String> {
        let mut parts: Vec<&str> = Vec::new();
        for part in folder.split('/').chain(name.split('/')) {
            match part {
                "" | "." => {}
                ".." if self.is_linked(&parts.join("/")) => return None,
                ".." => _ = parts.pop()?,
                part => parts.push(part),
            }
        }
        let is_listed = (1..=LISTED_DEPTH).contains(&parts.len()) && !name.ends_with('/');
        is_listed.then(|| parts.join("/"))
    }

    /// Everything, sorted by path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The paths of the symbolic links.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|entry| entry.is_link).map(|entry| entry.path.as_str())
    }

    /// What that path is.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<EntryKind> {
        self.entry(path).map(|entry| entry.kind)
    }

    fn entry(&self, path: &str) -> Option<&Entry> {
        let found = self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
        Some(&self.entries[found])
    }

    /// Whether a path leads through a symbolic link, or is one: then what it names lies elsewhere, and may be
    /// there for others too.
    #[must_use]
    pub fn is_linked(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        folders.chain([path]).any(|path| self.entry(path).is_some_and(|entry| entry.is_link))
    }

    /// What lies directly in a folder (`""` for the listed one): names, sorted, and what they are.
    pub fn children<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, EntryKind)> {
        // Where a path stands to those that begin with the folder and a `/`.
        let place = move |entry: &Entry| {
            let path = entry.path.as_bytes();
            let head = &path[..path.len().min(folder.len())];
            head.cmp(folder.as_bytes()).then_with(|| path.get(folder.len()).cmp(&Some(&b'/')))
        };
        let (start, depth) = match folder {
            "" => (0, 0),
            _ => (self.entries.partition_point(|entry| place(entry).is_lt()), folder.len() + 1),
        };
        let mut rest = &self.entries[start..];
        std::iter::from_fn(move || {
            loop {
                let (entry, others) = rest.split_first().filter(|(entry, _)| depth == 0 || place(entry).is_eq())?;
                let inside = &entry.path[depth..];
                let Some(length) = memchr::memchr(b'/', inside.as_bytes()) else {
                    rest = others;
                    return Some((inside, entry.kind));
                };
                // What lies deeper may be very much, and stands together.
                let below = &entry.path[..=depth + length];
                rest = &rest[rest.partition_point(|entry| entry.path.starts_with(below))..];
            }
        })
    }

    /// The names of the folders directly in the listed one, sorted as the server sorts them.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.children("").filter(|(_, kind)| *kind == EntryKind::Folder).map(|(name, _)| name)
    }
}
