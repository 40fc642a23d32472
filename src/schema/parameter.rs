//! The back-end parameters: keys of `parameters` that a back-end reads. No back-end reports others.

use super::descriptor::Release;

/// A key that a back-end reads, or once read.
#[derive(Debug)]
pub struct Parameter {
    /// The key, exactly as the back-end looks it up.
    pub key: &'static str,
    /// What its value may be.
    pub ty: ParameterType,
    /// The first release that reads it.
    pub since: Release,
    /// The first release that no longer reads it.
    pub removed: Option<Release>,
    /// What it does.
    pub doc: &'static str,
}

/// What the value of a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    /// `true`, `on`, `1`, `false`, `off` or `0`, in any case
    /// (`ParseBoolValue` of the back-end repository's `backend_common.cc`).
    Boolean,
    /// An integer.
    Integer,
    /// Any text.
    Text,
}

impl ParameterType {
    /// The value of a text that should be a boolean.
    #[must_use]
    pub fn parse_boolean(text: &str) -> Option<bool> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "1" => Some(true),
            "false" | "off" | "0" => Some(false),
            _ => None,
        }
    }
}

const fn parameter(key: &'static str, ty: ParameterType, since: &'static str, doc: &'static str) -> Parameter {
    Parameter { key, ty, since: Release::constant(since), removed: None, doc }
}

/// What the core reads for every back-end (core `backend_model.cc`).
pub static CORE: [Parameter; 1] = [parameter(
    "TRITON_BATCH_STRATEGY_PATH",
    ParameterType::Text,
    "23.01",
    "A library inside the model's folder that decides which requests form a batch.",
)];

/// What the PyTorch back-end reads for TorchScript models
/// (`pytorch_backend` `src/libtorch.cc`, later `src/pt/model_state.cc`: `ParseParameters`).
pub static TORCHSCRIPT: [Parameter; 11] = [
    parameter(
        "DISABLE_OPTIMIZED_EXECUTION",
        ParameterType::Boolean,
        "21.06",
        "Runs the graph as it is instead of specialising it to the shapes of the first calls.",
    ),
    parameter("INFERENCE_MODE", ParameterType::Boolean, "21.08", "Runs under the inference-mode guard; on by default."),
    parameter("DISABLE_CUDNN", ParameterType::Boolean, "24.06", "Switches cuDNN off, for the whole process."),
    parameter(
        "ENABLE_CACHE_CLEANING",
        ParameterType::Boolean,
        "22.07",
        "Empties the CUDA caching allocator after every execution.",
    ),
    parameter(
        "ENABLE_WEIGHT_SHARING",
        ParameterType::Boolean,
        "22.04",
        "Lets the instances on one device share one module.",
    ),
    parameter(
        "ENABLE_TENSOR_FUSER",
        ParameterType::Boolean,
        "21.11",
        "Sets the tensor-expression fuser, for the whole process.",
    ),
    parameter("ENABLE_JIT_PROFILING", ParameterType::Boolean, "21.11", "Sets profiling mode, for the whole process."),
    parameter(
        "ENABLE_JIT_EXECUTOR",
        ParameterType::Boolean,
        "21.11",
        "Sets the profiling graph executor, for the whole process.",
    ),
    parameter(
        "INTRA_OP_THREAD_COUNT",
        ParameterType::Integer,
        "24.05",
        "Threads within an operator, for the whole process: the first model loaded wins.",
    ),
    parameter(
        "INTER_OP_THREAD_COUNT",
        ParameterType::Integer,
        "24.05",
        "Threads across operators, for the whole process: the first model loaded wins.",
    ),
    Parameter {
        removed: Some(Release::constant("23.12")),
        ..parameter("ENABLE_NVFUSER", ParameterType::Boolean, "21.10", "Switched the NVFuser of old libtorch releases.")
    },
];

/// What the PyTorch back-end reads for models that `runtime: "model.py"` runs (its `src/model.py`).
pub static PYTORCH_PYTHON: [Parameter; 4] = [
    parameter("NUM_THREADS", ParameterType::Integer, "24.01", "Threads within an operator; 1 if left out."),
    parameter("NUM_INTEROP_THREADS", ParameterType::Integer, "24.01", "Threads across operators; 1 if left out."),
    parameter(
        "TORCH_COMPILE_OPTIONAL_PARAMETERS",
        ParameterType::Text,
        "24.01",
        "A JSON object of keyword arguments for `torch.compile`.",
    ),
    parameter("EXECUTION_ENV_PATH", ParameterType::Text, "24.01", "The Python environment to run in."),
];
