//! Which back-end runs a model: what the server fills in where a config leaves it out.
//!
//! The order of the questions is that of core's `model_config_utils.cc`, `AutoCompleteBackendFields`.
//! It asks them of the written config also where auto-complete is off.

use super::workspace::{EntryKind, Listing};
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

/// A back-end with the platform and the default model file that stand for it.
struct Standard {
    backend: &'static str,
    platforms: &'static [&'static str],
    filename: &'static str,
    /// Whether the file may, or must, be a folder; none if the server does not look.
    is_folder: Option<bool>,
}

/// In the order in which the server tries them.
const STANDARDS: [Standard; 8] = [
    // Of the two TensorFlow formats a graph wins, because it is looked for last.
    Standard {
        backend: "tensorflow",
        platforms: &["tensorflow_graphdef"],
        filename: "model.graphdef",
        is_folder: Some(false),
    },
    Standard {
        backend: "tensorflow",
        platforms: &["tensorflow_savedmodel"],
        filename: "model.savedmodel",
        is_folder: Some(true),
    },
    Standard { backend: "tensorrt", platforms: &["tensorrt_plan"], filename: "model.plan", is_folder: Some(false) },
    Standard { backend: "onnxruntime", platforms: &["onnxruntime_onnx"], filename: "model.onnx", is_folder: None },
    Standard { backend: "openvino", platforms: &[], filename: "model.xml", is_folder: None },
    Standard {
        backend: "pytorch",
        platforms: &["pytorch_libtorch", "libtorch"],
        filename: "model.pt",
        is_folder: Some(false),
    },
    Standard { backend: "pytorch", platforms: &["torch_aoti"], filename: "model.pt2", is_folder: Some(false) },
    Standard { backend: "python", platforms: &[], filename: "model.py", is_folder: None },
];

/// The name that selects an ensemble instead of a back-end.
pub(crate) const ENSEMBLE_PLATFORM: &str = "ensemble";

/// Finds the back-end of a model.
pub(super) fn resolve(config: &ModelConfig, name: Option<&str>, listing: &Listing) -> Resolution {
    let written = (config.backend.text(), config.platform.text(), config.default_model_filename.text());
    let (Some(backend), Some(platform), Some(filename)) = written else { return Resolution::Unreadable };
    if !backend.is_empty() {
        return Resolution::Known(named(backend, platform, config));
    }
    let standard = STANDARDS.iter().find(|standard| {
        standard.platforms.contains(&platform)
            || (!filename.is_empty()
                && standard.filename == filename
                && (platform.is_empty() || standard.backend != "tensorflow"))
            || (platform.is_empty() && filename.is_empty() && is_present(standard, listing))
    });
    if let Some(standard) = standard {
        // Only a file that was found says which kind of PyTorch model it is; the name `model.pt2` does not.
        let found = platform.is_empty() && filename.is_empty();
        let platform = if found { standard.platforms.first().unwrap_or(&"") } else { platform };
        return Resolution::Known(named(standard.backend, platform, config));
    }
    if platform == ENSEMBLE_PLATFORM {
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

/// Whether the first folder of the model, by name, holds the default file of a back-end.
fn is_present(standard: &Standard, listing: &Listing) -> bool {
    let Some(folder) = listing.folders().next() else { return false };
    // Next to anything called `model.pt` the server does not look for the newer format.
    if standard.filename == "model.pt2" && listing.get(&format!("{folder}/model.pt")).is_some() {
        return false;
    }
    match listing.get(&format!("{folder}/{}", standard.filename)) {
        None => false,
        Some(kind) => standard.is_folder.is_none_or(|is_folder| is_folder == (kind == EntryKind::Folder)),
    }
}

fn has_platform(backend: &str) -> bool {
    STANDARDS.iter().any(|standard| standard.backend == backend && !standard.platforms.is_empty())
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
    use super::{Backend, PyTorchRuntime, Resolution, resolve};
    use crate::model::Listing;
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
