//! What the linter and its helper `tritonlint-probe` say to each other.
//!
//! The linter writes one [`Request`] as a line of JSON to the helper's standard input and keeps that open;
//! the helper ends when it closes. It answers on standard output with one [`Reply`] a line, each behind the
//! request's token: a model can print to the same place, and must not be mistaken for the helper.
//!
//! The helper takes this file in as it is; it uses nothing else of the library.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Raised when either side would misunderstand the other.
pub const VERSION: u32 = 2;

/// How many values of an output travel, at most.
pub const MOST_SAMPLED: usize = 1024;

/// What to run: one process, one set of switches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// [`VERSION`].
    pub protocol: u32,
    /// What every reply begins with.
    pub token: String,
    /// The model file.
    pub model: PathBuf,
    /// Where it runs.
    pub device: Device,
    /// What the server would set before each call.
    pub switches: Switches,
    /// Threads within an operator.
    pub threads: u32,
    /// How much memory of the host the process may have, in bytes.
    pub memory: u64,
    /// How often the model is loaded.
    pub loading: Loading,
    /// Where inputs lie.
    pub buffers: Buffers,
    /// How inputs reach `forward`.
    pub binding: Binding,
    /// The different inputs.
    pub samples: Vec<Sample>,
    /// The calls: which sample each of them gets.
    pub calls: Vec<usize>,
}

/// Where a model runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// On the CPU.
    #[default]
    Cpu,
    /// On the GPU of this number.
    Cuda(u32),
}

/// The settings of libtorch that the PyTorch back-end's parameters stand for
/// (`pytorch_backend` `src/pt/model_instance_state.cc`, `Execute`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Switches {
    /// `torch::jit::setGraphExecutorOptimize`; off with `DISABLE_OPTIMIZED_EXECUTION`.
    pub optimized: bool,
    /// `torch::jit::setTensorExprFuserEnabled`, if set: `ENABLE_TENSOR_FUSER`.
    pub tensor_fuser: Option<bool>,
    /// `torch::jit::getProfilingMode`, if set: `ENABLE_JIT_PROFILING`.
    pub profiling: Option<bool>,
    /// `torch::jit::getExecutorMode`, if set: `ENABLE_JIT_EXECUTOR`. The helper is told by [`EXECUTOR`], too.
    pub executor: Option<bool>,
    /// `torch::InferenceMode`; off with `INFERENCE_MODE`. The helper is told by [`INFERENCE_MODE`], too.
    pub inference_mode: bool,
    /// `at::Context::setUserEnabledCuDNN`; off with `DISABLE_CUDNN`.
    pub cudnn: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self { optimized: true, tensor_fuser: None, profiling: None, executor: None, inference_mode: true, cudnn: true }
    }
}

/// The variable in the helper's environment that switches the executor `on` or `off`; without it, it stays as
/// it is.
pub const EXECUTOR: &str = "TRITONLINT_PROBE_EXECUTOR";

/// The variable in the helper's environment that is `on` for inference mode.
pub const INFERENCE_MODE: &str = "TRITONLINT_PROBE_INFERENCE_MODE";

/// The variable in the helper's environment that is `on` where the CUDA half of libtorch is wanted.
pub const CUDA: &str = "TRITONLINT_PROBE_CUDA";

/// How often the model is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loading {
    /// Once, as by the server.
    Once,
    /// Before each call, so that no call knows of another.
    EachCall,
}

/// Where inputs lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Buffers {
    /// In memory that the next call overwrites, as the server's inputs do.
    Reused,
    /// In memory of their own.
    Fresh,
}

/// How inputs reach `forward`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// One argument each.
    Positional,
    /// As the entries of one dictionary.
    Dictionary,
}

/// The inputs of one call, in the order of the arguments.
pub type Sample = Vec<Input>;

/// One input.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Input {
    /// Its name in the config.
    pub name: String,
    /// The type of its elements.
    pub element: Element,
    /// Its shape, with the batch dimension.
    pub shape: Vec<i64>,
    /// What its values are derived from.
    pub seed: u64,
}

/// The type of an input's elements: those that the PyTorch back-end takes
/// (`pytorch_backend` `src/libtorch_utils.cc`, `ConvertDataTypeToTorchType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Element {
    /// `TYPE_BOOL`.
    Bool,
    /// `TYPE_UINT8`.
    Uint8,
    /// `TYPE_INT8`.
    Int8,
    /// `TYPE_INT16`.
    Int16,
    /// `TYPE_INT32`.
    Int32,
    /// `TYPE_INT64`.
    Int64,
    /// `TYPE_FP16`.
    Fp16,
    /// `TYPE_BF16`.
    Bf16,
    /// `TYPE_FP32`.
    Fp32,
    /// `TYPE_FP64`.
    Fp64,
    /// `TYPE_STRING`; a list of strings.
    String,
}

/// What the helper answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// It understood and will begin.
    Ready(Ready),
    /// The model is loaded, for the first time.
    Loaded,
    /// The device that was asked for is not there.
    NoDevice {
        /// What is missing.
        reason: String,
    },
    /// The model could not be loaded.
    LoadFailed {
        /// What libtorch says.
        error: String,
    },
    /// A call came back.
    Called {
        /// Microseconds inside `forward`.
        micros: u64,
        /// What it gave.
        outputs: Vec<Output>,
    },
    /// A call failed.
    Failed {
        /// Microseconds inside `forward`.
        micros: u64,
        /// What libtorch says.
        error: String,
    },
    /// A call came back with something that the back-end does not take for an output.
    Unsupported {
        /// What the back-end would say.
        error: String,
    },
    /// All calls are done.
    Done,
}

/// What the helper is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// [`VERSION`].
    pub protocol: u32,
    /// The release of libtorch.
    pub libtorch: String,
    /// Whether it can switch the executor and inference mode.
    pub has_every_switch: bool,
    /// What the system keeps the model from.
    pub confinement: Confinement,
}

/// What the system keeps the model from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confinement {
    /// It cannot write files, nor open TCP connections.
    FilesAndNetwork,
    /// It cannot write files.
    Files,
    /// Files that it writes stay empty; this system offers no more.
    FileSize,
    /// Nothing.
    None,
}

/// One output, or what is sent of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The type of its elements, as the back-end names it (`FP32`).
    pub element: String,
    /// Its shape.
    pub shape: Vec<i64>,
    /// Values taken at equal distances; none stands for one that is not finite.
    pub values: Vec<Option<f64>>,
    /// The mean of the magnitudes of all values, also those that do not travel; none if it is not finite.
    pub magnitude: Option<f64>,
    /// For strings, which do not travel: a hash of them.
    pub digest: Option<u64>,
}
