//! What the reader says of a model: plain data for rules.

use std::fmt;

use super::state::{Tensor, Tensors};
use super::types::Type;

/// A TorchScript model, as `torch.jit.save` writes it.
///
/// Nothing here is guessed from names: where the code or the data does not tell, a field says so. What the walk through
/// the code could not follow is in [`TorchScript::gaps`]; with gaps, a list that is empty proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TorchScript {
    /// The version of the file format, from the member `version`. Older servers refuse newer formats: "maximum supported
    /// version for reading". It is no version of PyTorch; which of those wrote the file is not in it.
    pub format_version: u64,
    /// The qualified name of the module's class: `__torch__.models.Encoder`.
    pub class: String,
    /// Whether tracing or compiling made it.
    pub origin: Origin,
    /// Whether `torch.jit.freeze` has been through it, as far as can be told: the flag `training`, which every module has,
    /// is gone.
    pub frozen: bool,
    /// The flag `training` of the module; none if it is frozen. Triton does not call `eval()`.
    pub training: Option<bool>,
    /// Whether the archive holds the byte code of mobile runtimes too.
    pub mobile: bool,
    /// What `forward` takes and returns. None if it is not in the code that was read: without [gaps](Self::is_complete) the
    /// module has no such method (`nn.LSTM` by itself is one), and every request fails.
    pub forward: Option<Signature>,
    /// What each call changes in the module: state kept between calls.
    pub writes: Vec<Write>,
    /// Inputs that stay in an attribute without a copy. The server's input buffers are used again, so their values change.
    pub kept_inputs: Vec<KeptInput>,
    /// Inputs that `forward` changes in place.
    pub changed_inputs: Vec<ChangedInput>,
    /// Sizes that are numbers in the code.
    pub sizes: Vec<BakedSize>,
    /// Devices that are named in the code. Unlike those of the tensors, nothing maps them to the instance's device.
    pub devices: Vec<BakedDevice>,
    /// Operators and classes that libtorch does not bring along.
    pub custom: Vec<Custom>,
    /// Conditions and loops that depend on what only a request tells.
    pub branches: Vec<Branch>,
    /// Operators that do what they do in training only: dropout, and norms by the statistics of the batch at hand.
    pub trains: Vec<Place>,
    /// How many operators on tensors there are that libtorch's fusers take up; several of one kind in a line of the code
    /// count once. Where there are fewer than two, no code is generated.
    pub fusible: usize,
    /// Parameters, buffers, attributes and constants.
    pub tensors: Tensors,
    /// What was not understood of the code; empty if all that `forward` calls was.
    pub gaps: Vec<String>,
}

impl TorchScript {
    /// Whether all that `forward` does has been seen, so that a fact that is absent is known to be absent.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Whether it keeps anything of a call for the next one.
    #[must_use]
    pub fn keeps_state(&self) -> bool {
        !self.writes.is_empty()
    }

    /// Whether any weight is quantised.
    #[must_use]
    pub fn is_quantised(&self) -> bool {
        self.tensors.is_quantised()
    }

    /// Sizes that tracing may have baked in: of a model that was not compiled from source.
    pub fn traced_sizes(&self) -> impl Iterator<Item = &BakedSize> {
        self.sizes.iter().filter(|_| self.origin != Origin::Scripted)
    }
}

/// What made a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `torch.jit.trace`, for certain: the archive has the inputs that it was traced with (`traced_inputs.pkl`; freezing
    /// and saving again drop it) or records what only tracing does. The inputs to `forward`, one an argument, none for what is
    /// no tensor; empty if the archive does not have them.
    Traced(Vec<Option<Tensor>>),
    /// `torch.jit.script`, for certain: `forward` has something that tracing cannot make, such as a default value, an
    /// argument that is no tensor, a condition or a loop, or the module has constants.
    Scripted,
    /// Nothing tells.
    Unknown,
}

/// What `forward` takes and returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its arguments in order, without `self`.
    pub arguments: Vec<Argument>,
    /// The type of its result.
    pub result: Type,
}

/// An argument of `forward`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name; the server binds an input that has this name to it.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// The source text of its default value. Without one the argument is required, `Optional` or not.
    pub default: Option<String>,
}

/// A line of the archive's code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The member of the archive: `code/__torch__/models.py`.
    pub file: String,
    /// The line in it, from 1.
    pub line: u32,
    /// The line itself, without indentation, shortened if it is long.
    pub text: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It may not happen, depending on what a request brings.
    Possible,
    /// Every call does it.
    Always,
}

/// How two values share memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// They may or may not; `x.to(…)` and `x.contiguous()` copy only where they must.
    Maybe,
    /// One is a view of the other.
    View,
    /// They are the same, or one holds the other.
    Same,
}

/// How an attribute is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WriteKind {
    /// It gets another value: `self.a = b`.
    Assigned,
    /// The tensor, list or dictionary in it is changed in place: `self.a.add_(b)`, `self.a.append(b)`, `self.a[0] = b`.
    Changed,
}

/// A write to an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Write {
    /// The attribute's path from the module: `decoder.cache`.
    pub attribute: String,
    /// How it is written.
    pub kind: WriteKind,
    /// Whether every call gets there.
    pub certainty: Certainty,
    /// Where.
    pub place: Place,
}

/// An input that stays in the module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptInput {
    /// The argument's position, from 0, without `self`.
    pub argument: usize,
    /// The path of the attribute that it stays in.
    pub attribute: String,
    /// Whether it is the input itself, a view of it, or maybe a copy.
    pub sharing: Sharing,
    /// Whether every call gets there.
    pub certainty: Certainty,
    /// Where.
    pub place: Place,
}

/// An input that is changed in place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedInput {
    /// The argument's position, from 0, without `self`.
    pub argument: usize,
    /// Whether it is the input itself, a view of it, or maybe a copy.
    pub sharing: Sharing,
    /// Where.
    pub place: Place,
}

/// A size in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// A number.
    Constant(i64),
    /// `-1`: whatever is left over.
    Inferred,
    /// It comes from the tensors at hand.
    Computed,
}

/// What a size is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sized {
    /// A tensor that comes from the inputs is brought into this shape.
    Input,
    /// A tensor that does not depend on the inputs, such as a weight, is.
    Weight,
    /// A tensor is made: `torch.arange(4)`.
    New,
}

/// Sizes that an operator is given, at least one of them as a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BakedSize {
    /// `view`, `arange`
    pub operator: String,
    /// The sizes, for `slice` its bounds.
    pub sizes: Vec<Size>,
    /// What they are for.
    pub of: Sized,
    /// Where.
    pub place: Place,
}

impl BakedSize {
    /// Whether nothing of the size is left open, so that it holds for one number of elements only.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.sizes.iter().all(|size| matches!(size, Size::Constant(_)))
    }

    /// The numbers.
    pub fn constants(&self) -> impl Iterator<Item = i64> {
        self.sizes.iter().filter_map(|size| match size {
            Size::Constant(value) => Some(*value),
            Size::Inferred | Size::Computed => None,
        })
    }
}

/// A device in the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BakedDevice {
    /// `cpu`, `cuda`, `cuda:0`
    pub device: String,
    /// Where.
    pub place: Place,
}

impl BakedDevice {
    /// The number of the GPU, if it is one and has a number.
    #[must_use]
    pub fn gpu(&self) -> Option<u32> {
        self.device.strip_prefix("cuda:").and_then(|index| index.parse().ok())
    }

    /// Whether it is a GPU.
    #[must_use]
    pub fn is_gpu(&self) -> bool {
        self.device == "cuda" || self.device.starts_with("cuda:")
    }
}

/// An operator or a class of a library that the server has to load (`LD_PRELOAD`), else the model does not load: "Unknown
/// builtin op", "Unknown type name".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Custom {
    /// `torchvision`
    pub namespace: String,
    /// `nms`
    pub name: String,
    /// Whether it is a class.
    pub is_class: bool,
    /// Where the code uses it; none if only an attribute of the module is of the class.
    pub place: Option<Place>,
}

/// What a condition or a loop depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::struct_excessive_bools, reason = "each of them can hold by itself")]
pub struct Depends {
    /// The number of a tensor's dimensions.
    pub rank: bool,
    /// A tensor's sizes.
    pub sizes: bool,
    /// A tensor's values.
    pub values: bool,
    /// An argument that is no tensor, or whether an optional one is given, or an attribute that can change.
    pub arguments: bool,
}

impl Depends {
    pub(super) fn any(self) -> bool {
        self.rank || self.sizes || self.values || self.arguments
    }

    pub(super) fn add(&mut self, other: Self) {
        self.rank |= other.rank;
        self.sizes |= other.sizes;
        self.values |= other.values;
        self.arguments |= other.arguments;
    }
}

/// A condition or a loop.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Branch {
    /// Whether it is a loop.
    pub is_loop: bool,
    /// What decides it.
    pub depends: Depends,
    /// Where.
    pub place: Place,
}
