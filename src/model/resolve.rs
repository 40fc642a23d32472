//! Which back-end runs a model: what the server fills in where a config leaves it out.
//!
//! The order of the questions is that of core's `model_config_utils.cc`, `AutoCompleteBackendFields`.
//! It asks them of the written config also where auto-complete is off.

use super::workspace::{EntryKind, Listing};
use crate::schema::backend::{BackendDescriptor, Detection, ENSEMBLE, Format, find, formats};
use crate::schema::parameter::{self, Table};
use crate::schema::vocabulary::ModelConfig;

/// The back-end that a model runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// No back-end: the steps of an ensemble.
    Ensemble,
    /// Engines.
    TensorRt,
    /// ONNX.
    OnnxRuntime,
    /// Intermediate representation.
    OpenVino,
    /// One of the three ways in which the PyTorch back-end runs a model.
    PyTorch(PyTorchRuntime),
    /// `model.py`.
    Python,
    /// Removed from the server's containers after 25.02.
    TensorFlow,
    /// Any other, by its name.
    Other(String),
}

impl Backend {
    /// The name by which the server looks for its library; none of an ensemble, which has none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(match self {
            Self::Ensemble => return None,
            Self::TensorRt => "tensorrt",
            Self::OnnxRuntime => "onnxruntime",
            Self::OpenVino => "openvino",
            Self::PyTorch(_) => "pytorch",
            Self::Python => "python",
            Self::TensorFlow => "tensorflow",
            Self::Other(name) => name,
        })
    }

    /// What is known of it.
    #[must_use]
    pub fn descriptor(&self) -> Option<&'static BackendDescriptor> {
        find(self.name()?)
    }

    /// The parameters that it reads for such a model, if they are known.
    #[must_use]
    pub fn parameters(&self) -> Option<&'static Table> {
        match self {
            Self::PyTorch(PyTorchRuntime::Aoti) => Some(&parameter::AOTI),
            Self::PyTorch(PyTorchRuntime::Python) => Some(&parameter::PYTHON_RUNTIME),
            _ => parameter::table(self.name()?),
        }
    }

    /// The model file that it loads from a version's folder unless the config names another; none if that
    /// depends on the config, or is not known.
    #[must_use]
    pub fn default_filename(&self) -> Option<&'static str> {
        Some(match self {
            Self::Other(name) if name == "dali" => "model.dali",
            Self::Other(name) if name == "vllm" => "model.json",
            Self::Ensemble | Self::TensorFlow | Self::Other(_) => return None,
            Self::TensorRt => "model.plan",
            Self::OnnxRuntime => "model.onnx",
            Self::OpenVino => "model.xml",
            Self::PyTorch(PyTorchRuntime::TorchScript) => "model.pt",
            Self::PyTorch(PyTorchRuntime::Aoti) => "model.pt2",
            Self::Python | Self::PyTorch(PyTorchRuntime::Python) => "model.py",
        })
    }

    /// What its auto-complete may do to a written config (core `backend_model.cc`, `UpdateModelConfig`,
    /// and each back-end's own code).
    #[must_use]
    pub fn completion(&self) -> Completion {
        match self {
            Self::Ensemble | Self::PyTorch(PyTorchRuntime::TorchScript | PyTorchRuntime::Aoti) => Completion::None,
            Self::TensorRt | Self::OnnxRuntime | Self::OpenVino | Self::TensorFlow => Completion::OfWhatIsLeftOut,
            Self::Python | Self::PyTorch(PyTorchRuntime::Python) => Completion::Larger,
            Self::Other(name) => match name.as_str() {
                "fil" | "identity" | "tensorrtllm" => Completion::None,
                "dali" => Completion::OfWhatIsLeftOut,
                _ => Completion::Unknown,
            },
        }
    }
}

/// What auto-complete of a back-end may do to a written config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Nothing.
    None,
    /// Add tensors, and write what is left out.
    OfWhatIsLeftOut,
    /// That, and raise `max_batch_size`.
    Larger,
    /// It is not known.
    Unknown,
}

/// How the PyTorch back-end runs a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PyTorchRuntime {
    /// A TorchScript archive, by libtorch's interpreter. Platform `pytorch_libtorch`.
    TorchScript,
    /// An `AOTInductor` package. Platform `torch_aoti`.
    Aoti,
    /// Python code in a process of its own. `runtime: "model.py"`.
    Python,
}

/// What the server takes for a model's back-end, and how it comes to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It is known.
    Known(Backend),
    /// The config names a platform that is none, and no back-end.
    UnknownPlatform(String),
    /// The config names neither, and a model file that is not the default one of any back-end.
    UnknownFilename(String),
    /// The config names nothing, the folder that the server looks at holds no file it knows, and the model's
    /// name says nothing that helps.
    /// Holds that folder; none if the model has no folder at all, as without its weights.
    NoModelFile(Option<String>),
    /// A value that decides it could not be read.
    Unreadable,
}

impl Resolution {
    /// The back-end, if it is known.
    #[must_use]
    pub fn backend(&self) -> Option<&Backend> {
        match self {
            Self::Known(backend) => Some(backend),
            _ => None,
        }
    }
}

/// Finds the back-end of a model.
pub(super) fn resolve(config: &ModelConfig, name: Option<&str>, listing: &Listing) -> Resolution {
    let written = (config.backend.text(), config.platform.text(), config.default_model_filename.text());
    let (Some(backend), Some(platform), Some(filename)) = written else { return Resolution::Unreadable };
    if !backend.is_empty() {
        return Resolution::Known(named(backend, platform, config));
    }
    let guessed = formats().filter(|(_, format)| format.detection != Detection::None).find(|(backend, format)| {
        format.is_selected_by(platform)
            || (!filename.is_empty()
                && format.filename == filename
                && (platform.is_empty() || backend.name != "tensorflow"))
            || (platform.is_empty() && filename.is_empty() && is_present(format, listing))
    });
    if let Some((backend, format)) = guessed {
        // Only a file that was found says which kind of PyTorch model it is; the name `model.pt2` does not.
        let found = platform.is_empty() && filename.is_empty();
        let platform = if found { format.platform.unwrap_or_default() } else { platform };
        return Resolution::Known(named(backend.name, platform, config));
    }
    if platform == ENSEMBLE {
        return Resolution::Known(Backend::Ensemble);
    }
    if !platform.is_empty() {
        return Resolution::UnknownPlatform(platform.to_owned());
    }
    if !filename.is_empty() {
        return Resolution::UnknownFilename(filename.to_owned());
    }
    // A folder name such as `model.identity` names the back-end behind its first dot. The server fills in no
    // platform then, and refuses a back-end that has one.
    match name.and_then(|name| name.split_once('.')) {
        Some((_, backend)) if !has_platform(backend) => Resolution::Known(named(backend, "", config)),
        _ => Resolution::NoModelFile(listing.folders().next().map(str::to_owned)),
    }
}

/// Whether the first folder of the model, by name, holds the default file of a format.
fn is_present(format: &Format, listing: &Listing) -> bool {
    let Some(folder) = listing.folders().next() else { return false };
    // Next to anything called `model.pt` the server does not look for the newer format.
    if format.filename == "model.pt2" && listing.get(&format!("{folder}/model.pt")).is_some() {
        return false;
    }
    match (listing.get(&format!("{folder}/{}", format.filename)), format.detection) {
        (None, _) | (_, Detection::None) => false,
        (Some(_), Detection::Any) => true,
        (Some(kind), Detection::File) => kind != EntryKind::Folder,
        (Some(kind), Detection::Folder) => kind == EntryKind::Folder,
    }
}

fn has_platform(backend: &str) -> bool {
    find(backend).is_some_and(|backend| backend.formats.iter().any(|format| format.platform.is_some()))
}

fn named(backend: &str, platform: &str, config: &ModelConfig) -> Backend {
    match backend {
        "tensorrt" => Backend::TensorRt,
        "onnxruntime" => Backend::OnnxRuntime,
        "openvino" => Backend::OpenVino,
        "python" => Backend::Python,
        "tensorflow" => Backend::TensorFlow,
        "pytorch" if platform == "torch_aoti" => Backend::PyTorch(PyTorchRuntime::Aoti),
        "pytorch" if config.runtime.text() == Some("model.py") => Backend::PyTorch(PyTorchRuntime::Python),
        "pytorch" => Backend::PyTorch(PyTorchRuntime::TorchScript),
        other => Backend::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Backend, PyTorchRuntime, Resolution, find, resolve};
    use crate::model::Listing;
    use crate::schema::backend::BACKENDS;
    use crate::schema::parameter::TABLES;
    use crate::schema::read_config;
    use crate::syntax::Tree;

    fn resolved(config: &str, name: &str, files: &[&str]) -> Resolution {
        let (config, errors) = read_config(&Tree::parse(config.into()));
        assert!(errors.is_empty(), "{errors:?}");
        let mut listing = Listing::default();
        for file in files {
            listing.insert(file, 1);
        }
        resolve(&config, Some(name), &listing)
    }

    #[test]
    fn what_is_written_decides() {
        let torchscript = Resolution::Known(Backend::PyTorch(PyTorchRuntime::TorchScript));
        assert_eq!(resolved("backend: 'pytorch'", "m", &["1/model.onnx"]), torchscript);
        assert_eq!(resolved("platform: 'pytorch_libtorch'", "m", &[]), torchscript);
        assert_eq!(resolved("default_model_filename: 'model.pt'", "m", &[]), torchscript);
        let aoti = Resolution::Known(Backend::PyTorch(PyTorchRuntime::Aoti));
        assert_eq!(resolved("platform: 'torch_aoti'", "m", &[]), aoti);
        let python = Resolution::Known(Backend::PyTorch(PyTorchRuntime::Python));
        assert_eq!(resolved("backend: 'pytorch' runtime: 'model.py'", "m", &[]), python);
        assert_eq!(resolved("platform: 'ensemble'", "m", &[]), Resolution::Known(Backend::Ensemble));
        let stray_filename = "platform: 'ensemble' default_model_filename: 'model.py'";
        assert_eq!(resolved(stray_filename, "m", &[]), Resolution::Known(Backend::Python));
        assert_eq!(resolved("default_model_filename: 'model.pt2'", "m", &[]), torchscript);
        assert_eq!(resolved("backend: 'acme'", "m", &[]), Resolution::Known(Backend::Other("acme".into())));
    }

    #[test]
    fn else_the_first_folder_decides() {
        assert_eq!(resolved("", "m", &["1/model.plan"]), Resolution::Known(Backend::TensorRt));
        // Both are there: the order of the questions decides.
        assert_eq!(resolved("", "m", &["1/model.py", "1/model.onnx"]), Resolution::Known(Backend::OnnxRuntime));
        let aoti = Resolution::Known(Backend::PyTorch(PyTorchRuntime::Aoti));
        assert_eq!(resolved("", "m", &["1/model.pt2"]), aoti);
        assert_eq!(resolved("", "m", &["1/model.pt2", "1/model.pt/x"]), Resolution::NoModelFile(Some("1".into())));
        // `10` sorts before `2`, and a hidden folder before both.
        let missing = Resolution::NoModelFile(Some(".cache".into()));
        assert_eq!(resolved("", "m", &["2/model.plan", "10/model.onnx"]), Resolution::Known(Backend::OnnxRuntime));
        assert_eq!(resolved("", "m", &["2/model.plan", ".cache/x"]), missing);
        // A folder is no plan.
        assert_eq!(resolved("", "m", &["1/model.plan/x"]), Resolution::NoModelFile(Some("1".into())));
    }

    #[test]
    fn every_back_end_has_its_name_and_its_parameters() {
        for descriptor in &BACKENDS {
            let Resolution::Known(backend) = resolved(&format!("backend: '{}'", descriptor.name), "m", &[]) else {
                panic!("{} is not known", descriptor.name)
            };
            assert_eq!(backend.name(), Some(descriptor.name));
            assert_eq!(backend.descriptor().map(|found| found.name), Some(descriptor.name));
            assert!(backend.parameters().is_none_or(|table| table.backend == descriptor.name));
        }
        for table in TABLES {
            assert!(table.backend == "core" || find(table.backend).is_some(), "no back-end `{}`", table.backend);
        }
    }

    #[test]
    fn else_nothing_does() {
        assert_eq!(
            resolved("platform: 'pytorch'", "m", &["1/model.pt"]),
            Resolution::UnknownPlatform("pytorch".into())
        );
        assert_eq!(
            resolved("default_model_filename: 'best.pt'", "m", &[]),
            Resolution::UnknownFilename("best.pt".into())
        );
        assert_eq!(resolved("", "m", &[]), Resolution::NoModelFile(None));
        assert_eq!(resolved("", "m.identity", &[]), Resolution::Known(Backend::Other("identity".into())));
        assert_eq!(resolved("", "m.onnxruntime", &[]), Resolution::NoModelFile(None));
    }
}
