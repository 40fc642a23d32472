//! From paths to a workspace: the one place that reads files.

mod directory;
mod folder;
mod listing;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Cursor, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use walkdir::WalkDir;

use self::directory::{Config, OnDisk};
use self::folder::{Folder, Kind};
use self::listing::{Listed, list, list_opened};
use super::model_file::{ModelFiles, ReadSeek, Storage};
use super::version::VersionName;
use super::workspace::{
    CONFIG_FILE, CUSTOM_CONFIG_FOLDER, FileId, ModelDirectory, Presence, Repository, TextFile, Workspace,
    is_custom_config,
};

/// Extensions of files in protobuf's text format.
const CONFIG_EXTENSIONS: [&str; 4] = ["pbtxt", "txtpb", "textproto", "prototxt"];

/// No config is anywhere near this many bytes; a file that is larger was put there by mistake.
pub(crate) const LARGEST_CONFIG: u64 = 16 << 20;

/// A model file of so many bytes is read whole: that takes less than to seek in it.
const SMALL_FILE: u64 = 64 << 10;

/// Why a file of another kind is not read: a fix might rewrite it.
const NOT_CONFIG: &str = "this is no config by its name, which ends with .pbtxt, .txtpb, .textproto or .prototxt; \
                          `check -` reads one of any name from standard input";

/// Why a pipe or a device is not read.
const NOT_REGULAR: &str = "not a regular file";

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

impl Problem {
    /// Why something could not be looked at, told to people in the folder `here`; none if it is not there: what
    /// vanished since it was listed may as well never have been there.
    fn unless_vanished(path: &Path, error: &io::Error, here: &Path) -> Option<Self> {
        let has_vanished = error.kind() == io::ErrorKind::NotFound;
        (!has_vanished).then(|| Self { path: shown(here, path), reason: message(error), is_failure: true })
    }
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
    let (repositories, searched, detached, problems) = Default::default();
    let files = Arc::new(ModelFiles::new(Box::new(Disk)));
    let mut loader = Loader { here, repositories, searched, detached, problems, files, is_excluded };
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
    models: BTreeSet<PathBuf>,
    files: Named,
}

/// Configs that were asked for, with their text if it does not come from the disk.
type Named = BTreeMap<PathBuf, Option<Arc<[u8]>>>;

/// What was found in the root of a repository.
struct Searched {
    /// The names of the folders and links in it, with what they are.
    entries: Vec<(OsString, Kind)>,
    /// The folders that look like models, in the order of their paths, with what is in them.
    models: Vec<(PathBuf, Listed)>,
}

struct Loader<'e> {
    /// The folder that relative paths start from.
    here: PathBuf,
    /// By root, in the order of the paths.
    repositories: BTreeMap<PathBuf, Selection>,
    /// By root, what was found in the search, so that nothing is listed twice.
    searched: HashMap<PathBuf, Searched>,
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
        let file = open_at_once(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other(NOT_REGULAR));
        }
        // Of a large one the readers want but some parts.
        if metadata.len() > SMALL_FILE {
            Ok(Box::new(file))
        } else {
            Ok(Box::new(Cursor::new(contents(file, &metadata, SMALL_FILE)?)))
        }
    }
}

impl Loader<'_> {
    fn problem(&mut self, path: &Path, reason: impl Into<String>) {
        self.problems.push(Problem { path: self.shown(path), reason: reason.into(), is_failure: true });
    }

    /// A path as people are told it: from the current folder if it lies in it.
    fn shown(&self, path: &Path) -> PathBuf {
        shown(&self.here, path)
    }

    /// The same for what lies directly in a folder that they are told as `outer`, which saves comparing all parts.
    fn shown_in(&self, outer: &Path, path: &Path) -> PathBuf {
        match path.file_name() {
            Some(name) if outer.is_relative() && outer != Path::new(".") => outer.join(name),
            _ => self.shown(path),
        }
    }

    // ---- What is asked for ----------------------------------------------------------------------

    fn select(&mut self, path: &Path) {
        let path = absolute(path);
        match fs::metadata(&path) {
            Err(error) => self.problem(&path, message(&error)),
            Ok(_) if (self.is_excluded)(&path, true) => {}
            Ok(metadata) if metadata.is_dir() => self.select_folder(&path),
            Ok(_) if !may_be_config(&path) => self.problem(&path, NOT_CONFIG),
            Ok(metadata) => match model_folder_of(&path) {
                Some(model) => {
                    self.selection(parent(&model)).files.insert(path, None);
                }
                None if !metadata.is_file() => self.problem(&path, NOT_REGULAR),
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
                self.selection(parent(&model)).files.insert(path.unwrap_or_default(), Some(bytes.into()));
            }
            None => self.detached.push((path.unwrap_or_else(|| PathBuf::from("<stdin>")), bytes)),
        }
    }

    fn selection(&mut self, root: &Path) -> &mut Selection {
        self.repositories.entry(root.to_owned()).or_default()
    }

    /// Finds the repositories in a folder: it may be one, or a model, or lie above some.
    fn select_folder(&mut self, folder: &Path) {
        if is_model(folder) {
            self.selection(parent(folder)).models.insert(folder.to_owned());
            return;
        }
        let (roots, was_searched) = self.repositories_below(folder);
        if roots.is_empty() && has_version(folder) {
            self.selection(parent(folder)).models.insert(folder.to_owned());
        } else if roots.is_empty() && has_unconfigured_model(folder) {
            let selection = self.selection(folder);
            (selection.whole, selection.is_named) = (true, true);
        } else if roots.is_empty() && was_searched {
            self.problem(folder, format!("no model repository here: no folder holds a {CONFIG_FILE}"));
        }
        for root in roots {
            if has_config(&root) {
                let reason =
                    "not read: it lies in the repository itself, and the server looks in the folders of models";
                let path = self.shown(&root.join(CONFIG_FILE));
                self.problems.push(Problem { path, reason: reason.into(), is_failure: false });
            }
            let is_named = root == folder;
            let selection = self.selection(&root);
            selection.whole = true;
            selection.is_named |= is_named;
        }
    }

    /// The folders below that hold models with a config. Links are not followed, for they may lead
    /// anywhere; but a link may stand for a model. Also whether nothing was left out.
    fn repositories_below(&mut self, folder: &Path) -> (Vec<PathBuf>, bool) {
        let mut roots = BTreeSet::new();
        let mut was_searched = true;
        let mut pending = vec![folder.to_owned()];
        while let Some(outer) = pending.pop() {
            let (folder, entries) = match self.folders_and_links(&outer) {
                Ok(found) => found,
                Err(error) => {
                    self.problems.extend(Problem::unless_vanished(&outer, &error, &self.here));
                    continue;
                }
            };
            let look = |(name, kind): &(OsString, Kind)| {
                if name.as_encoded_bytes().starts_with(b".") {
                    return None;
                }
                let path = outer.join(name);
                let listed = list_model(&folder, name, &path, &self.here);
                Some((path, *kind == Kind::Folder, listed))
            };
            let inner: Vec<_> = entries.par_iter().filter_map(look).collect();
            let mut models = Vec::new();
            for (path, is_folder, listed) in inner {
                if let Some(listed) = listed {
                    models.push((path, listed));
                } else if is_folder && (self.is_excluded)(&path, false) {
                    was_searched = false;
                } else if is_folder {
                    pending.push(path);
                }
            }
            if !models.is_empty() {
                models.sort_unstable_by(|(a, _), (b, _)| by_bytes(a, b));
                self.searched.insert(outer.clone(), Searched { entries, models });
                roots.insert(outer);
            }
        }
        (roots.into_iter().collect(), was_searched)
    }

    // ---- Reading it -----------------------------------------------------------------------------

    fn load(mut self) -> (Workspace, Vec<Problem>) {
        let mut workspace = Workspace::default();
        for (root, selection) in std::mem::take(&mut self.repositories) {
            let is_named = selection.is_named;
            let models = self.load_models(&root, &selection, &mut workspace);
            workspace.repositories.push(Repository { root: self.shown(&root), models, is_named });
        }
        for (path, bytes) in std::mem::take(&mut self.detached) {
            let path = self.shown(&path);
            let id = workspace.add(TextFile { path: path.clone().into(), bytes: bytes.into(), is_reported: true });
            let root = path.parent().map(Path::to_owned).unwrap_or_default();
            let model = ModelDirectory {
                presence: Presence::Config(id),
                files: self.files.clone(),
                is_reported: true,
                ..ModelDirectory::new(None, path)
            };
            workspace.repositories.push(Repository { root, models: vec![model], is_named: false });
        }
        let mut told = BTreeSet::new();
        self.problems.retain(|problem| told.insert((problem.path.clone(), problem.reason.clone())));
        (workspace, self.problems)
    }

    fn load_models(&mut self, root: &Path, selection: &Selection, workspace: &mut Workspace) -> Vec<ModelDirectory> {
        let (entries, listed) = match self.searched.remove(root) {
            Some(Searched { entries, models }) => (entries, models),
            None => (self.entries_in(root), Vec::new()),
        };
        let (mut folders, broken_links) = folders_in(root, &entries);
        // A text from standard input may belong to a model that is not there yet.
        folders.extend(selection.files.keys().filter_map(|file| model_folder_of(file)));
        folders.sort_unstable_by(|a, b| by_bytes(a, b));
        folders.dedup();
        let mut found = listed.into_iter().peekable();
        let listed = folders.iter().map(|folder| {
            while found.next_if(|(other, _)| by_bytes(other, folder).is_lt()).is_some() {}
            found.next_if(|(other, _)| by_bytes(other, folder).is_eq()).map(|(_, listed)| listed)
        });
        let listed: Vec<_> = listed.collect();
        let read = |(folder, listed): (PathBuf, Option<Listed>)| {
            let listed = listed.unwrap_or_else(|| list(&folder, &self.here));
            OnDisk::read(folder, listed, &selection.files)
        };
        let on_disk: Vec<_> = folders.into_par_iter().zip(listed).map(read).collect();
        let shown = self.shown(root);
        let mut models: Vec<_> =
            on_disk.into_iter().map(|model| self.admit(model, &shown, selection, workspace)).collect();
        models.extend(broken_links.iter().map(|link| ModelDirectory {
            is_reported: selection.whole,
            presence: Presence::BrokenLink,
            ..ModelDirectory::new(folder_name(link), self.shown(link))
        }));
        models.sort_by(|a, b| by_bytes(&a.path, &b.path));
        models
    }

    /// The folders and links in a repository.
    fn entries_in(&mut self, root: &Path) -> Vec<(OsString, Kind)> {
        match self.folders_and_links(root) {
            Ok((_, entries)) => entries,
            // It need not be there if all that was named in it is a text.
            Err(error) => {
                self.problems.extend(Problem::unless_vanished(root, &error, &self.here));
                Vec::new()
            }
        }
    }

    /// A folder, and the folders and links in it.
    fn folders_and_links(&mut self, path: &Path) -> io::Result<(Folder, Vec<(OsString, Kind)>)> {
        let folder = Folder::open(path)?;
        let mut entries = Vec::new();
        let read = folder.for_each(|name, kind| {
            if matches!(kind, Kind::Folder | Kind::Link) {
                entries.push((name.to_owned(), kind));
            }
        });
        // What came before is there all the same.
        if let Err(error) = read {
            self.problems.extend(Problem::unless_vanished(path, &error, &self.here));
        }
        Ok((folder, entries))
    }

    /// Takes a model of a root, which people are told as `root`, into the workspace, and decides what of it is
    /// reported on.
    fn admit(
        &mut self,
        model: OnDisk,
        root: &Path,
        selection: &Selection,
        workspace: &mut Workspace,
    ) -> ModelDirectory {
        let folder = model.path;
        let is_named = selection.models.contains(&folder);
        let is_reported = is_named || (selection.whole && !(self.is_excluded)(&folder, false));
        let is_asked_for = || {
            let mut named_below = selection.files.range(folder.clone()..);
            is_reported || named_below.next().is_some_and(|(file, _)| file.starts_with(&folder))
        };
        for problem in model.problems {
            self.problems.push(Problem { is_failure: problem.is_failure && is_asked_for(), ..problem });
        }
        let path = self.shown_in(root, &folder);
        let mut admit = |config: Config| {
            let is_custom = config.path.parent() != Some(&folder);
            let path = if is_custom { self.shown(&config.path) } else { self.shown_in(&path, &config.path) };
            self.admit_config(config, path, is_reported, workspace)
        };
        let config = model.config.and_then(&mut admit);
        let custom_configs = model.custom_configs.into_iter().filter_map(&mut admit).collect();
        // It is no config yet, so that it is no failure if it cannot be read.
        let misnamed = model.misnamed_config.and_then(|config| {
            let (path, bytes) = (self.shown(&config.path).into(), config.bytes.ok()?);
            Some(workspace.add(TextFile { path, bytes, is_reported: false }))
        });
        let presence = match (config, misnamed) {
            (Some(config), _) => Presence::Config(config),
            (None, Some(misnamed)) => Presence::MisnamedConfig(misnamed),
            (None, None) => Presence::WithoutConfig,
        };
        ModelDirectory {
            name: folder_name(&folder),
            path,
            presence,
            custom_configs,
            listing: model.listing,
            files: self.files.clone(),
            is_reported,
        }
    }

    /// Takes a config, which people are told as `path`, into the workspace.
    fn admit_config(
        &mut self,
        config: Config,
        path: PathBuf,
        is_reported: bool,
        workspace: &mut Workspace,
    ) -> Option<FileId> {
        match config.bytes {
            Ok(bytes) => {
                let is_reported = config.is_named || (is_reported && !(self.is_excluded)(&config.path, false));
                Some(workspace.add(TextFile { path: path.into(), bytes, is_reported }))
            }
            Err(reason) => {
                self.problems.push(Problem { path, reason, is_failure: is_reported || config.is_named });
                None
            }
        }
    }
}

/// A path as people are told it, who are in the folder `here`.
fn shown(here: &Path, path: &Path) -> PathBuf {
    match path.strip_prefix(here) {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => inside.to_owned(),
        Err(_) => path.to_owned(),
    }
}

/// The paths of the folders in a repository, and of the links that lead nowhere.
fn folders_in(root: &Path, entries: &[(OsString, Kind)]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut folders, mut broken_links) = (Vec::new(), Vec::new());
    for (name, kind) in entries {
        let path = root.join(name);
        if *kind == Kind::Folder {
            folders.push(path);
            continue;
        }
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => folders.push(path),
            Ok(_) => {}
            Err(_) => broken_links.push(path),
        }
    }
    broken_links.sort();
    (folders, broken_links)
}

/// The order of paths that lie in one folder, compared as bytes for speed.
fn by_bytes(a: &Path, b: &Path) -> Ordering {
    a.as_os_str().cmp(b.as_os_str())
}

/// Reads a config.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    read_opened(open_at_once(path))
}

/// Reads a config that was opened.
fn read_opened(file: io::Result<fs::File>) -> Result<Vec<u8>, String> {
    file.and_then(|file| contents_of(file, LARGEST_CONFIG, "a config")).map_err(|error| message(&error))
}

/// Reads a whole file of which `kind` says what it is meant to hold; never waits for a pipe and never takes in
/// more bytes than `largest`.
pub(crate) fn read_regular(path: &Path, largest: u64, kind: &str) -> io::Result<Vec<u8>> {
    contents_of(open_at_once(path)?, largest, kind)
}

fn contents_of(file: fs::File, largest: u64, kind: &str) -> io::Result<Vec<u8>> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other(NOT_REGULAR));
    }
    refuse_longer(metadata.len(), largest, kind)?;
    let bytes = contents(file, &metadata, largest)?;
    refuse_longer(bytes.len() as u64, largest, kind)?;
    Ok(bytes)
}

fn refuse_longer(size: u64, largest: u64, kind: &str) -> io::Result<()> {
    if size <= largest {
        return Ok(());
    }
    Err(io::Error::other(format!("{size} bytes are too many for {kind}; it was not read")))
}

/// Reads a config from where it comes in, such as standard input.
pub(crate) fn read_incoming(input: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(LARGEST_CONFIG + 1).read_to_end(&mut bytes)?;
    refuse_longer(bytes.len() as u64, LARGEST_CONFIG, "a config")?;
    Ok(bytes)
}

/// What is in a file that was opened, and at most one byte more than it may have.
fn contents(mut file: fs::File, metadata: &fs::Metadata, largest: u64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(metadata.len()).unwrap_or_default();
    let mut bytes = vec![0; size + 1];
    let read = file.read(&mut bytes)?;
    bytes.truncate(read);
    // What says that it is empty and is not, the system makes up: it may have no end, or hold secrets of this process.
    if size == 0 && read > 0 {
        return Err(io::Error::other(NOT_REGULAR));
    }
    // It may grow meanwhile.
    if read != size {
        file.take(largest.saturating_sub(read as u64) + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// How a file is opened so that nothing waits for the other end of a pipe.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
const UNBLOCKED: rustix::fs::OFlags = {
    use rustix::fs::OFlags;
    OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC)
};

/// Opens a file and does not wait for the other end of a pipe, should it be one.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn open_at_once(path: &Path) -> io::Result<fs::File> {
    Ok(rustix::fs::open(path, UNBLOCKED, rustix::fs::Mode::empty())?.into())
}

/// Opens a file, unless it is a pipe or a device.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn open_at_once(path: &Path) -> io::Result<fs::File> {
    if fs::metadata(path)?.is_file() { fs::File::open(path) } else { Err(io::Error::other(NOT_REGULAR)) }
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

/// Whether a file that is named may be meant as a config: by its extension, or by its name as with
/// `config.pbtxt.template`.
fn may_be_config(path: &Path) -> bool {
    let has_extension = path
        .extension()
        .is_some_and(|extension| CONFIG_EXTENSIONS.iter().any(|one| extension.eq_ignore_ascii_case(one)));
    has_extension || path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(CONFIG_FILE.as_bytes()))
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
    folder.join(CONFIG_FILE).symlink_metadata().is_ok() || has_custom_config(folder)
}

fn has_custom_config(folder: &Path) -> bool {
    holds_config(&folder.join(CUSTOM_CONFIG_FOLDER)) && has_version(folder)
}

/// Whether a folder is that of a model: it has a config, and a version or at least no models in it, as a
/// repository has.
fn is_model(folder: &Path) -> bool {
    let is_inner = |inner: PathBuf| {
        !is_version(&inner) && inner.file_name() != Some(OsStr::new(CUSTOM_CONFIG_FOLDER)) && has_config(&inner)
    };
    has_config(folder) && (has_version(folder) || !folders(folder).any(is_inner))
}

/// What is in a folder of that name and path in another, if it is that of a model.
fn list_model(outer: &Folder, name: &OsStr, path: &Path, here: &Path) -> Option<Listed> {
    let inside = Path::new(name).join(CONFIG_FILE);
    let config = outer.kind_of(&inside).ok();
    let has_config = config.is_some() || outer.has(&inside) || has_custom_config(path);
    if !has_config || is_version(path) {
        return None;
    }
    let listed = match outer.enter(name) {
        Ok(folder) => list_opened(&folder, config, path, here),
        Err(_) => list(path, here),
    };
    // Without a config in any of its folders it holds no models; else it takes a closer look.
    let mut inner = listed.listing.entries().iter().filter_map(|entry| entry.path.split_once('/'));
    let holds_config = inner
        .any(|(folder, inside)| folder != CUSTOM_CONFIG_FOLDER && (inside == CONFIG_FILE || is_custom_config(inside)));
    (!holds_config || is_model(path)).then_some(listed)
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
    let folders = entries.filter(|entry| match entry.file_type() {
        Ok(kind) if kind.is_symlink() => entry.path().is_dir(),
        kind => kind.is_ok_and(|kind| kind.is_dir()),
    });
    folders.map(|entry| entry.path())
}

fn numbered_folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    folders(folder).filter(|path| path.file_name().is_some_and(is_number))
}

/// Whether the server takes a folder of that name for a version.
fn is_number(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| matches!(VersionName::of(name), VersionName::Number(_)))
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
