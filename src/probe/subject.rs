//! What is probed: a model file, and how the server would call it.

use std::path::PathBuf;
use std::str::FromStr;

use super::protocol::{Device, Element, Switches};
use crate::model::Model;
use crate::schema::parameter::Spelling;
use crate::schema::vocabulary::{DataType, InstanceGroupKind, ModelConfig};

/// A model file, and how the server would call it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The model's name.
    pub name: String,
    /// The model file.
    pub file: PathBuf,
    /// The inputs, in the order of the arguments of `forward`.
    pub arguments: Vec<Argument>,
    /// The largest batch; 0 if the model does not batch.
    pub max_batch_size: i64,
    /// What the config sets.
    pub switches: Switches,
    /// Where its instances can be.
    pub placement: Placement,
    /// Inputs that the config names for the warm-up: a shape for each argument.
    pub warmup: Vec<Vec<Vec<i64>>>,
    /// The types that the config has for the outputs, if they are bound by their order.
    pub outputs: Option<Vec<&'static str>>,
}

/// Where instances of a model can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// On the CPU only.
    Cpu,
    /// On GPUs, where there are any.
    Gpu,
    /// On both.
    Both,
}

impl Placement {
    /// Whether instances can be on another device than this.
    #[must_use]
    pub fn leaves(self, device: Device) -> bool {
        self != if device == Device::Cpu { Self::Cpu } else { Self::Gpu }
    }
}

/// The shape of an input that a user names, with the batch dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenShape {
    /// The input.
    pub input: String,
    /// Its shape.
    pub shape: Vec<i64>,
}

impl FromStr for GivenShape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (input, shape) = text.split_once('=').ok_or("as in AUDIO=1,16000")?;
        let dim = |dim: &str| dim.trim().parse().ok().filter(|dim| *dim > 0_i64);
        let shape: Option<Vec<i64>> = shape.split(',').map(dim).collect();
        Ok(Self { input: input.to_owned(), shape: shape.ok_or("dimensions are whole numbers from 1 on")? })
    }
}

/// An input of the model.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name in the config.
    pub name: String,
    /// The type of its elements.
    pub element: Element,
    /// The dims that the model sees, without the batch dimension; -1 for variable ones.
    pub dims: Vec<i64>,
}

impl Subject {
    /// What there is to probe of a model.
    ///
    /// # Errors
    ///
    /// If it is not for the probe, or its config or files do not say how to call it: why.
    pub fn of(model: Model<'_>) -> Result<Self, String> {
        if !model.is_torchscript() {
            return Err("it is no TorchScript model".into());
        }
        let config = model.config();
        if !model.schema_errors().is_empty() || model.tree().refusals() > 0 {
            return Err("its config does not read".into());
        }
        if !config.sequence_batching.is_absent() {
            return Err("its inputs come from the sequence batcher, which the probe does not play".into());
        }
        if !config.batch_input.is_empty() {
            return Err("it has batch inputs, which the probe does not make".into());
        }
        let arguments = arguments(config)?;
        if arguments.is_empty() {
            return Err("its config has no inputs".into());
        }
        Ok(Self {
            name: model.name().to_owned(),
            file: file(model)?,
            warmup: warmup(config, &arguments),
            arguments,
            max_batch_size: i64::from(config.max_batch_size.get().unwrap_or_default()),
            switches: switches(config),
            placement: placement(config),
            outputs: outputs(config),
        })
    }

    /// The same model, called first with shapes that a user names for some of its inputs; the others get
    /// small ones.
    #[must_use]
    pub fn with_shapes(mut self, given: &[GivenShape]) -> Self {
        const SMALL: i64 = 8;
        let named = |argument: &Argument| given.iter().find(|given| given.input == argument.name);
        if self.arguments.iter().any(|argument| named(argument).is_some()) {
            let batch = (self.max_batch_size > 0).then_some(1);
            let small = |argument: &Argument| {
                let dims = argument.dims.iter().map(|dim| if *dim == -1 { SMALL } else { *dim });
                batch.into_iter().chain(dims).collect()
            };
            let shape =
                |argument: &Argument| named(argument).map_or_else(|| small(argument), |given| given.shape.clone());
            let rank = |argument: &Argument| argument.dims.len() + usize::from(batch.is_some());
            let shapes: Vec<Vec<i64>> = self.arguments.iter().map(shape).collect();
            if self.arguments.iter().zip(&shapes).all(|(argument, shape)| rank(argument) == shape.len()) {
                self.warmup.insert(0, shapes);
            }
        }
        self
    }
}

/// The file that the server would load (`pytorch_backend` `src/pt/model_state.cc`, `LoadModel`), of the
/// highest version that it would.
fn file(model: Model<'_>) -> Result<PathBuf, String> {
    let filename = model.config().default_model_filename.text().unwrap_or_default();
    let filename = if filename.is_empty() { "model.pt" } else { filename };
    let number = model.selected_versions().and_then(|versions| versions.last().copied());
    let version = model.versions().iter().find(|version| Some(version.number) == number);
    let version = version.ok_or("it has no version to load")?;
    let path = format!("{}/{filename}", version.folder);
    match model.listing().get(&path) {
        Some(kind) if kind.is_filled_file() => Ok(model.directory().path.join(path)),
        _ => Err(format!("the file {path} is not there")),
    }
}

/// The inputs in the order in which the back-end binds them: by the index behind `__` if all names have
/// one, else as they are written (`GetNamingConvention`). Names of arguments it would prefer; those are
/// in the model file, and mostly in the same order.
fn arguments(config: &ModelConfig) -> Result<Vec<Argument>, String> {
    let mut arguments = Vec::new();
    for input in config.input.iter() {
        let name = input.name.text().unwrap_or_default().to_owned();
        let element = input.data_type.get().and_then(element);
        let element = element.ok_or_else(|| format!("the back-end takes no input of the type of `{name}`"))?;
        let dims = input.reshape.written().map_or(&input.dims, |reshape| &reshape.shape);
        arguments.push(Argument { name, element, dims: dims.iter().map(|dim| dim.value).collect() });
    }
    let index = |argument: &Argument| argument.name.split_once("__")?.1.parse::<usize>().ok();
    if arguments.iter().all(|argument| index(argument).is_some()) {
        arguments.sort_by_key(index);
    }
    Ok(arguments)
}

fn element(data_type: DataType) -> Option<Element> {
    Some(match data_type {
        DataType::Bool => Element::Bool,
        DataType::Uint8 => Element::Uint8,
        DataType::Int8 => Element::Int8,
        DataType::Int16 => Element::Int16,
        DataType::Int32 => Element::Int32,
        DataType::Int64 => Element::Int64,
        DataType::Fp16 => Element::Fp16,
        DataType::Bf16 => Element::Bf16,
        DataType::Fp32 => Element::Fp32,
        DataType::Fp64 => Element::Fp64,
        DataType::String => Element::String,
        _ => return None,
    })
}

/// The types of the outputs as the helper names them, where their order is that of the config.
fn outputs(config: &ModelConfig) -> Option<Vec<&'static str>> {
    let is_indexed = |name: &str| name.split_once("__").is_some_and(|(_, index)| index.parse::<usize>().is_ok());
    if config.output.iter().all(|output| output.name.text().is_some_and(is_indexed)) {
        return None;
    }
    config
        .output
        .iter()
        .map(|output| {
            Some(match output.data_type.get()? {
                DataType::Bool => "BOOL",
                DataType::Uint8 => "UINT8",
                DataType::Int8 => "INT8",
                DataType::Int16 => "INT16",
                DataType::Int32 => "INT32",
                DataType::Int64 => "INT64",
                DataType::Fp16 => "FP16",
                DataType::Bf16 => "BF16",
                DataType::Fp32 => "FP32",
                DataType::Fp64 => "FP64",
                DataType::String => "BYTES",
                _ => return None,
            })
        })
        .collect()
}

fn placement(config: &ModelConfig) -> Placement {
    let is_on_cpu = |kind: Option<InstanceGroupKind>| kind == Some(InstanceGroupKind::Cpu);
    let groups = || config.instance_group.iter().map(|group| group.kind.get());
    match (groups().any(is_on_cpu), groups().all(is_on_cpu)) {
        (true, true) => Placement::Cpu,
        (true, false) => Placement::Both,
        (false, _) => Placement::Gpu,
    }
}

fn switches(config: &ModelConfig) -> Switches {
    let setting = |key: &str| {
        let value = config.parameters.get(key)?.value.written()?;
        Spelling::COMMON.read(value.value.string_value.text()?)
    };
    Switches {
        optimized: setting("DISABLE_OPTIMIZED_EXECUTION") != Some(true),
        tensor_fuser: setting("ENABLE_TENSOR_FUSER"),
        profiling: setting("ENABLE_JIT_PROFILING"),
        executor: setting("ENABLE_JIT_EXECUTOR"),
        inference_mode: setting("INFERENCE_MODE") != Some(false),
        cudnn: setting("DISABLE_CUDNN") != Some(true),
    }
}

/// The shapes of the warm-up samples that name every input.
fn warmup(config: &ModelConfig, arguments: &[Argument]) -> Vec<Vec<Vec<i64>>> {
    let batches = config.max_batch_size.get().unwrap_or_default() > 0;
    let samples = config.model_warmup.iter().map(|sample| {
        arguments
            .iter()
            .map(|argument| {
                let input = sample.inputs.get(&argument.name)?.value.written()?;
                let batch = batches.then(|| i64::from(sample.batch_size.get().unwrap_or(1).max(1)));
                let shape: Vec<i64> = batch.into_iter().chain(input.dims.iter().map(|dim| dim.value)).collect();
                let rank = argument.dims.len() + usize::from(batches);
                (shape.len() == rank && shape.iter().all(|dim| *dim > 0)).then_some(shape)
            })
            .collect::<Option<Vec<_>>>()
    });
    samples.flatten().collect()
}
