//! From paths to a workspace: the one place that reads files.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::version::VersionName;
use super::workspace::{
    CONFIG_FILE, CUSTOM_CONFIG_FOLDER, Entry, EntryKind, FileId, Listing, ModelDirectory, Repository, TextFile,
    Workspace,
};

/// No config is anywhere near this many bytes; a file that is larger was put there by mistake.
const LARGEST_CONFIG: u64 = 64 << 20;

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
    let mut loader = Loader::default();
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
    /// Folders of models.
    models: Vec<PathBuf>,
    /// Configs, with their text if it does not come from the disk.
    files: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

#[derive(Default)]
struct Loader {
    /// By root, in the order of the paths.
    repositories: BTreeMap<PathBuf, Selection>,
    /// Configs that are not in a model's folder.
    detached: Vec<(PathBuf, Vec<u8>)>,
    problems: Vec<Problem>,
}

impl Loader {
    fn problem(&mut self, path: &Path, reason: impl Into<String>) {
        self.problems.push(Problem { path: path.to_owned(), reason: reason.into(), is_failure: true });
    }

    // ---- What is asked for ----------------------------------------------------------------------

    fn select(&mut self, path: &Path) {
        let path = tidy(path);
        match fs::metadata(&path) {
            Err(error) => self.problem(&path, message(&error)),
            Ok(metadata) if metadata.is_dir() => self.select_folder(&path),
            Ok(_) => match model_folder_of(&path) {
                Some(model) => {
                    self.selection(&parent(&model)).files.insert(path, None);
                }
                None => match read(&path) {
                    Ok(bytes) => self.detached.push((path, bytes)),
                    Err(reason) => self.problem(&path, reason),
                },
            },
        }
    }

    fn select_text(&mut self, path: Option<&Path>, bytes: Vec<u8>) {
        let path = path.map(tidy);
        match path.as_deref().and_then(model_folder_of) {
            Some(model) => {
                self.selection(&parent(&model)).files.insert(path.unwrap_or_default(), Some(bytes));
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
            self.selection(&parent(folder)).models.push(folder.to_owned());
            return;
        }
        let mut roots = self.repositories_below(folder);
        if roots.is_empty() && has_unconfigured_model(folder) {
            roots.push(folder.to_owned());
        }
        if roots.is_empty() {
            self.problem(folder, format!("no model repository here: no folder holds a {CONFIG_FILE}"));
        }
        for root in roots {
            self.selection(&root).whole = true;
        }
    }

    /// The folders below that hold models with a config.
    fn repositories_below(&mut self, folder: &Path) -> Vec<PathBuf> {
        let mut roots: Vec<PathBuf> = Vec::new();
        let mut walk = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.walk_problem(folder, &error);
                    continue;
                }
            };
            if !entry.file_type().is_dir() || entry.depth() == 0 {
                continue;
            }
            if entry.file_name().as_encoded_bytes().starts_with(b".") || is_version(entry.path()) {
                walk.skip_current_dir();
            } else if has_config(entry.path()) {
                walk.skip_current_dir();
                let root = parent(entry.path());
                if !roots.contains(&root) {
                    roots.push(root);
                }
            }
        }
        roots
    }

    fn walk_problem(&mut self, folder: &Path, error: &walkdir::Error) {
        let path = error.path().unwrap_or(folder).to_owned();
        let (reason, is_failure) = match (error.loop_ancestor(), error.io_error()) {
            (Some(ancestor), _) => (format!("skipped: the link leads back to {}", ancestor.display()), false),
            (None, Some(io)) if io.kind() == io::ErrorKind::NotFound => {
                ("skipped: the link leads nowhere".into(), false)
            }
            (None, Some(io)) => (message(io), true),
            (None, None) => (error.to_string(), true),
        };
        self.problems.push(Problem { path, reason, is_failure });
    }

    // ---- Reading it -----------------------------------------------------------------------------

    fn load(mut self) -> (Workspace, Vec<Problem>) {
        let mut workspace = Workspace::default();
        for (root, selection) in std::mem::take(&mut self.repositories) {
            let models = self.load_models(&root, selection, &mut workspace);
            workspace.repositories.push(Repository { root, models });
        }
        for (path, bytes) in std::mem::take(&mut self.detached) {
            let id = workspace.add(TextFile { path: path.clone().into(), bytes: bytes.into(), is_reported: true });
            let root = parent(&path);
            let model = ModelDirectory {
                name: None,
                path,
                config: Some(id),
                custom_configs: Vec::new(),
                listing: Listing::default(),
                is_reported: true,
            };
            workspace.repositories.push(Repository { root, models: vec![model] });
        }
        (workspace, self.problems)
    }

    fn load_models(&mut self, root: &Path, mut selection: Selection, workspace: &mut Workspace) -> Vec<ModelDirectory> {
        let mut folders = self.folders_in(root);
        // A text from standard input may belong to a model that is not there yet.
        folders.extend(selection.files.keys().filter_map(|file| model_folder_of(file)));
        folders.sort();
        folders.dedup();
        folders.iter().map(|folder| self.load_model(folder, &mut selection, workspace)).collect()
    }

    fn folders_in(&mut self, root: &Path) -> Vec<PathBuf> {
        let entries = match fs::read_dir(root_or_here(root)) {
            Ok(entries) => entries,
            // The root of a text that is not on the disk.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.problem(root, message(&error));
                return Vec::new();
            }
        };
        let names = entries.filter_map(|entry| entry.ok().map(|entry| entry.file_name()));
        names.map(|name| join(root, &name)).filter(|path| path.is_dir()).collect()
    }

    fn load_model(&mut self, folder: &Path, selection: &mut Selection, workspace: &mut Workspace) -> ModelDirectory {
        let is_reported = selection.whole || selection.models.iter().any(|model| model == folder);
        let listing = self.list(folder);
        let mut read_config = |path: PathBuf, loader: &mut Self| -> Option<FileId> {
            let is_named = selection.files.contains_key(&path);
            let bytes = match selection.files.remove(&path).flatten() {
                Some(bytes) => bytes,
                None => read(&path).map_err(|reason| loader.problem(&path, reason)).ok()?,
            };
            let is_reported = is_reported || is_named;
            Some(workspace.add(TextFile { path: path.into(), bytes: bytes.into(), is_reported }))
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
        // What is left for this folder came with its text and is not on the disk.
        let unlisted: Vec<_> =
            selection.files.keys().filter(|file| model_folder_of(file).as_deref() == Some(folder)).cloned().collect();
        let mut config = config;
        for path in unlisted {
            let is_custom = path.file_name() != Some(OsStr::new(CONFIG_FILE));
            let bytes = selection.files.remove(&path).flatten().unwrap_or_default();
            let id = workspace.add(TextFile { path: path.into(), bytes: bytes.into(), is_reported: true });
            if is_custom {
                custom_configs.push(id);
            } else {
                config = Some(id);
            }
        }
        ModelDirectory {
            name: folder_name(folder),
            path: folder.to_owned(),
            config,
            custom_configs,
            listing,
            is_reported,
        }
    }

    /// Lists what is in a model's folder. A folder that does not look like a model, such as `.git` next
    /// to some, is not searched.
    fn list(&mut self, folder: &Path) -> Listing {
        if !root_or_here(folder).exists() {
            // That of a text that is not on the disk.
            return Listing::default();
        }
        let depth = if has_config(folder) || has_version(folder) { LISTED_DEPTH } else { 1 };
        let walk = WalkDir::new(root_or_here(folder)).min_depth(1).max_depth(depth).follow_links(true);
        let mut entries = Vec::new();
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    if let Some(path) = error.path().and_then(|path| path.strip_prefix(root_or_here(folder)).ok())
                        && error.depth() > 0
                    {
                        let is_loop = error.loop_ancestor().is_some();
                        let kind = if is_loop { EntryKind::Folder } else { EntryKind::BrokenLink };
                        entries.push(Entry { path: slashed(path), kind });
                    }
                    self.walk_problem(folder, &error);
                    continue;
                }
            };
            let Ok(inside) = entry.path().strip_prefix(root_or_here(folder)) else { continue };
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

/// The reason without the operating system's number for it.
fn message(error: &io::Error) -> String {
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
        return (!is_version(&folder)).then_some(folder);
    }
    let is_custom = folder.file_name()? == CUSTOM_CONFIG_FOLDER && config.extension()? == "pbtxt";
    is_custom.then(|| parent(&folder))
}

/// Whether a folder looks like a version of a model and not like a model.
fn is_version(folder: &Path) -> bool {
    let name = folder.file_name().map(OsStr::as_encoded_bytes);
    name.is_some_and(|name| !name.is_empty() && name.iter().all(u8::is_ascii_digit))
}

fn has_config(folder: &Path) -> bool {
    folder.join(CONFIG_FILE).symlink_metadata().is_ok() || holds_config(&folder.join(CUSTOM_CONFIG_FOLDER))
}

fn holds_config(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.filter_map(Result::ok).any(|entry| Path::new(&entry.file_name()).extension() == Some(OsStr::new("pbtxt")))
}

fn has_version(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(root_or_here(folder)) else { return false };
    let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.any(|name| matches!(VersionName::of(&name), VersionName::Number(_)) && folder.join(&name).is_dir())
}

/// Whether a folder below looks like a model that leaves its config to the server.
fn has_unconfigured_model(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(root_or_here(folder)) else { return false };
    entries.filter_map(Result::ok).any(|entry| has_version(&entry.path()))
}

/// The path without `.` and with `..` only at its beginning, as people are told it.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidied.components().next_back(), Some(Component::Normal(_))) => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

/// The folder that a path lies in, also where the path alone does not say it.
fn parent(path: &Path) -> PathBuf {
    match path.components().next_back() {
        Some(Component::Normal(_)) => path.parent().map(Path::to_owned).unwrap_or_default(),
        _ => path.join(".."),
    }
}

/// The empty path stands for the current folder, but the operating system does not know that.
fn root_or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

/// A folder in `root`; the current one keeps the name by which it is known as the target.
fn join(root: &Path, name: &OsStr) -> PathBuf {
    let path = root.join(name);
    if root.components().next_back() == Some(Component::ParentDir) {
        // `../model` may be where we are.
        let here = root.parent().map(Path::to_owned).unwrap_or_default();
        let same = fs::canonicalize(root_or_here(&here)).ok();
        if same.is_some() && same == fs::canonicalize(&path).ok() {
            return here;
        }
    }
    path
}

/// The name of a folder; none if it is not text.
fn folder_name(folder: &Path) -> Option<String> {
    let name = match folder.file_name() {
        Some(name) => name.to_owned(),
        None => fs::canonicalize(root_or_here(folder)).ok()?.file_name()?.to_owned(),
    };
    name.into_string().ok()
}

/// A relative path with `/` between its parts.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
