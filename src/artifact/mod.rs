//! What model files say of themselves, read as data: nothing in them is ever executed.
//!
//! A reader takes anything that reads and seeks, so that it fetches only the parts it wants of a file of
//! gigabytes. It spends bounded time and memory whatever the file declares.

pub mod dali;
pub mod json;
pub mod onnx;
pub mod openvino;
pub mod python;
mod signature;
pub mod strings;
pub mod tensorrt;
pub mod torchscript;
pub mod tree_model;
mod wire;

use std::io::{Read, Seek};

use self::dali::Pipeline;
use self::json::{TensorRtLlmEngine, VllmEngine};
use self::onnx::Onnx;
use self::openvino::OpenVino;
use self::python::Python;
use self::strings::Strings;
use self::tensorrt::Engine;
use self::torchscript::PtFile;

/// What a model file should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A TorchScript archive, or what is in the place of one.
    TorchScript,
    /// ONNX.
    Onnx,
    /// The code of a Python model.
    Python,
    /// OpenVINO's intermediate representation.
    OpenVino,
    /// A TensorRT engine.
    TensorRt,
    /// A model of decision trees.
    TreeModel,
    /// The engine arguments of a vLLM model.
    Vllm,
    /// The `config.json` of an engine of TensorRT-LLM.
    TensorRtLlm,
    /// A serialized pipeline of DALI.
    Dali,
    /// The contents of a tensor of strings.
    Strings,
}

/// What a model file says of itself.
#[derive(Clone, Debug)]
pub enum Artifact {
    /// A file of PyTorch.
    TorchScript(PtFile),
    /// An ONNX model.
    Onnx(Box<Onnx>),
    /// The code of a Python model.
    Python(Box<Python>),
    /// A model in OpenVINO's intermediate representation.
    OpenVino(Box<OpenVino>),
    /// A TensorRT engine.
    TensorRt(Engine),
    /// A model of decision trees; none if its format has no mark of its own.
    TreeModel(Option<tree_model::Format>),
    /// The engine arguments of a vLLM model.
    Vllm(Box<VllmEngine>),
    /// What an engine of TensorRT-LLM was built for.
    TensorRtLlm(Box<TensorRtLlmEngine>),
    /// A serialized pipeline of DALI.
    Dali(Box<Pipeline>),
    /// The contents of a tensor of strings.
    Strings(Strings),
}

/// Reads a file as what it should be.
///
/// # Errors
///
/// If it is something else, or is damaged, or only stands for the real file.
pub fn read(format: Format, file: impl Read + Seek) -> Result<Artifact, Unreadable> {
    match format {
        Format::TorchScript => torchscript::read(file).map(Artifact::TorchScript),
        Format::Onnx => onnx::read(file).map(Box::new).map(Artifact::Onnx),
        Format::Python => python::read(file).map(Box::new).map(Artifact::Python),
        Format::OpenVino => openvino::read(file).map(Box::new).map(Artifact::OpenVino),
        Format::TensorRt => tensorrt::read(file).map(Artifact::TensorRt),
        Format::TreeModel => tree_model::read(file).map(Artifact::TreeModel),
        Format::Vllm => json::read_vllm(file).map(Box::new).map(Artifact::Vllm),
        Format::TensorRtLlm => json::read_tensorrt_llm(file).map(Box::new).map(Artifact::TensorRtLlm),
        Format::Dali => dali::read(file).map(Box::new).map(Artifact::Dali),
        Format::Strings => strings::read(file).map(Artifact::Strings),
    }
}

/// Why a model file does not say anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It has no bytes: a placeholder for the real file.
    #[error("the file is empty")]
    Empty,
    /// It is what Git LFS puts where a large file will be.
    #[error("the file is a Git LFS pointer; the model itself was not fetched")]
    LfsPointer,
    /// It begins like what it should be, and ends before it should.
    #[error("the file is cut off: {0}")]
    Truncated(String),
    /// It begins like what it should be, and then breaks its format.
    #[error("the file is damaged: {0}")]
    Malformed(String),
    /// It is something else; what, in words.
    #[error("the file is {0}")]
    Other(String),
    /// It declares more than a reader will look at.
    #[error("the file is not read: {0}")]
    TooLarge(String),
    /// The system does not hand it out.
    #[error("{0}")]
    Io(String),
}

impl Unreadable {
    /// Whether something merely stands here for the real file. There is nothing to say about the model then.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        matches!(self, Self::Empty | Self::LfsPointer)
    }
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

/// How a Git LFS pointer begins, which is a text of some three lines.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Whether a file that begins with these bytes, and has `size`, only stands for the real one.
#[must_use]
pub fn placeholder(head: &[u8], size: u64) -> Option<Unreadable> {
    /// The specification of the pointers allows no longer ones.
    const LONGEST_POINTER: u64 = 1024;
    match head {
        [] => Some(Unreadable::Empty),
        _ if size < LONGEST_POINTER && head.starts_with(LFS_POINTER) => Some(Unreadable::LfsPointer),
        _ => None,
    }
}

/// Refuses a file that begins with these bytes, and has `size`, if it only stands for a model or is of another kind
/// than those that a reader without a signature of its own reads.
fn refuse_other(head: &[u8], size: u64) -> Result<(), Unreadable> {
    let other = || signature::kind(head).map(|kind| Unreadable::Other(kind.to_owned()));
    placeholder(head, size).or_else(other).map_or(Ok(()), Err)
}
