//! What an ONNX model says of itself, without its weights.
//!
//! The graph's nodes are only looked at for the operators that they need; the bytes of tensors are skipped.
//! A model of gigabytes takes milliseconds.

mod proto;
mod read;
mod support;

use std::collections::{BTreeMap, BTreeSet};

pub use read::read;
pub use support::{Excess, NEWEST, Support, support};

use crate::schema::vocabulary::DataType;

/// A model in the ONNX format (`ModelProto`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Onnx {
    /// The version of the format. ONNX Runtime refuses a model without one, or with a newer one than its own.
    pub ir_version: Option<i64>,
    /// What wrote the model, such as `pytorch`.
    pub producer_name: String,
    /// The version of what wrote the model.
    pub producer_version: String,
    /// The versions of the operator sets, by domain; that of ONNX itself is the empty one. ONNX Runtime refuses
    /// a model without any.
    pub opset_imports: BTreeMap<String, i64>,
    /// The inputs that a request must bring, in their order: those of the graph without those that have a value
    /// in the model.
    pub inputs: Vec<Value>,
    /// The inputs that have a value in the model, which a request may replace: what the back-end takes for
    /// optional. Before version 4 of the format there are none: inputs with a value are constants there.
    pub overridable_initializers: Vec<Value>,
    /// The outputs, in their order.
    pub outputs: Vec<Value>,
    /// The operators of other domains than ONNX's own that the nodes use, by domain. Functions that the
    /// model brings along are not among them.
    pub foreign_operators: BTreeMap<String, BTreeSet<String>>,
    /// Whether any of its nodes is a convolution, also in a branch, a loop or a function.
    pub convolves: bool,
    /// The files that weights are in, by their location as it is written, with the bytes that each must have.
    pub external_data: BTreeMap<String, u64>,
    /// Further properties, such as the names of classes; those longer than 64 KiB are left out.
    pub metadata: BTreeMap<String, String>,
}

/// An input or output of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ValueKind,
}

/// What an input or output is. The back-end serves tensors only (its `onnxruntime_utils.cc`,
/// `InputOutputInfos`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// A tensor.
    Tensor(Tensor),
    /// A tensor that names its non-zero elements only.
    SparseTensor,
    /// A list.
    Sequence,
    /// A map.
    Map,
    /// A value that may be none.
    Optional,
    /// Something of a type that ONNX does not know.
    Opaque,
    /// Nothing is said of it. Only an output may be so, whose type ONNX Runtime works out from the nodes.
    Unknown,
}

/// The type of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The type of its elements.
    pub element: Element,
    /// Its shape; none if even the number of dimensions is left open.
    pub dims: Option<Vec<Dim>>,
}

/// One dimension of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dim {
    /// Always so long; never negative.
    Fixed(i64),
    /// As long as the request makes it, and as every other dimension of that name.
    Symbolic(String),
    /// As long as the request makes it. ONNX Runtime takes a negative length for this (`graph.cc`, `NodeArg`).
    Unknown,
}

/// The type of a tensor's elements, by its number (`TensorProto.DataType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Element(pub i32);

impl Onnx {
    /// The version of ONNX's own operators that the model is written for.
    #[must_use]
    pub fn opset(&self) -> Option<i64> {
        self.opset_imports.get("").copied()
    }

    /// The input of that name that a request must bring.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&Value> {
        self.inputs.iter().find(|value| value.name == name)
    }

    /// The output of that name.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&Value> {
        self.outputs.iter().find(|value| value.name == name)
    }

    /// Whether requests can be put together: every input and output begins with a dimension that is left open
    /// (the back-end's `ModelState::AutoCompleteMaxBatch`). None if something has no shape here: for an
    /// output ONNX Runtime then works one out from the nodes.
    #[must_use]
    pub fn supports_batching(&self) -> Option<bool> {
        let mut is_known = true;
        for value in self.inputs.iter().chain(&self.outputs) {
            match value.tensor().map(Tensor::has_open_batch) {
                Some(Some(true)) => {}
                Some(Some(false)) => return Some(false),
                Some(None) | None => is_known = false,
            }
        }
        is_known.then_some(true)
    }

    /// The operators that ONNX Runtime has not built in: a library must bring them
    /// (`model_operations.op_library_filename`).
    pub fn custom_operators(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        let operators = self.foreign_operators.iter().map(|(domain, names)| (domain.as_str(), names));
        operators.filter(|(domain, _)| !is_built_in(domain))
    }

    /// The files that weights are in and that lie where the model may look: below its own folder. Each with the
    /// bytes that it must have.
    pub fn files_beside(&self) -> impl Iterator<Item = (&str, u64)> {
        self.external_files().filter(|(location, _)| stays_inside(location))
    }

    /// The locations of weights that lead out of the model's folder, which newer versions of ONNX Runtime refuse.
    pub fn files_elsewhere(&self) -> impl Iterator<Item = &str> {
        self.external_files().map(|(location, _)| location).filter(|location| !stays_inside(location))
    }

    fn external_files(&self) -> impl Iterator<Item = (&str, u64)> {
        self.external_data.iter().map(|(location, &size)| (location.as_str(), size))
    }
}

/// Whether ONNX Runtime brings operators of that domain along (`constants.h` of its graph library, and those of
/// ONNX).
fn is_built_in(domain: &str) -> bool {
    matches!(
        domain,
        "" | "ai.onnx"
            | "ai.onnx.ml"
            | "ai.onnx.training"
            | "ai.onnx.preview"
            | "ai.onnx.preview.training"
            | "com.microsoft"
            | "com.microsoft.experimental"
            | "com.microsoft.nchwc"
            | "com.ms.internal.nhwc"
            | "com.microsoft.dml"
            | "org.pytorch.aten"
    )
}

/// Whether a location stays in the folder of the model.
fn stays_inside(location: &str) -> bool {
    let is_rooted = location.starts_with(['/', '\\']) || location.as_bytes().get(1) == Some(&b':');
    !is_rooted && location.split(['/', '\\']).all(|part| part != "..")
}

impl Value {
    /// Its type, if it is a tensor.
    #[must_use]
    pub fn tensor(&self) -> Option<&Tensor> {
        match &self.kind {
            ValueKind::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }
}

impl Tensor {
    /// The shape as a config and the server's messages have it: -1 for what is left open.
    #[must_use]
    pub fn triton_dims(&self) -> Option<Vec<i64>> {
        Some(self.dims.as_ref()?.iter().map(Dim::triton).collect())
    }

    /// Whether there is a first dimension and it is left open; none if there may be any dimensions.
    #[must_use]
    pub fn has_open_batch(&self) -> Option<bool> {
        Some(self.dims.as_ref()?.first().is_some_and(|dim| !matches!(dim, Dim::Fixed(_))))
    }
}

impl Dim {
    /// The dimension as a config has it: -1 if it is left open.
    #[must_use]
    pub fn triton(&self) -> i64 {
        match self {
            Self::Fixed(length) => *length,
            Self::Symbolic(_) | Self::Unknown => -1,
        }
    }
}

impl Element {
    /// What a config calls the type (the back-end's `onnxruntime_utils.cc`,
    /// `OnnxDataTypeToModelConfigDataType`); none if the back-end does not serve it. `TYPE_BF16` is served since 26.02.
    #[must_use]
    pub fn data_type(self) -> Option<DataType> {
        Some(match self.0 {
            1 => DataType::Fp32,
            2 => DataType::Uint8,
            3 => DataType::Int8,
            4 => DataType::Uint16,
            5 => DataType::Int16,
            6 => DataType::Int32,
            7 => DataType::Int64,
            8 => DataType::String,
            9 => DataType::Bool,
            10 => DataType::Fp16,
            11 => DataType::Fp64,
            12 => DataType::Uint32,
            13 => DataType::Uint64,
            16 => DataType::Bf16,
            _ => return None,
        })
    }

    /// What ONNX calls the type; none if it has no type of this number.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        const NAMES: [&str; 29] = [
            "UNDEFINED",
            "FLOAT",
            "UINT8",
            "INT8",
            "UINT16",
            "INT16",
            "INT32",
            "INT64",
            "STRING",
            "BOOL",
            "FLOAT16",
            "DOUBLE",
            "UINT32",
            "UINT64",
            "COMPLEX64",
            "COMPLEX128",
            "BFLOAT16",
            "FLOAT8E4M3FN",
            "FLOAT8E4M3FNUZ",
            "FLOAT8E5M2",
            "FLOAT8E5M2FNUZ",
            "UINT4",
            "INT4",
            "FLOAT4E2M1",
            "FLOAT8E8M0",
            "UINT2",
            "INT2",
            "FLOAT6E2M3",
            "FLOAT6E3M2",
        ];
        NAMES.get(usize::try_from(self.0).ok()?).copied()
    }
}
