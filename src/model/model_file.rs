//! The files that back-ends load, and what they say of themselves.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::resolve::{Backend, PyTorchRuntime};
use super::version::Version;
use super::workspace::{EntryKind, ModelDirectory};
use crate::artifact::{self, Artifact, Format, Unreadable};
use crate::schema::vocabulary::ModelConfig;

/// An open file.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// Where the files of models lie.
pub trait Storage: Send + Sync {
    /// Opens a file by its path as people are told it.
    ///
    /// # Errors
    ///
    /// If there is no such file, or it is no regular one, or may not be read.
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>>;
}

/// What a model file says of itself, or why it says nothing.
pub type Reading = Arc<Result<Artifact, Unreadable>>;

/// So many readings are kept, so that memory does not grow with the repository.
const MOST_READINGS: usize = 4096;

/// The model files of a workspace. Each is read when a rule first asks for it; not again when the next rule
/// asks, nor, if there are not too many, after a fix.
pub struct ModelFiles {
    storage: Box<dyn Storage>,
    readings: Mutex<HashMap<(PathBuf, Format), Reading>>,
}

impl ModelFiles {
    /// The files of a storage.
    #[must_use]
    pub fn new(storage: Box<dyn Storage>) -> Self {
        Self { storage, readings: Mutex::default() }
    }

    /// Reads a file as one of that format.
    pub(super) fn read(&self, path: &Path, format: Format) -> Reading {
        let key = (path.to_owned(), format);
        // A reader that panicked has put nothing in.
        let readings = || self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reading) = readings().get(&key) {
            return reading.clone();
        }
        let reading = match self.storage.open(path) {
            Ok(mut file) => artifact::read(format, &mut file),
            // A fix that is not written yet has put it there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Unreadable::Empty),
            Err(error) => Err(Unreadable::Io(error.to_string())),
        };
        let mut readings = readings();
        if readings.len() >= MOST_READINGS {
            readings.clear();
        }
        readings.entry(key).or_insert_with(|| Arc::new(reading)).clone()
    }
}

impl Default for ModelFiles {
    fn default() -> Self {
        Self::new(Box::new(Memory::default()))
    }
}

impl fmt::Debug for ModelFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelFiles")
    }
}

/// The file or folder of one version that the back-end loads.
#[derive(Debug)]
pub struct ModelFile {
    /// The version.
    pub version: i64,
    /// Where it is in the model's folder, with `/` between the parts.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    reading: Option<Reading>,
}

impl ModelFile {
    /// What it says of itself; none if nothing here reads files of its kind, or it only stands for the
    /// real one.
    #[must_use]
    pub fn artifact(&self) -> Option<&Artifact> {
        self.reading.as_deref()?.as_ref().ok()
    }

    /// Why it says nothing, although it should.
    #[must_use]
    pub fn fault(&self) -> Option<&Unreadable> {
        self.reading.as_deref()?.as_ref().err().filter(|fault| !fault.is_placeholder())
    }
}

/// What the back-end would load of each of those versions.
pub(super) fn model_files<'v>(
    config: &ModelConfig,
    backend: &Backend,
    directory: &ModelDirectory,
    versions: impl Iterator<Item = &'v Version>,
) -> Vec<ModelFile> {
    let Some(name) = file_name(config, backend) else { return Vec::new() };
    let format = format_of(backend, name);
    let find = |version: &Version| {
        let path = directory.listing.path_below(&version.folder, name)?;
        let kind = directory.listing.get(&path)?;
        let is_file = matches!(kind, EntryKind::File(_));
        let format = format.filter(|_| is_file);
        let reading = format.map(|format| directory.files.read(&directory.path.join(&path), format));
        Some(ModelFile { version: version.number, path, kind, reading })
    };
    versions.filter_map(find).collect()
}

/// The name under which the back-end looks for the model in a version's folder.
pub(super) fn file_name<'c>(config: &'c ModelConfig, backend: &Backend) -> Option<&'c str> {
    // The back-end is written in Python, and that is the file that the config may name.
    if matches!(backend, Backend::Other(name) if name == "vllm") {
        return Some("model.json");
    }
    let written = config.default_model_filename.text()?;
    if !written.is_empty() {
        return Some(written);
    }
    match backend {
        Backend::TensorFlow if config.platform.text()? == "tensorflow_graphdef" => Some("model.graphdef"),
        Backend::TensorFlow => Some("model.savedmodel"),
        Backend::Other(name) if name == "fil" => tree_model_name(config),
        other => other.default_filename(),
    }
}

/// The name that the FIL back-end gives a model of the type that the parameters say (`fil_backend`
/// `src/model_state.h`); none if they say no type that it knows.
fn tree_model_name(config: &ModelConfig) -> Option<&'static str> {
    let model_type = match config.parameters.get("model_type") {
        Some(entry) => entry.value.written()?.value.string_value.text()?,
        None => config.parameters.is_intact().then_some("xgboost")?,
    };
    match model_type {
        "xgboost" => Some("xgboost.model"),
        "xgboost_json" => Some("xgboost.json"),
        "xgboost_ubj" => Some("xgboost.ubj"),
        "lightgbm" => Some("model.txt"),
        "treelite_checkpoint" => Some("checkpoint.tl"),
        _ => None,
    }
}

/// What the back-end takes a file of that name for; none if nothing here reads it.
fn format_of(backend: &Backend, name: &str) -> Option<Format> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match (backend, ending) {
        // ONNX Runtime has a format of its own besides.
        (Backend::OnnxRuntime, Some("ort")) => None,
        (Backend::OnnxRuntime, _) | (Backend::OpenVino, Some("onnx")) => Some(Format::Onnx),
        (Backend::OpenVino, Some("xml")) => Some(Format::OpenVino),
        (Backend::PyTorch(PyTorchRuntime::TorchScript | PyTorchRuntime::Aoti), _) => Some(Format::TorchScript),
        (Backend::TensorRt, _) => Some(Format::TensorRt),
        (Backend::Python | Backend::PyTorch(PyTorchRuntime::Python), Some("py")) => Some(Format::Python),
        (Backend::Other(backend), _) if backend == "fil" => Some(Format::TreeModel),
        (Backend::Other(backend), _) if backend == "vllm" => Some(Format::Vllm),
        // In Python it is a pipeline that is built when the model is loaded.
        (Backend::Other(backend), Some("dali")) if backend == "dali" => Some(Format::Dali),
        _ => None,
    }
}

/// Files in memory.
#[derive(Default)]
pub(super) struct Memory(pub(super) HashMap<PathBuf, Arc<[u8]>>);

impl Storage for Memory {
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        let bytes = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(bytes.clone())))
    }
}
