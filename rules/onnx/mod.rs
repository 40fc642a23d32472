//! Rules about ONNX models: what the config says of them against what they say of themselves.

use std::fmt;

use crate::artifact::Artifact;
use crate::artifact::onnx::{Dim, Onnx, Tensor, Value};
use crate::model::{Backend, Model, ModelFile};
use crate::rule::Rule;
use crate::schema::vocabulary::{DataType, ModelTensorReshape};
use crate::schema::{Optional, Repeated, Singular};
use crate::syntax::Span;

mod input_count_mismatch;
mod mismatched_onnx_control;
mod mismatched_onnx_shape;
mod mismatched_onnx_type;
mod missing_operator_library;
mod missing_weights_file;
mod unbatchable_onnx_model;
mod unknown_onnx_tensor;
mod unsupported_onnx_value;
mod unsupported_onnx_version;
mod weights_outside_model;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &input_count_mismatch::RULE,
    &mismatched_onnx_control::RULE,
    &mismatched_onnx_shape::RULE,
    &mismatched_onnx_type::RULE,
    &missing_operator_library::RULE,
    &missing_weights_file::RULE,
    &unbatchable_onnx_model::RULE,
    &unknown_onnx_tensor::RULE,
    &unsupported_onnx_value::RULE,
    &unsupported_onnx_version::RULE,
    &weights_outside_model::RULE,
];

/// An ONNX model that the back-end loads.
#[derive(Clone, Copy)]
pub(super) struct Loaded<'m> {
    pub(super) file: &'m ModelFile,
    pub(super) onnx: &'m Onnx,
    /// Whether no version has other inputs and outputs, and each could be read: only then can the config be
    /// made to fit.
    pub(super) is_only: bool,
}

/// The ONNX models that the ONNX Runtime back-end loads, one of those with the same inputs and outputs. None of a
/// config that does not read, or where the GPU decides which file it is.
pub(super) fn loaded(model: Model<'_>) -> Vec<Loaded<'_>> {
    let is_read = model.tree().refusals() == 0 && model.config().cc_model_filenames.entries().is_empty();
    if model.resolution().backend() != Some(&Backend::OnnxRuntime) || !is_read {
        return Vec::new();
    }
    let mut loaded: Vec<Loaded<'_>> = Vec::new();
    for file in model.model_files() {
        let Some(Artifact::Onnx(onnx)) = file.artifact() else { continue };
        let is_alike = |other: &Loaded<'_>| {
            other.onnx.inputs == onnx.inputs
                && other.onnx.overridable_initializers == onnx.overridable_initializers
                && other.onnx.outputs == onnx.outputs
        };
        if !loaded.iter().any(is_alike) {
            loaded.push(Loaded { file, onnx, is_only: false });
        }
    }
    if let [only] = loaded.as_mut_slice() {
        only.is_only = model.model_files().iter().all(|file| file.artifact().is_some());
    }
    loaded
}

impl Loaded<'_> {
    /// Whether the back-end takes the first dimension of every tensor for that of the batch. None if its
    /// auto-complete may still decide that (`onnxruntime_backend` `src/onnxruntime.cc`, `AutoCompleteConfig`).
    pub(super) fn is_batching(&self, model: Model<'_>) -> Option<bool> {
        let max = model.config().max_batch_size.get()?;
        let is_settled = max > 0 || !is_completed(model) || self.onnx.supports_batching() == Some(false);
        is_settled.then_some(max > 0)
    }

    /// The file, where a message has to tell it from those of other versions.
    fn which(&self) -> String {
        if self.is_only { "the model".to_owned() } else { format!("the model in `{}`", self.file.path) }
    }
}

/// Whether the back-end completes a config: one that has no inputs, or no outputs.
fn is_completed(model: Model<'_>) -> bool {
    let config = model.config();
    let lacks_inputs = config.input.is_empty() && config.batch_input.is_empty();
    model.server().auto_complete_config && (lacks_inputs || config.output.is_empty())
}

/// Which side of the model a tensor is on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Input,
    Output,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "input",
            Self::Output => "output",
        })
    }
}

/// An input or output as the config has it.
pub(super) struct Declared<'m> {
    pub(super) role: Role,
    /// Its name, and where that is.
    pub(super) name: &'m str,
    pub(super) name_span: Span,
    data_type: &'m Singular<DataType>,
    pub(super) dims: &'m Repeated<i64>,
    reshape: &'m Optional<ModelTensorReshape>,
    /// Whether the requests of a batch are strung together in it.
    is_ragged: bool,
    /// Whether it is cut up by another rule than the batch, so that its shape is not compared.
    is_batch_output: bool,
}

/// The inputs and outputs of a config that have a name.
pub(super) fn declared(model: Model<'_>) -> Vec<Declared<'_>> {
    let config = model.config();
    let mut declared = Vec::new();
    for input in config.input.iter() {
        let Some(name) = input.name.written() else { continue };
        declared.push(Declared {
            role: Role::Input,
            name: &name.value,
            name_span: name.span,
            data_type: &input.data_type,
            dims: &input.dims,
            reshape: &input.reshape,
            is_ragged: input.allow_ragged_batch.get() != Some(false),
            is_batch_output: false,
        });
    }
    for output in config.output.iter() {
        let Some(name) = output.name.written() else { continue };
        let targets = config.batch_output.iter().flat_map(|batch| batch.target_name.iter());
        declared.push(Declared {
            role: Role::Output,
            name: &name.value,
            name_span: name.span,
            data_type: &output.data_type,
            dims: &output.dims,
            reshape: &output.reshape,
            is_ragged: false,
            is_batch_output: !config.batch_output.is_intact()
                || targets.into_iter().any(|target| target.value == name.value),
        });
    }
    declared
}

impl<'m> Declared<'m> {
    /// What the model has by that name.
    pub(super) fn value(&self, onnx: &'m Onnx) -> Option<&'m Value> {
        match self.role {
            Role::Input => {
                let initializer = || onnx.overridable_initializers.iter().find(|value| value.name == self.name);
                onnx.input(self.name).or_else(initializer)
            }
            Role::Output => onnx.output(self.name),
        }
    }

    /// The shape that the model is to have, without a batch dimension: the reshape where there is one. None if
    /// there is no shape, or it could not be read.
    pub(super) fn shape(&self) -> Option<&'m Repeated<i64>> {
        let shape = match self.reshape.written() {
            Some(reshape) => &reshape.value.shape,
            None if self.reshape.is_absent() && !self.dims.is_empty() => self.dims,
            None => return None,
        };
        shape.is_intact().then_some(shape)
    }

    /// Where the shape is.
    pub(super) fn shape_span(&self) -> Span {
        if let Some(reshape) = self.reshape.written() {
            return reshape.span;
        }
        match (self.dims.first(), self.dims.last()) {
            (Some(first), Some(last)) => Span::new(first.span.start, last.span.end),
            _ => self.name_span,
        }
    }

    /// How the shape does not fit that of the model (`onnxruntime_backend` `src/onnxruntime.cc`, `ValidateInputs`
    /// and `ValidateOutputs`; `src/onnxruntime_utils.cc`, `CompareDimsSupported`).
    pub(super) fn misfit(&self, tensor: &Tensor, is_batching: bool) -> Option<Misfit> {
        let (Some(dims), Some(shape)) = (&tensor.dims, self.shape()) else { return None };
        if self.is_batch_output {
            return None;
        }
        let shape: Vec<_> = shape.iter().map(|dim| dim.value).collect();
        let is_open = |dim: &Dim| dim.triton() == -1;
        if self.is_ragged {
            let fits = dims.len() == 1 && dims.iter().all(is_open);
            return (!fits).then_some(Misfit::Ragged);
        }
        if dims.is_empty() {
            return shape.iter().any(|dim| *dim != 1).then_some(Misfit::Scalar);
        }
        if is_batching && !is_open(&dims[0]) {
            return Some(Misfit::FixedBatch);
        }
        let rest = &dims[usize::from(is_batching)..];
        if rest.len() != shape.len() {
            let leads = shape.first().is_some_and(|first| matches!(first, -1 | 1));
            let has_batch =
                is_batching && leads && shape.len() >= 2 && self.wrong_dims(&dims[1..], &shape[1..]).is_empty();
            return Some(if has_batch && shape.len() == dims.len() { Misfit::BatchInDims } else { Misfit::Rank });
        }
        let wrong = self.wrong_dims(rest, &shape);
        (!wrong.is_empty()).then_some(Misfit::Dims(wrong))
    }

    /// The dims that are not as the model has them. An open dimension of an input takes any; of an output the
    /// back-end wants the very same, which ONNX Runtime may work out where the file leaves it open.
    fn wrong_dims(&self, dims: &[Dim], shape: &[i64]) -> Vec<WrongDim> {
        let pairs = dims.iter().map(Dim::triton).zip(shape).enumerate();
        let wrong = pairs.filter(|(_, (dim, written))| dim != *written && (*dim != -1 || self.role == Role::Output));
        wrong.map(|(at, (dim, _))| WrongDim { at, dim }).collect()
    }
}

/// How the shape of a tensor does not fit that of the model.
pub(super) enum Misfit {
    /// The input is ragged, and that of the model has another shape than `[-1]`.
    Ragged,
    /// That of the model has no dimensions, and the config has some that are not 1.
    Scalar,
    /// The model takes no batches.
    FixedBatch,
    /// The batch dimension is among the dims, and all else fits.
    BatchInDims,
    /// The number of dimensions is another.
    Rank,
    /// These dims are others.
    Dims(Vec<WrongDim>),
}

/// A dimension that is not as the model has it.
pub(super) struct WrongDim {
    /// Its place among the dims.
    pub(super) at: usize,
    /// What the model has, with -1 for what it leaves open.
    pub(super) dim: i64,
}

/// A shape as the server prints it.
pub(super) fn shape_text(dims: impl IntoIterator<Item = i64>) -> String {
    let dims: Vec<_> = dims.into_iter().map(|dim| dim.to_string()).collect();
    format!("[{}]", dims.join(","))
}

/// The names of tensors, for a message; of many only the first.
fn names<'m>(names: impl IntoIterator<Item = &'m str>) -> String {
    const MOST: usize = 10;
    let mut listed: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if listed.len() > MOST {
        listed.truncate(MOST);
        listed.push("…".to_owned());
    }
    listed.join(", ")
}
