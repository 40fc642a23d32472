//! From paths to a workspace: the one place that reads files.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::model_file::{ModelFiles, ReadSeek, Storage};
use super::version::VersionName;
use super::workspace::{
    CONFIG_FILE, CUSTOM_CONFIG_FOLDER, Entry, EntryKind, FileId, Listing, ModelDirectory, Repository, TextFile,
    Workspace, misnamed_config, slashed,
};

/// No config is anywhere near this many bytes; a file that is larger was put there by mistake.
const LARGEST_CONFIG: u64 = 64 << 20;

/// What is the matter with a link so deep in a model that the server does not look at it by itself.
const DANGLING: &str = "the link leads nowhere";

/// How deep a model's folder is listed: enough for `1/model.savedmodel/saved_model.pb`.
const LISTED_DEPTH: usize = 3;

/// What the command line asked for.
#[derive(Clone, Debug)]
pub enum Target {
    /// A repository, a model's folder, a config, or a folder that holds some of these.
    Path(PathBuf),
    /// The text of a config, and the path that it has or will have.
    Text {
        /// The path; none if nobody said.
        path: Option<PathBuf>,
        /// The text.
        bytes: Vec<u8>,
    },
}

/// Something that could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct Problem {
    /// What could not be read.
    pub path: PathBuf,
    /// Why not.
    pub reason: String,
    /// Whether the result is worth less without it; else it is only mentioned.
    pub is_failure: bool,
}

/// Reads everything that the targets name, and the models around them.
#[must_use]
pub fn load(targets: &[Target]) -> (Workspace, Vec<Problem>) {
    load_but(targets, &mut |_, _| false)
}

/// The same, but nothing is reported on what is excluded. It is asked of a path, and of whether that was
/// named as a target. An excluded model is still there for its neighbours.
#[must_use]
pub fn load_but(targets: &[Target], is_excluded: &mut dyn FnMut(&Path, bool) -> bool) -> (Workspace, Vec<Problem>) {
    let here = std::env::current_dir().unwrap_or_default();
    let (repositories, detached, problems) = Default::default();
    let files = Arc::new(ModelFiles::new(Box::new(Disk)));
    let mut loader = Loader { here, repositories, detached, problems, files, is_excluded };
    for target in targets {
        match target {
            Target::Path(path) => loader.select(path),
            Target::Text { path, bytes } => loader.select_text(path.as_deref(), bytes.clone()),
        }
    }
    loader.load()
}

/// What to report on in one repository.
#[derive(Default)]
struct Selection {
    whole: bool,
    /// Whether the repository itself was asked for, and not just found below a folder that was.
    is_named: bool,
    /// Folders of models.
    models: Vec<PathBuf>,
    /// Configs, with their text if it does not come from the disk.
    files: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

struct Loader<'e> {
    /// The folder that relative paths start from.
    here: PathBuf,
    /// By root, in the order of the paths.
    repositories: BTreeMap<PathBuf, Selection>,
    /// Configs that are not in a model's folder.
    detached: Vec<(PathBuf, Vec<u8>)>,
    problems: Vec<Problem>,
    files: Arc<ModelFiles>,
    /// Whether nothing is to be reported on a path, which was named as a target or not.
    is_excluded: &'e mut dyn FnMut(&Path, bool) -> bool,
}

/// The files on the disk.
struct Disk;

impl Storage for Disk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        // Opening a pipe would wait for its other end.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        Ok(Box::new(fs::File::open(path)?))
    }
}

impl Loader<'_> {
    fn problem(&mut self, path: &Path, reason: impl Into<String>) {
        self.problems.push(Problem { path: self.shown(path), reason: reason.into(), is_failure: true });
    }

    /// A path as people are told it: from the current folder if it lies in it.
    fn shown(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.here) {
            Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
            Ok(inside) => inside.to_owned(),
            Err(_) => path.to_owned(),
        }
    }

    // ---- What is asked for ----------------------------------------------------------------------

    fn select(&mut self, path: &Path) {
        let path = absolute(path);
        match fs::metadata(&path) {
            Err(error) => self.problem(&path, message(&error)),
            Ok(_) if (self.is_excluded)(&path, true) => {}
            Ok(metadata) if metadata.is_dir() => self.select_folder(&path),
            Ok(_) => match model_folder_of(&path) {
                Some(model) => {
                    self.selection(parent(&model)).files.insert(path, None);
                }
                None => match read(&path) {
                    Ok(bytes) => self.detached.push((path, bytes)),
                    Err(reason) => self.problem(&path, reason),
                },
            },
        }
    }

    fn select_text(&mut self, path: Option<&Path>, bytes: Vec<u8>) {
        let path = path.map(absolute);
        if path.as_deref().is_some_and(|path| (self.is_excluded)(path, true)) {
            return;
        }
        match path.as_deref().and_then(model_folder_of) {
            Some(model) => {
                self.selection(parent(&model)).files.insert(path.unwrap_or_default(), Some(bytes));
            }
            None => self.detached.push((path.unwrap_or_else(|| PathBuf::from("<stdin>")), bytes)),
        }
    }

    fn selection(&mut self, root: &Path) -> &mut Selection {
        self.repositories.entry(root.to_owned()).or_default()
    }

    /// Finds the repositories in a folder: it may be one, or a model, or lie above some.
    fn select_folder(&mut self, folder: &Path) {
        if has_config(folder) {
            self.selection(parent(folder)).models.push(folder.to_owned());
            return;
        }
        let (roots, was_searched) = self.repositories_below(folder);
        if roots.is_empty() && has_version(folder) {
            self.selection(parent(folder)).models.push(folder.to_owned());
        } else if roots.is_empty() && has_unconfigured_model(folder) {
            let selection = self.selection(folder);
            (selection.whole, selection.is_named) = (true, true);
        } else if roots.is_empty() && was_searched {
            self.problem(folder, format!("no model repository here: no folder holds a {CONFIG_FILE}"));
        }
        for root in roots {
            let is_named = root == folder;
            let selection = self.selection(&root);
            selection.whole = true;
            selection.is_named |= is_named;
        }
    }

    /// The folders below that hold models with a config. Links are not followed, for they may lead
    /// anywhere; but a link may stand for a model. Also whether nothing was left out.
    fn repositories_below(&mut self, folder: &Path) -> (Vec<PathBuf>, bool) {
        let mut roots: Vec<PathBuf> = Vec::new();
        let mut was_searched = true;
        let mut walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.walk_problem(folder, &error, true);
                    continue;
                }
            };
            let is_folder = entry.file_type().is_dir();
            if entry.depth() == 0 || !(is_folder || entry.path_is_symlink()) {
                continue;
            }
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let is_model = !is_hidden && has_config(entry.path()) && !is_version(entry.path());
            if is_model && roots.last().is_none_or(|root| root != parent(entry.path())) {
                roots.push(parent(entry.path()).to_owned());
            }
            let is_excluded = is_folder && !is_hidden && !is_model && (self.is_excluded)(entry.path(), false);
            was_searched &= !is_excluded;
            if is_folder && (is_hidden || is_model || is_excluded) {
                walk.skip_current_dir();
            }
        }
        roots.sort();
        roots.dedup();
        (roots, was_searched)
    }

    /// Tells of something that could not be walked; `matters` if it belongs to what was asked for.
    fn walk_problem(&mut self, folder: &Path, error: &walkdir::Error, matters: bool) {
        let path = self.shown(error.path().unwrap_or(folder));
        let (reason, is_failure) = match (error.loop_ancestor(), error.io_error()) {
            (Some(ancestor), _) => {
                (format!("not entered: the link leads back to {}", self.shown(ancestor).display()), false)
            }
            // At links in a repository or directly in a model the server fails, which a rule tells.
            (None, Some(io)) if io.kind() == io::ErrorKind::NotFound && error.depth() <= 1 => return,
            (None, Some(io)) if io.kind() == io::ErrorKind::NotFound => (DANGLING.into(), false),
            (None, Some(io)) => (message(io), true),
            (None, None) => (error.to_string(), true),
        };
        self.problems.push(Problem { path, reason, is_failure: is_failure && matters });
    }

    // ---- Reading it -----------------------------------------------------------------------------

    fn load(mut self) -> (Workspace, Vec<Problem>) {
        let mut workspace = Workspace::default();
        for (root, selection) in std::mem::take(&mut self.repositories) {
            let is_named = selection.is_named;
            let models = self.load_models(&root, selection, &mut workspace);
            workspace.repositories.push(Repository { root: self.shown(&root), models, is_named });
        }
        for (path, bytes) in std::mem::take(&mut self.detached) {
            let path = self.shown(&path);
            let id = workspace.add(TextFile { path: path.clone().into(), bytes: bytes.into(), is_reported: true });
            let root = path.parent().map(Path::to_owned).unwrap_or_default();
            let model = ModelDirectory {
                config: Some(id),
                files: self.files.clone(),
                is_reported: true,
                ..ModelDirectory::new(None, path)
            };
            workspace.repositories.push(Repository { root, models: vec![model], is_named: false });
        }
        (workspace, self.problems)
    }

    fn load_models(&mut self, root: &Path, mut selection: Selection, workspace: &mut Workspace) -> Vec<ModelDirectory> {
        let (mut folders, broken_links) = self.folders_in(root);
        // A text from standard input may belong to a model that is not there yet.
        folders.extend(selection.files.keys().filter_map(|file| model_folder_of(file)));
        folders.sort();
        folders.dedup();
        let mut models: Vec<_> =
            folders.iter().map(|folder| self.load_model(folder, &mut selection, workspace)).collect();
        models.extend(broken_links.iter().map(|link| ModelDirectory {
            is_reported: selection.whole,
            is_broken_link: true,
            ..ModelDirectory::new(folder_name(link), self.shown(link))
        }));
        models.sort_by(|a, b| a.path.cmp(&b.path));
        models
    }

    /// The folders in a repository, and the links that lead nowhere.
    fn folders_in(&mut self, root: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let entries = match fs::read_dir(root) {
            Ok(entries) => entries,
            // The root of a text that is not on the disk.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Default::default(),
            Err(error) => {
                self.problem(root, message(&error));
                return Default::default();
            }
        };
        let paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        let mut broken_links: Vec<_> =
            paths.iter().filter(|path| path.is_symlink() && !path.exists()).cloned().collect();
        broken_links.sort();
        (paths.into_iter().filter(|path| path.is_dir()).collect(), broken_links)
    }

    fn load_model(&mut self, folder: &Path, selection: &mut Selection, workspace: &mut Workspace) -> ModelDirectory {
        let is_named = selection.models.iter().any(|model| model == folder);
        let is_reported = is_named || (selection.whole && !(self.is_excluded)(folder, false));
        let is_asked_for = is_reported || selection.files.keys().any(|file| file.starts_with(folder));
        let listing = self.list(folder, is_asked_for);
        let mut read_config = |path: PathBuf, loader: &mut Self| -> Option<FileId> {
            let is_named = selection.files.contains_key(&path);
            let bytes = match selection.files.remove(&path).flatten() {
                Some(bytes) => bytes,
                None => match read(&path) {
                    Ok(bytes) => bytes,
                    Err(reason) => {
                        let (path, is_failure) = (loader.shown(&path), is_reported || is_named);
                        loader.problems.push(Problem { path, reason, is_failure });
                        return None;
                    }
                },
            };
            let is_reported = is_named || (is_reported && !(loader.is_excluded)(&path, false));
            let path = loader.shown(&path).into();
            Some(workspace.add(TextFile { path, bytes: bytes.into(), is_reported }))
        };
        let own = folder.join(CONFIG_FILE);
        let has_own = listing.get(CONFIG_FILE).is_some();
        let config = has_own.then(|| read_config(own, self)).flatten();
        let custom_folder = folder.join(CUSTOM_CONFIG_FOLDER);
        let custom: Vec<_> = listing
            .children(CUSTOM_CONFIG_FOLDER)
            .filter(|(name, _)| Path::new(name).extension() == Some(OsStr::new("pbtxt")))
            .map(|(name, _)| custom_folder.join(name))
            .collect();
        let mut custom_configs: Vec<_> = custom.into_iter().filter_map(|path| read_config(path, self)).collect();
        let misnamed_config = misnamed_config(&listing).filter(|_| !has_own && custom_configs.is_empty());
        let misnamed_config = misnamed_config.and_then(|name| {
            // It is no config yet, so that it is no failure if it cannot be read.
            let (path, bytes) = (folder.join(name), read(&folder.join(name)).ok()?);
            let path = self.shown(&path).into();
            Some(workspace.add(TextFile { path, bytes: bytes.into(), is_reported: false }))
        });
        // What is left for this folder came with its text and is not on the disk.
        let unlisted: Vec<_> =
            selection.files.keys().filter(|file| model_folder_of(file).as_deref() == Some(folder)).cloned().collect();
        let mut config = config;
        for path in unlisted {
            let is_custom = path.file_name() != Some(OsStr::new(CONFIG_FILE));
            let bytes = selection.files.remove(&path).flatten().unwrap_or_default();
            let path = self.shown(&path).into();
            let id = workspace.add(TextFile { path, bytes: bytes.into(), is_reported: true });
            if is_custom {
                custom_configs.push(id);
            } else {
                config = Some(id);
            }
        }
        ModelDirectory {
            name: folder_name(folder),
            path: self.shown(folder),
            config,
            custom_configs,
            misnamed_config,
            listing,
            files: self.files.clone(),
            is_reported,
            is_broken_link: false,
        }
    }

    /// Lists what is in a model's folder. A folder that does not look like a model, such as `.git` next
    /// to some, is not searched.
    fn list(&mut self, folder: &Path, matters: bool) -> Listing {
        if !folder.exists() {
            // That of a text that is not on the disk.
            return Listing::default();
        }
        let depth = if has_config(folder) || has_version(folder) { LISTED_DEPTH } else { 1 };
        let walk = WalkDir::new(folder).min_depth(1).max_depth(depth).follow_links(true);
        let mut entries = Vec::new();
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    if let Some(path) = error.path().and_then(|path| path.strip_prefix(folder).ok())
                        && error.depth() > 0
                    {
                        let is_loop = error.loop_ancestor().is_some();
                        let kind = if is_loop { EntryKind::Folder } else { EntryKind::BrokenLink };
                        entries.push(Entry { path: slashed(path), kind });
                    }
                    self.walk_problem(folder, &error, matters);
                    continue;
                }
            };
            let Ok(inside) = entry.path().strip_prefix(folder) else { continue };
            let kind = match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => EntryKind::Folder,
                Ok(metadata) if metadata.is_file() => EntryKind::File(metadata.len()),
                Ok(_) => EntryKind::Other,
                Err(_) => EntryKind::BrokenLink,
            };
            entries.push(Entry { path: slashed(inside), kind });
        }
        Listing::new(entries)
    }
}

/// Reads a config; never waits for a pipe and never takes in a file that cannot be one.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = fs::metadata(path).map_err(|error| message(&error))?;
    if !metadata.is_file() {
        return Err("not a regular file".into());
    }
    if metadata.len() > LARGEST_CONFIG {
        return Err(format!("{} bytes are too many for a config; it was not read", metadata.len()));
    }
    fs::read(path).map_err(|error| message(&error))
}

/// The files in a folder, however deep, sorted; a file is all there is of itself. Links are not followed.
#[must_use]
pub fn files_below(path: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(path).sort_by_file_name().into_iter().filter_map(Result::ok);
    entries.filter(|entry| !entry.file_type().is_dir()).map(walkdir::DirEntry::into_path).collect()
}

/// The reason without the operating system's number for it.
pub(crate) fn message(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    let text = &text[..end];
    text.chars().take(1).flat_map(char::to_lowercase).chain(text.chars().skip(1)).collect()
}

/// The folder of the model that a config belongs to; none if its name says that it is none of a model.
fn model_folder_of(config: &Path) -> Option<PathBuf> {
    let folder = parent(config);
    if config.file_name()? == CONFIG_FILE {
        // The server does not look for a config in a version folder.
        return (!is_version(folder)).then(|| folder.to_owned());
    }
    let is_custom = folder.file_name()? == CUSTOM_CONFIG_FOLDER && config.extension()? == "pbtxt";
    is_custom.then(|| parent(folder).to_owned())
}

/// Whether a folder looks like a version of a model and not like a model.
fn is_version(folder: &Path) -> bool {
    let name = folder.file_name().map(OsStr::as_encoded_bytes);
    name.is_some_and(|name| name.iter().all(u8::is_ascii_digit)) && !has_version(folder)
}

/// Whether a folder has a config. Custom ones count beside a version only: other things have folders
/// of that name too.
fn has_config(folder: &Path) -> bool {
    folder.join(CONFIG_FILE).symlink_metadata().is_ok()
        || (holds_config(&folder.join(CUSTOM_CONFIG_FOLDER)) && has_version(folder))
}

fn holds_config(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.filter_map(Result::ok).any(|entry| Path::new(&entry.file_name()).extension() == Some(OsStr::new("pbtxt")))
}

/// Whether a folder holds one that looks like a version: called by a number, and neither a model of
/// that name nor a folder of models.
fn has_version(folder: &Path) -> bool {
    numbered_folders(folder).any(|version| {
        numbered_folders(&version).next().is_none()
            && !folders(&version).any(|inner| inner.join(CONFIG_FILE).symlink_metadata().is_ok())
    })
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path()).filter(|path| path.is_dir())
}

fn numbered_folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    folders(folder).filter(|path| {
        let name = path.file_name().and_then(OsStr::to_str);
        name.is_some_and(|name| matches!(VersionName::of(name), VersionName::Number(_)))
    })
}

/// Whether a folder below looks like a model that leaves its config to the server.
fn has_unconfigured_model(folder: &Path) -> bool {
    folders(folder).any(|path| has_version(&path))
}

/// The path from the root of the file system, without `.` and `..`.
fn absolute(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for component in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

/// The folder that a path lies in.
fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// The name of a folder; none if it is not text.
fn folder_name(folder: &Path) -> Option<String> {
    folder.file_name()?.to_owned().into_string().ok()
}
