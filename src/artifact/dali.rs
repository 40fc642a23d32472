//! What a serialized pipeline of DALI says of itself (`dali.proto`, `PipelineDef`).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use super::wire::{Value, Wire};
use super::{Unreadable, refuse_other};
use crate::schema::vocabulary::DataType;

/// The bytes of the longest name that is kept.
const LONGEST_NAME: usize = 1024;

/// The most names that are kept; a pipeline has some dozens.
const MOST_NAMES: usize = 10_000;

/// A pipeline, as `Pipeline.serialize` writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// The batch size that it was built for. The back-end runs it with that of the config, where there is one.
    pub batch_size: Option<i64>,
    /// The names of the instances of its operators; the inputs are some of these.
    pub operators: BTreeSet<String>,
    /// Its inputs by name: the operators of `fn.external_source`. Some other operators are inputs, too.
    pub inputs: BTreeMap<String, Tensor>,
    /// Its outputs, in their order. Clients never see the names that they have here.
    pub outputs: Vec<Tensor>,
}

/// What a pipeline says of an input or output; often nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tensor {
    /// The type of its elements.
    pub data_type: Option<DataType>,
    /// The number of its dimensions, without that of the batch.
    pub rank: Option<usize>,
}

/// Reads a serialized pipeline.
///
/// # Errors
///
/// If the file only stands for a pipeline, is none, is damaged, or has more operators than a pipeline does.
pub fn read(file: impl Read + Seek) -> Result<Pipeline, Unreadable> {
    let mut wire = Wire::new(file)?;
    let size = wire.size();
    let head = wire.peek()?;
    refuse_other(head, size)?;
    let mut found = Found::default();
    match wire.message(size, |wire, number, value| found.field(wire, number, value)) {
        Ok(()) if found.is_pipeline() => Ok(found.pipeline),
        Err(error @ (Unreadable::TooLarge(_) | Unreadable::Io(_))) => Err(error),
        // A pipeline says its batch size and an operator first.
        Err(error) if found.is_pipeline() => Err(error),
        Ok(()) | Err(_) => Err(Unreadable::Other("no serialized DALI pipeline".to_owned())),
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    pipeline: Pipeline,
    /// How many names are kept.
    kept: usize,
}

impl Found {
    /// Whether there is what no pipeline lacks.
    fn is_pipeline(&self) -> bool {
        self.pipeline.batch_size.is_some() && !self.pipeline.operators.is_empty()
    }

    /// A field of `PipelineDef`.
    fn field<R: Read + Seek>(&mut self, wire: &mut Wire<R>, number: u32, value: Value) -> Result<(), Unreadable> {
        match (number, value) {
            (2, Value::Varint(size)) => self.pipeline.batch_size = Some(size.cast_signed()),
            (5, Value::Bytes(length)) => self.operator(wire, length)?,
            // Old versions listed the inputs besides.
            (6, Value::Bytes(length)) => {
                let name = self.text(wire, length)?;
                self.pipeline.operators.insert(name.clone());
                self.pipeline.inputs.entry(name).or_default();
            }
            (7, Value::Bytes(length)) => {
                self.keep()?;
                let output = output(wire, length)?;
                self.pipeline.outputs.push(output);
            }
            _ => {}
        }
        Ok(())
    }

    /// An `OpDef`: which operator it is, and what it is called in the pipeline.
    fn operator<R: Read + Seek>(&mut self, wire: &mut Wire<R>, length: u64) -> Result<(), Unreadable> {
        let mut operator = String::new();
        let mut instance = String::new();
        let mut tensor = Tensor::default();
        wire.message(length, |wire, number, value| {
            match (number, value) {
                (1, Value::Bytes(length)) => operator = self.text(wire, length)?,
                (4, Value::Bytes(length)) => argument(wire, length, &mut tensor)?,
                (5, Value::Bytes(length)) => instance = self.text(wire, length)?,
                _ => {}
            }
            Ok(())
        })?;
        if matches!(operator.as_str(), "ExternalSource" | "_ExternalSource") {
            self.pipeline.inputs.insert(instance.clone(), tensor);
        }
        self.pipeline.operators.insert(instance);
        Ok(())
    }

    /// A name.
    fn text<R: Read + Seek>(&mut self, wire: &mut Wire<R>, length: u64) -> Result<String, Unreadable> {
        self.keep()?;
        let bytes = wire.bytes(length, LONGEST_NAME)?;
        let bytes = bytes.ok_or_else(|| Unreadable::TooLarge("a name in it is too long".to_owned()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Notes that one more thing is kept.
    fn keep(&mut self) -> Result<(), Unreadable> {
        self.kept += 1;
        if self.kept > MOST_NAMES { Err(Unreadable::TooLarge("it has too many operators".to_owned())) } else { Ok(()) }
    }
}

/// An `InputOutput` in the place of an output.
fn output<R: Read + Seek>(wire: &mut Wire<R>, length: u64) -> Result<Tensor, Unreadable> {
    let mut tensor = Tensor::default();
    wire.message(length, |_, number, value| {
        match (number, value) {
            (5, Value::Varint(number)) => tensor.data_type = data_type(number),
            (6, Value::Varint(number)) => tensor.rank = rank(number),
            _ => {}
        }
        Ok(())
    })?;
    Ok(tensor)
}

/// An `Argument` of an operator, if it says something of an input.
fn argument<R: Read + Seek>(wire: &mut Wire<R>, length: u64, tensor: &mut Tensor) -> Result<(), Unreadable> {
    let mut name = Vec::new();
    let mut number = None;
    wire.message(length, |wire, field, value| {
        match (field, value) {
            (1, Value::Bytes(length)) => name = wire.bytes(length, LONGEST_NAME)?.unwrap_or_default(),
            (4, Value::Varint(value)) => number = Some(value),
            _ => {}
        }
        Ok(())
    })?;
    match (name.as_slice(), number) {
        (b"dtype", Some(number)) => tensor.data_type = data_type(number),
        (b"ndim", Some(number)) => tensor.rank = rank(number),
        _ => {}
    }
    Ok(())
}

/// A number of dimensions; -1 is none.
fn rank(number: u64) -> Option<usize> {
    usize::try_from(number.cast_signed()).ok()
}

/// What a config calls a type of DALI (the back-end's `config_tools.cc`, `to_triton_config`); -1 is none.
fn data_type(number: u64) -> Option<DataType> {
    const TYPES: [DataType; 12] = [
        DataType::Uint8,
        DataType::Uint16,
        DataType::Uint32,
        DataType::Uint64,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::Fp16,
        DataType::Fp32,
        DataType::Fp64,
        DataType::Bool,
    ];
    TYPES.get(usize::try_from(number).ok()?).copied()
}
