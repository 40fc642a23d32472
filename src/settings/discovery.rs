//! Finding the settings files, and what is in force for a model.
//!
//! The closest file above a model holds for it, alone: only what it extends adds to it. Each folder is
//! looked into once, each file read once, and models for which the same is in force share it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::document::{self, Document, Extend, Fault, Kind};
use super::selector::LevelChange;
use super::tree::{self, Entry, Table, Value};
use super::{Governs, Settings};
use crate::model::load::{message, read_regular};
use crate::model::{ModelDirectory, Workspace};

/// The names of settings files, the one that wins in a folder first.
const NAMES: [(&str, Kind); 3] =
    [(".tritonlint.toml", Kind::Own), ("tritonlint.toml", Kind::Own), ("pyproject.toml", Kind::PyProject)];

/// A file that is larger than this holds no settings.
const LARGEST: u64 = 4 << 20;

/// Files may extend each other this often; more is a mistake.
const LONGEST_CHAIN: usize = 32;

/// Whether a file has a name that settings files have.
#[must_use]
pub fn is_settings_file(path: &Path) -> bool {
    NAMES.iter().any(|(name, _)| path.file_name().is_some_and(|own| own == *name))
}

/// Where settings come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The closest file above each model.
    #[default]
    Closest,
    /// This file, for every model.
    File(PathBuf),
    /// No file at all.
    Nowhere,
}

/// Finds settings files, reads them, and remembers what was in them.
pub struct Discovery {
    /// The folder that relative paths start from.
    here: PathBuf,
    source: Source,
    changes: Vec<LevelChange>,
    force_exclude: bool,
    /// What governs a folder.
    folders: HashMap<PathBuf, Rc<Layers>>,
    files: HashMap<PathBuf, Option<Rc<Layers>>>,
    resolved: HashMap<(*const Layers, Vec<usize>), Rc<Resolved>>,
    nothing: Rc<Layers>,
    faults: Vec<Fault>,
}

/// A settings file with those that it extends.
struct Layers {
    table: Table,
    /// The files, the one that the others go on from first.
    files: Vec<PathBuf>,
    /// In the order of `overrides` in the table.
    overrides: Vec<Reach>,
    exclude: Gitignore,
    force_exclude: bool,
}

impl Default for Layers {
    fn default() -> Self {
        let (files, overrides, force_exclude) = Default::default();
        Self { table: tree::defaults(), files, overrides, exclude: Gitignore::empty(), force_exclude }
    }
}

/// Which models an override is for.
struct Reach {
    names: GlobSet,
    paths: Gitignore,
    rules: Table,
}

/// What is in force for a model, with who said it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// What is in force.
    pub settings: Arc<Settings>,
    /// The same with the origin of each value.
    pub table: Table,
    /// The files that say so, the one that the others go on from first.
    pub files: Vec<PathBuf>,
}

impl Discovery {
    /// Settings from files, and above them what the command line says of rules.
    #[must_use]
    pub fn new(source: Source, changes: Vec<LevelChange>, force_exclude: bool) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let (folders, files, resolved, faults) = Default::default();
        let nothing = Rc::new(Layers::default());
        Self { here, source, changes, force_exclude, folders, files, resolved, nothing, faults }
    }

    /// What is wrong in the files that were read so far.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether nothing is to be reported on a file or folder and on what is in it. What is named on the
    /// command line is excluded only if that is asked for, and then also if a folder above it is;
    /// anything else was come to through the folders above it, which were asked about before.
    pub fn excludes(&mut self, path: &Path, is_named: bool) -> bool {
        // What is in a folder does not say whether the folder is looked into.
        let layers = self.governing(path.parent().unwrap_or(path));
        if layers.exclude.is_empty() || !path.starts_with(layers.exclude.path()) {
            return false;
        }
        if is_named {
            (self.force_exclude || layers.force_exclude) && is_matched(&layers.exclude, path)
        } else {
            layers.exclude.matched(path, path.is_dir()).is_ignore()
        }
    }

    /// What is in force for the model of that name in that folder.
    pub fn resolve(&mut self, folder: &Path, name: Option<&str>) -> Rc<Resolved> {
        let layers = self.governing(&self.here.join(folder));
        self.resolve_with(&layers, folder, name)
    }

    fn resolve_with(&mut self, layers: &Rc<Layers>, folder: &Path, name: Option<&str>) -> Rc<Resolved> {
        let folder = self.here.join(folder);
        let fits =
            |reach: &Reach| name.is_some_and(|name| reach.names.is_match(name)) || is_matched(&reach.paths, &folder);
        let overrides: Vec<usize> = (0..layers.overrides.len()).filter(|at| fits(&layers.overrides[*at])).collect();
        let key = (Rc::as_ptr(layers), overrides);
        if let Some(resolved) = self.resolved.get(&key) {
            return Rc::clone(resolved);
        }
        let mut table = layers.table.clone();
        if let Some(Value::Table(levels)) = table.get_mut("rules").map(|entry| &mut entry.value) {
            for at in &key.1 {
                tree::merge(levels, layers.overrides[*at].rules.clone());
            }
            tree::change_levels(levels, &self.changes);
        }
        let settings = tree::typed(&table).unwrap_or_else(|reason| {
            let path = layers.files.last().cloned().unwrap_or_default();
            self.faults.push(Fault::unreadable(&path, &reason));
            Settings::default()
        });
        let resolved = Rc::new(Resolved { settings: Arc::new(settings), table, files: layers.files.clone() });
        self.resolved.insert(key, Rc::clone(&resolved));
        resolved
    }

    /// What is in force for everything in a workspace.
    pub fn in_force(&mut self, workspace: &Workspace) -> InForce {
        let root = workspace.repositories.first().map(|repository| self.resolve(&repository.root, None));
        let elsewhere = root.map_or_else(Arc::default, |resolved| Arc::clone(&resolved.settings));
        let mut by_folder = HashMap::new();
        let mut insert = |folder: &Path, resolved: &Resolved| {
            if !Arc::ptr_eq(&resolved.settings, &elsewhere) {
                by_folder.insert(folder.to_owned(), Arc::clone(&resolved.settings));
            }
        };
        for repository in &workspace.repositories {
            insert(&repository.root, &self.resolve(&repository.root, None));
            for model in &repository.models {
                let folder = self.here.join(&model.path);
                let is_searched = may_hold_settings(model);
                let searched = if is_searched { &folder } else { folder.parent().unwrap_or(&folder) };
                let layers = self.governing(searched);
                insert(&model.path, &self.resolve_with(&layers, &folder, model.name.as_deref()));
            }
        }
        InForce { by_folder, elsewhere }
    }

    fn governing(&mut self, folder: &Path) -> Rc<Layers> {
        match self.source.clone() {
            Source::Nowhere => Rc::clone(&self.nothing),
            Source::File(path) => {
                let (path, root) = (self.here.join(path), self.here.clone());
                self.file(&path, &root, Kind::Own, true).unwrap_or_else(|| Rc::clone(&self.nothing))
            }
            Source::Closest => self.closest(folder),
        }
    }

    fn closest(&mut self, folder: &Path) -> Rc<Layers> {
        let mut unknown = Vec::new();
        let mut found = None;
        for folder in folder.ancestors() {
            found = self.folders.get(folder).cloned();
            if found.is_some() {
                break;
            }
            unknown.push(folder.to_owned());
            found = NAMES.iter().find_map(|(name, kind)| self.file(&folder.join(name), folder, *kind, false));
            if found.is_some() {
                break;
            }
        }
        let found = found.unwrap_or_else(|| Rc::clone(&self.nothing));
        self.folders.extend(unknown.into_iter().map(|folder| (folder, Rc::clone(&found))));
        found
    }

    /// What a file and those that it extends say; none if it is not there or holds no settings.
    /// Patterns are relative to `root`.
    fn file(&mut self, path: &Path, root: &Path, kind: Kind, must_exist: bool) -> Option<Rc<Layers>> {
        if let Some(known) = self.files.get(path) {
            return known.clone();
        }
        let layers = self.chain(path, root, kind_of(path).unwrap_or(kind), must_exist).map(Rc::new);
        self.files.insert(path.to_owned(), layers.clone());
        layers
    }

    fn chain(&mut self, path: &Path, root: &Path, kind: Kind, must_exist: bool) -> Option<Layers> {
        let mut files: Vec<SettingsFile> = Vec::new();
        let wanted = if must_exist { Wanted::Named } else { Wanted::IfThere };
        let mut next = Some((path.to_owned(), root.to_owned(), kind, wanted));
        while let Some((path, root, kind, wanted)) = next.take() {
            let shown = self.shown(&path);
            if files.len() == LONGEST_CHAIN || files.iter().any(|file| file.path == path) {
                self.faults.push(wanted.fault(&shown, "this file extends itself, by itself or by others"));
                return Some(Layers::default());
            }
            let is_optional = matches!(wanted, Wanted::IfThere);
            let text = match read(&path) {
                Ok(text) => text,
                Err(error) if is_optional && is_absence(&path, &error) => return None,
                Err(error) => {
                    let reason = format!("the settings cannot be read: {}", message(&error));
                    self.faults.push(wanted.fault(&shown, &reason));
                    return Some(Layers::default());
                }
            };
            // Most projects with a `pyproject.toml` are not about us.
            if kind == Kind::PyProject && is_optional && !text.contains("tritonlint") {
                return None;
            }
            let document = match document::read(&path, &shown, &text, kind) {
                Ok(Some(document)) => document,
                Ok(None) if is_optional => return None,
                Ok(None) => Document::default(),
                Err(faults) => {
                    self.faults.extend(faults);
                    Document::default()
                }
            };
            next = document.extend.map(|extend| {
                let base = extend.base.clone();
                let root = base.parent().unwrap_or(&base).to_owned();
                (base.clone(), root, kind_of(&base).unwrap_or(Kind::Own), Wanted::Extended(extend))
            });
            files.push(SettingsFile { table: document.table, root, path, shown });
        }
        Some(Layers::new(files))
    }

    /// A path as people are told it.
    fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.here).unwrap_or(path).to_owned()
    }
}

/// A settings file that was read.
struct SettingsFile {
    table: Table,
    /// What its patterns are relative to.
    root: PathBuf,
    path: PathBuf,
    /// The path as people are told it.
    shown: PathBuf,
}

/// Why a settings file is looked for.
enum Wanted {
    /// One may be there.
    IfThere,
    /// The command line names it.
    Named,
    /// Another one goes on from it.
    Extended(Extend),
}

impl Wanted {
    /// A fault of the whole file, told where the file is named.
    fn fault(&self, shown: &Path, reason: &str) -> Fault {
        match self {
            Self::IfThere | Self::Named => Fault::unreadable(shown, reason),
            Self::Extended(extend) => extend.fault(format!("{}: {reason}", shown.display())),
        }
    }
}

/// Where in a file the settings are, if its name says so.
fn kind_of(path: &Path) -> Option<Kind> {
    NAMES.iter().find(|(name, _)| path.file_name().is_some_and(|own| own == *name)).map(|(_, kind)| *kind)
}

/// Whether a settings file may lie in a model's folder: what is in it was listed already.
fn may_hold_settings(model: &ModelDirectory) -> bool {
    let listed = model.listing.entries();
    listed.is_empty() || listed.iter().any(|entry| NAMES.iter().any(|(name, _)| *name == entry.path))
}

impl Layers {
    /// Lays files over each other, the topmost of which comes first.
    fn new(files: Vec<SettingsFile>) -> Self {
        let mut layers = Self::default();
        for SettingsFile { table, root, shown, .. } in files.into_iter().rev() {
            if let Some(Value::Array(patterns)) = table.get("exclude").map(|entry| &entry.value) {
                layers.exclude = patterns_of(&root, patterns);
            }
            if let Some(Value::Array(overrides)) = table.get("overrides").map(|entry| &entry.value) {
                layers.overrides.extend(overrides.iter().filter_map(|entry| Reach::new(&root, entry)));
            }
            layers.files.push(shown);
            tree::merge(&mut layers.table, table);
        }
        layers.force_exclude = layers.table.get("force-exclude").is_some_and(|entry| entry.to_json() == true);
        layers
    }
}

impl Reach {
    fn new(root: &Path, entry: &Entry) -> Option<Self> {
        let Value::Table(table) = &entry.value else { return None };
        let list = |name: &str| match table.get(name).map(|entry| &entry.value) {
            Some(Value::Array(items)) => items.as_slice(),
            _ => &[],
        };
        let mut names = GlobSetBuilder::new();
        for glob in texts(list("models")).filter_map(|pattern| Glob::new(&pattern).ok()) {
            names.add(glob);
        }
        let rules = match table.get("rules").map(|entry| &entry.value) {
            Some(Value::Table(rules)) => rules.clone(),
            _ => Table::new(),
        };
        Some(Self { names: names.build().ok()?, paths: patterns_of(root, list("paths")), rules })
    }
}

fn texts(items: &[Entry]) -> impl Iterator<Item = String> {
    items.iter().filter_map(|item| item.to_json().as_str().map(str::to_owned))
}

fn patterns_of(root: &Path, patterns: &[Entry]) -> Gitignore {
    let mut builder = GitignoreBuilder::new(root);
    for pattern in texts(patterns) {
        // What cannot be read was told when the file was checked.
        let _ = builder.add_line(None, &pattern);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// Why a pattern of the kind that `.gitignore` takes cannot be read.
pub(super) fn pattern_fault(pattern: &str) -> Option<String> {
    GitignoreBuilder::new("").add_line(None, pattern).err().map(|error| reason(&error.to_string()))
}

/// Why a pattern for names cannot be read.
pub(super) fn glob_fault(pattern: &str) -> Option<String> {
    Glob::new(pattern).err().map(|error| error.kind().to_string())
}

/// The reason without the pattern before it.
fn reason(message: &str) -> String {
    message.rsplit_once("': ").map_or(message, |(_, reason)| reason).to_owned()
}

fn is_matched(patterns: &Gitignore, path: &Path) -> bool {
    // A path outside of the root of patterns cannot match them.
    !patterns.is_empty()
        && path.starts_with(patterns.path())
        && patterns.matched_path_or_any_parents(path, path.is_dir()).is_ignore()
}

fn read(path: &Path) -> io::Result<String> {
    let bytes = read_regular(path, LARGEST, "settings")?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "this is no UTF-8"))
}

/// Whether a file is not there, as far as anybody can tell: a folder may be closed to us, or a link that leads
/// round in a circle.
fn is_absence(path: &Path, error: &io::Error) -> bool {
    // If not even a link is seen there, it is the folder that does not open.
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) || path.symlink_metadata().is_err()
}

/// What is in force for each model of a workspace.
#[derive(Clone, Debug, Default)]
pub struct InForce {
    /// Where it is not what is in force elsewhere: in most workspaces nowhere.
    by_folder: HashMap<PathBuf, Arc<Settings>>,
    elsewhere: Arc<Settings>,
}

impl Governs for InForce {
    fn of(&self, folder: &Path) -> &Settings {
        if self.by_folder.is_empty() {
            return &self.elsewhere;
        }
        self.by_folder.get(folder).unwrap_or(&self.elsewhere)
    }
}
