//! The back-ends: their names, platforms and model files, and what else people call them.
//!
//! What runs a model follows from this in `model/resolve.rs`; rules read from it what is a name and what was
//! meant to be one.

use super::descriptor::Release;
use super::suggest::fold;

/// A back-end that comes with the server or is published beside it. Others may be installed.
#[derive(Debug)]
pub struct BackendDescriptor {
    /// Its name, as in `backend`.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What is written in place of its name: the framework's, a platform's, an abbreviation.
    pub aliases: &'static [&'static str],
    /// What it runs, in the order in which the server looks for it.
    pub formats: &'static [Format],
    /// Whether it takes optional inputs, as far as that is known.
    pub takes_optional_inputs: Option<bool>,
    /// The first release whose containers have it, if that is later than 21.05.
    pub since: Option<Release>,
    /// The first release whose containers no longer have it.
    pub removed: Option<Release>,
    /// What it is.
    pub doc: &'static str,
}

/// A kind of model that a back-end runs.
#[derive(Debug)]
pub struct Format {
    /// Its platform, if it has one.
    pub platform: Option<&'static str>,
    /// What else selects the back-end when written as the platform, to be refused later.
    pub outdated_platform: Option<&'static str>,
    /// What the format is called in place of the platform.
    pub aliases: &'static [&'static str],
    /// The file that the back-end loads unless `default_model_filename` names another.
    pub filename: &'static str,
    /// What the server goes by to find the back-end of a model that names none.
    pub detection: Detection,
    /// What such files end in.
    pub extensions: &'static [&'static str],
    /// Whether only the platform selects the format, and the back-end's name another one or none.
    pub needs_platform: bool,
}

/// How the server takes a default model file for a sign of the back-end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detection {
    /// Not at all.
    None,
    /// If there is anything of that name.
    Any,
    /// If it is a file.
    File,
    /// If it is a folder.
    Folder,
}

impl Format {
    const fn new(filename: &'static str, extensions: &'static [&'static str]) -> Self {
        Self {
            platform: None,
            outdated_platform: None,
            aliases: &[],
            filename,
            detection: Detection::None,
            extensions,
            needs_platform: false,
        }
    }

    /// Whether the server takes that text in `platform` for this format.
    #[must_use]
    pub fn is_selected_by(&self, platform: &str) -> bool {
        !platform.is_empty() && (self.platform == Some(platform) || self.outdated_platform == Some(platform))
    }
}

impl BackendDescriptor {
    const fn new(name: &'static str, title: &'static str, doc: &'static str) -> Self {
        Self { name, title, aliases: &[], formats: &[], takes_optional_inputs: None, since: None, removed: None, doc }
    }

    /// Its platforms. The server compares `platform` with them if there are any, and takes any text otherwise
    /// (core `model_config_utils.cc`, `ValidateModelConfig`).
    pub fn platforms(&self) -> impl Iterator<Item = &'static str> {
        self.formats.iter().filter_map(|format| format.platform)
    }

    /// Whether that is a name for it.
    fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// The name that selects an ensemble in place of a platform.
pub const ENSEMBLE: &str = "ensemble";

/// Every back-end, in the order in which the server tries their formats; those that it does not guess follow.
pub static BACKENDS: [BackendDescriptor; 18] = [
    BackendDescriptor {
        aliases: &["tensorflow_savedmodel", "tensorflow_graphdef", "tf"],
        // Of the two formats a graph wins, because it is looked for last.
        formats: &[
            Format {
                platform: Some("tensorflow_graphdef"),
                aliases: &["graphdef"],
                detection: Detection::File,
                needs_platform: true,
                ..Format::new("model.graphdef", &["graphdef"])
            },
            Format {
                platform: Some("tensorflow_savedmodel"),
                aliases: &["savedmodel"],
                detection: Detection::Folder,
                needs_platform: true,
                ..Format::new("model.savedmodel", &["savedmodel"])
            },
        ],
        takes_optional_inputs: Some(false),
        removed: Some(Release::constant("25.03")),
        ..BackendDescriptor::new("tensorflow", "TensorFlow", "TensorFlow graphs and SavedModels.")
    },
    BackendDescriptor {
        aliases: &["trt", "tensorrt_plan"],
        formats: &[Format {
            platform: Some("tensorrt_plan"),
            aliases: &["plan"],
            detection: Detection::File,
            ..Format::new("model.plan", &["plan", "engine", "trt"])
        }],
        takes_optional_inputs: Some(false),
        ..BackendDescriptor::new("tensorrt", "TensorRT", "TensorRT engines, on GPUs only.")
    },
    BackendDescriptor {
        aliases: &["onnx", "onnxruntime_onnx", "ort"],
        formats: &[Format {
            platform: Some("onnxruntime_onnx"),
            detection: Detection::Any,
            ..Format::new("model.onnx", &["onnx"])
        }],
        takes_optional_inputs: Some(true),
        ..BackendDescriptor::new("onnxruntime", "ONNX Runtime", "ONNX models.")
    },
    BackendDescriptor {
        formats: &[Format { detection: Detection::Any, ..Format::new("model.xml", &["xml"]) }],
        takes_optional_inputs: Some(false),
        ..BackendDescriptor::new("openvino", "OpenVINO", "Models that OpenVINO reads, with instances on the CPU only.")
    },
    BackendDescriptor {
        aliases: &["torch", "libtorch", "pytorch_libtorch", "torchscript"],
        formats: &[
            Format {
                platform: Some("pytorch_libtorch"),
                outdated_platform: Some("libtorch"),
                detection: Detection::File,
                ..Format::new("model.pt", &["pt", "pth"])
            },
            Format {
                platform: Some("torch_aoti"),
                detection: Detection::File,
                needs_platform: true,
                ..Format::new("model.pt2", &["pt2"])
            },
        ],
        takes_optional_inputs: Some(false),
        ..BackendDescriptor::new(
            "pytorch",
            "PyTorch",
            "TorchScript archives; with the platform torch_aoti (26.03) AOTInductor packages, and with \
             `runtime: \"model.py\"` (24.01) Python code.",
        )
    },
    BackendDescriptor {
        aliases: &["py"],
        formats: &[Format { detection: Detection::Any, ..Format::new("model.py", &["py"]) }],
        takes_optional_inputs: Some(true),
        ..BackendDescriptor::new("python", "Python", "A class in Python, in a process of its own for each instance.")
    },
    BackendDescriptor {
        formats: &[Format::new("model.dali", &["dali"])],
        takes_optional_inputs: Some(false),
        ..BackendDescriptor::new("dali", "DALI", "DALI pipelines; without `model.dali` also `dali.py` (22.07).")
    },
    BackendDescriptor {
        aliases: &["xgboost", "lightgbm"],
        formats: &[Format::new("xgboost.model", &[])],
        takes_optional_inputs: Some(false),
        ..BackendDescriptor::new(
            "fil",
            "FIL",
            "Forests of decision trees, by XGBoost, LightGBM or Treelite. The parameter `model_type` says which, and \
             with it which file is loaded by default.",
        )
    },
    BackendDescriptor {
        aliases: &["tensorrt_llm", "trtllm"],
        since: Some(Release::constant("23.10")),
        ..BackendDescriptor::new("tensorrtllm", "TensorRT-LLM", "TensorRT-LLM engines, which parameters name.")
    },
    BackendDescriptor {
        formats: &[Format::new("model.json", &[])],
        takes_optional_inputs: Some(true),
        since: Some(Release::constant("23.10")),
        ..BackendDescriptor::new("vllm", "vLLM", "Language models by vLLM; `model.json` has the engine's arguments.")
    },
    BackendDescriptor {
        takes_optional_inputs: Some(true),
        ..BackendDescriptor::new("identity", "identity", "Answers with its inputs: INPUT0 becomes OUTPUT0, and so on.")
    },
    BackendDescriptor::new(
        "repeat",
        "repeat",
        "Shows how to answer several times: IN, DELAY and WAIT make OUT and IDX.",
    ),
    BackendDescriptor::new("square", "square", "Shows how to answer several times: IN makes OUT, as often as IN says."),
    BackendDescriptor::new("stateful", "stateful", "Keeps the states of sequences beside an ONNX model."),
    BackendDescriptor::new("armnn_tflite", "ArmNN", "TensorFlow Lite models on Arm."),
    BackendDescriptor::new("fastertransformer", "FasterTransformer", "Predecessor of TensorRT-LLM."),
    BackendDescriptor::new("hps", "HPS", "HugeCTR's hierarchical parameter server."),
    BackendDescriptor::new("hugectr", "HugeCTR", "HugeCTR's recommender models."),
];

/// The back-end of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static BackendDescriptor> {
    BACKENDS.iter().find(|backend| backend.name == name)
}

/// The names of all back-ends.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    BACKENDS.iter().map(|backend| backend.name)
}

/// The back-end that people call so.
#[must_use]
pub fn called(name: &str) -> Option<&'static BackendDescriptor> {
    BACKENDS.iter().find(|backend| backend.is_called(name))
}

/// Every format with its back-end, in the order in which the server tries them.
pub fn formats() -> impl Iterator<Item = (&'static BackendDescriptor, &'static Format)> {
    BACKENDS.iter().flat_map(|backend| backend.formats.iter().map(move |format| (backend, format)))
}

/// What `platform` may be (core `constants.h`). Anything else is refused unless `backend` names a back-end
/// that has no platforms.
pub fn platforms() -> impl Iterator<Item = &'static str> + Clone {
    let formats = BACKENDS.iter().flat_map(|backend| backend.formats.iter());
    std::iter::once(ENSEMBLE).chain(formats.filter_map(|format| format.platform))
}

/// Whether that is a platform.
#[must_use]
pub fn is_platform(name: &str) -> bool {
    platforms().any(|platform| platform == name)
}

/// The platform that the name of a framework or a format stands for in its place; none if the back-end has
/// several and none of them goes without saying.
#[must_use]
pub fn platform_called(name: &str) -> Option<&'static str> {
    let is_same = |other: &str| fold(other) == fold(name);
    let format = formats().find(|(_, format)| format.aliases.iter().any(|alias| is_same(alias)));
    if let Some((_, format)) = format {
        return format.platform;
    }
    let is_meant =
        |backend: &&BackendDescriptor| is_same(backend.name) || backend.aliases.iter().any(|alias| is_same(alias));
    BACKENDS.iter().find(is_meant)?.formats.iter().find(|format| !format.needs_platform)?.platform
}

/// The format whose files end like that one, with its back-end.
#[must_use]
pub fn format_of(file: &str) -> Option<(&'static BackendDescriptor, &'static Format)> {
    let (_, extension) = file.rsplit_once('.')?;
    formats().find(|(_, format)| format.extensions.contains(&extension))
}

#[cfg(test)]
mod tests {
    use super::{BACKENDS, called, format_of, platform_called, platforms};

    #[test]
    fn a_name_stands_for_one_thing() {
        let mut names: Vec<_> = BACKENDS
            .iter()
            .flat_map(|backend| [backend.name].into_iter().chain(backend.aliases.iter().copied()))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "a name stands for two back-ends");
        assert_eq!(platforms().count(), 7);
    }

    #[test]
    fn people_have_names_of_their_own() {
        assert_eq!(called("TRT").map(|backend| backend.name), Some("tensorrt"));
        assert_eq!(platform_called("pytorch"), Some("pytorch_libtorch"));
        assert_eq!(platform_called("saved-model"), Some("tensorflow_savedmodel"));
        assert_eq!(platform_called("tensorflow"), None);
        assert_eq!(platform_called("python"), None);
        assert_eq!(format_of("best.engine").map(|(backend, _)| backend.name), Some("tensorrt"));
    }
}
