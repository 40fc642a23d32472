//! From bytes to what they say.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Seek};

use prost::Message;

use super::super::wire::{Value as Field, Wire};
use super::super::{Unreadable, refuse_other};
use super::proto::{DimensionValue, OperatorSetIdProto, StringStringEntryProto, TypeValue, ValueInfoProto};
use super::{Dim, Element, Onnx, Tensor, Value, ValueKind};

/// The bytes of the longest name that is kept, and of the longest of the small messages.
const LONGEST_TEXT: usize = 64 * 1024;

/// The bytes of an input or output, with its documentation.
const LONGEST_VALUE: usize = 1024 * 1024;

/// What all that is kept may take, in bytes.
const MEMORY: usize = 24 * 1024 * 1024;

/// Reads what a model says of itself (`ModelProto`), without its weights.
///
/// # Errors
///
/// If the file only stands for a model, is none, is damaged, or has a graph of many millions of parts.
pub fn read(file: impl Read + Seek) -> Result<Onnx, Unreadable> {
    let mut wire = Wire::new(file)?;
    let size = wire.size();
    let head = wire.peek()?;
    refuse_other(head, size)?;
    let mut found = Found { memory: MEMORY, ..Found::default() };
    match wire.message(size, |wire, number, field| model_field(wire, number, field, &mut found)) {
        Ok(()) if found.has_graph => Ok(found.into_onnx()),
        // Anything may happen to be protobuf's wire format for a while. A model says its version first.
        Err(error @ (Unreadable::Truncated(_) | Unreadable::Malformed(_))) if found.onnx.ir_version.is_some() => {
            Err(error)
        }
        Err(error @ (Unreadable::TooLarge(_) | Unreadable::Io(_))) => Err(error),
        Ok(()) | Err(_) => Err(Unreadable::Other("no ONNX model".to_owned())),
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    onnx: Onnx,
    has_graph: bool,
    /// All inputs of the graph.
    inputs: Vec<Value>,
    /// The names of the values that the model brings along.
    initializers: HashSet<String>,
    /// The functions that the model brings along, as domain and name.
    functions: HashSet<(String, String)>,
    /// What may still be kept, in bytes.
    memory: usize,
}

impl Found {
    /// Notes that something of so many bytes is kept.
    fn keep(&mut self, bytes: usize) -> Result<(), Unreadable> {
        /// What a thing takes besides its bytes.
        const OVERHEAD: usize = 64;
        self.memory = self
            .memory
            .checked_sub(bytes + OVERHEAD)
            .ok_or_else(|| Unreadable::TooLarge("it has too many names".to_owned()))?;
        Ok(())
    }

    fn into_onnx(self) -> Onnx {
        let Self { mut onnx, inputs, initializers, functions, .. } = self;
        let (with_value, without): (Vec<_>, Vec<_>) =
            inputs.into_iter().partition(|value| initializers.contains(&value.name));
        onnx.inputs = without;
        if onnx.ir_version.is_some_and(|version| version >= 4) {
            onnx.overridable_initializers = with_value;
        }
        for (domain, names) in &mut onnx.foreign_operators {
            names.retain(|name| !functions.contains(&(domain.clone(), name.clone())));
        }
        onnx.foreign_operators.retain(|_, names| !names.is_empty());
        onnx
    }
}

/// A field of `ModelProto`.
fn model_field<R: Read + Seek>(
    wire: &mut Wire<R>,
    number: u32,
    field: Field,
    found: &mut Found,
) -> Result<(), Unreadable> {
    match (number, field) {
        (1, Field::Varint(version)) => found.onnx.ir_version = Some(version.cast_signed()),
        (2, Field::Bytes(length)) => found.onnx.producer_name = text(wire, length, found)?.unwrap_or_default(),
        (3, Field::Bytes(length)) => found.onnx.producer_version = text(wire, length, found)?.unwrap_or_default(),
        (7, Field::Bytes(length)) => {
            found.has_graph = true;
            wire.message(length, |wire, number, field| main_graph_field(wire, number, field, found))?;
        }
        (8, Field::Bytes(length)) => {
            let Some(import) = small::<OperatorSetIdProto, R>(wire, length, LONGEST_TEXT)? else { return Ok(()) };
            let domain = domain(lossy(&import.domain));
            found.keep(domain.len())?;
            found.onnx.opset_imports.insert(domain, import.version);
        }
        (14, Field::Bytes(length)) => {
            let Some(entry) = small::<StringStringEntryProto, R>(wire, length, LONGEST_TEXT)? else { return Ok(()) };
            found.keep(entry.key.len() + entry.value.len())?;
            found.onnx.metadata.insert(lossy(&entry.key), lossy(&entry.value));
        }
        (25, Field::Bytes(length)) => function(wire, length, found)?,
        _ => {}
    }
    Ok(())
}

/// A field of the `GraphProto` of the model itself.
fn main_graph_field<R: Read + Seek>(
    wire: &mut Wire<R>,
    number: u32,
    field: Field,
    found: &mut Found,
) -> Result<(), Unreadable> {
    match (number, field) {
        (5, Field::Bytes(length)) => {
            let name = tensor(wire, length, found)?;
            found.initializers.insert(name);
        }
        // Of a sparse tensor, its values have its name.
        (15, Field::Bytes(length)) => {
            wire.message(length, |wire, number, field| match (number, field) {
                (1, Field::Bytes(length)) => {
                    let name = tensor(wire, length, found)?;
                    found.initializers.insert(name);
                    Ok(())
                }
                (2, Field::Bytes(length)) => tensor(wire, length, found).map(drop),
                _ => Ok(()),
            })?;
        }
        (11, Field::Bytes(length)) => {
            let input = value(wire, length, found)?;
            found.inputs.push(input);
        }
        (12, Field::Bytes(length)) => {
            let output = value(wire, length, found)?;
            found.onnx.outputs.push(output);
        }
        _ => inner_graph_field(wire, number, field, found)?,
    }
    Ok(())
}

/// A field of any `GraphProto`, also one that is an attribute of a node.
fn inner_graph_field<R: Read + Seek>(
    wire: &mut Wire<R>,
    number: u32,
    field: Field,
    found: &mut Found,
) -> Result<(), Unreadable> {
    match (number, field) {
        (1, Field::Bytes(length)) => node(wire, length, found),
        (5, Field::Bytes(length)) => tensor(wire, length, found).map(drop),
        _ => Ok(()),
    }
}

/// A `NodeProto`: which operator it is, and what its attributes hold.
fn node<R: Read + Seek>(wire: &mut Wire<R>, length: u64, found: &mut Found) -> Result<(), Unreadable> {
    /// What a set of names takes at least, in bytes.
    const SET: usize = 512;
    let mut operator = String::new();
    let mut of = String::new();
    wire.message(length, |wire, number, field| {
        match (number, field) {
            (4, Field::Bytes(length)) => operator = transient_text(wire, length)?,
            (7, Field::Bytes(length)) => of = domain(transient_text(wire, length)?),
            (5, Field::Bytes(length)) => {
                wire.message(length, |wire, number, field| attribute_field(wire, number, field, found))?;
            }
            _ => {}
        }
        Ok(())
    })?;
    found.onnx.convolves |= is_convolution(&of, &operator);
    if of.is_empty() || found.onnx.foreign_operators.get(&of).is_some_and(|names| names.contains(&operator)) {
        return Ok(());
    }
    let is_new = !found.onnx.foreign_operators.contains_key(&of);
    found.keep(of.len() + operator.len() + if is_new { SET } else { 0 })?;
    found.onnx.foreign_operators.entry(of).or_default().insert(operator);
    Ok(())
}

/// Whether cuDNN convolves for an operator of that domain (`onnxruntime` `core/providers/cuda/nn` and
/// `contrib_ops/cuda`).
fn is_convolution(domain: &str, operator: &str) -> bool {
    match domain {
        "" => matches!(operator, "Conv" | "ConvTranspose" | "ConvInteger" | "QLinearConv"),
        "com.microsoft" => matches!(operator, "FusedConv" | "ConvTransposeWithDynamicPads"),
        "com.microsoft.nchwc" | "com.ms.internal.nhwc" => operator.contains("Conv"),
        _ => false,
    }
}

/// A field of an `AttributeProto`: a tensor, a graph, or several of them.
fn attribute_field<R: Read + Seek>(
    wire: &mut Wire<R>,
    number: u32,
    field: Field,
    found: &mut Found,
) -> Result<(), Unreadable> {
    match (number, field) {
        (5 | 10, Field::Bytes(length)) => tensor(wire, length, found).map(drop),
        (6 | 11, Field::Bytes(length)) => {
            wire.message(length, |wire, number, field| inner_graph_field(wire, number, field, found))
        }
        _ => Ok(()),
    }
}

/// A `FunctionProto`: an operator that the model defines by nodes.
fn function<R: Read + Seek>(wire: &mut Wire<R>, length: u64, found: &mut Found) -> Result<(), Unreadable> {
    let mut name = String::new();
    let mut of = String::new();
    wire.message(length, |wire, number, field| {
        match (number, field) {
            (1, Field::Bytes(length)) => name = transient_text(wire, length)?,
            (10, Field::Bytes(length)) => of = domain(transient_text(wire, length)?),
            (7, Field::Bytes(length)) => node(wire, length, found)?,
            _ => {}
        }
        Ok(())
    })?;
    found.keep(of.len() + name.len())?;
    found.functions.insert((of, name));
    Ok(())
}

/// The name of a `TensorProto`. Notes the file that its bytes are in, if they are in one of their own.
fn tensor<R: Read + Seek>(wire: &mut Wire<R>, length: u64, found: &mut Found) -> Result<String, Unreadable> {
    /// `TensorProto.DataLocation.EXTERNAL`.
    const EXTERNAL: u64 = 1;
    let mut name = String::new();
    let mut is_external = false;
    let mut external = BTreeMap::new();
    wire.message(length, |wire, number, field| {
        match (number, field) {
            (8, Field::Bytes(length)) => name = text(wire, length, found)?.unwrap_or_default(),
            (13, Field::Bytes(length)) => {
                // The keys that there are: location, offset, length, checksum.
                if let Some(entry) = small::<StringStringEntryProto, R>(wire, length, LONGEST_TEXT)?
                    && external.len() < 8
                {
                    external.insert(entry.key, entry.value);
                }
            }
            (14, Field::Varint(location)) => is_external = location == EXTERNAL,
            _ => {}
        }
        Ok(())
    })?;
    if let Some(location) = external.get(b"location".as_slice()).filter(|_| is_external) {
        let number = |key: &[u8]| -> u64 {
            let written = external.get(key).and_then(|value| str::from_utf8(value).ok());
            written.and_then(|value| value.parse().ok()).unwrap_or_default()
        };
        let size = number(b"offset").saturating_add(number(b"length"));
        let location = lossy(location);
        if !found.onnx.external_data.contains_key(&location) {
            found.keep(location.len())?;
        }
        let needed = found.onnx.external_data.entry(location).or_default();
        *needed = size.max(*needed);
    }
    Ok(name)
}

/// A `ValueInfoProto`.
fn value<R: Read + Seek>(wire: &mut Wire<R>, length: u64, found: &mut Found) -> Result<Value, Unreadable> {
    let info = small::<ValueInfoProto, R>(wire, length, LONGEST_VALUE)?
        .ok_or_else(|| Unreadable::TooLarge("an input or output is of more than a megabyte".to_owned()))?;
    found.keep(info.name.len())?;
    let name = lossy(&info.name);
    let kind = match info.r#type.and_then(|of| of.value) {
        Some(TypeValue::Tensor(tensor)) => {
            let dims = match tensor.shape {
                Some(shape) => {
                    let mut dims = Vec::with_capacity(shape.dim.len());
                    for dim in shape.dim {
                        found.keep(0)?;
                        dims.push(match dim.value {
                            Some(DimensionValue::Value(length)) if length >= 0 => Dim::Fixed(length),
                            Some(DimensionValue::Param(name)) if !name.is_empty() => Dim::Symbolic(lossy(&name)),
                            Some(_) | None => Dim::Unknown,
                        });
                    }
                    Some(dims)
                }
                None => None,
            };
            ValueKind::Tensor(Tensor { element: Element(tensor.elem_type), dims })
        }
        Some(TypeValue::SparseTensor(_)) => ValueKind::SparseTensor,
        Some(TypeValue::Sequence(_)) => ValueKind::Sequence,
        Some(TypeValue::Map(_)) => ValueKind::Map,
        Some(TypeValue::Optional(_)) => ValueKind::Optional,
        Some(TypeValue::Opaque(_)) => ValueKind::Opaque,
        None => ValueKind::Unknown,
    };
    Ok(Value { name, kind })
}

/// A small message; none if it is larger than the limit.
fn small<M: Message + Default, R: Read + Seek>(
    wire: &mut Wire<R>,
    length: u64,
    limit: usize,
) -> Result<Option<M>, Unreadable> {
    let Some(bytes) = wire.bytes(length, limit)? else { return Ok(None) };
    M::decode(bytes.as_slice()).map(Some).map_err(|error| Unreadable::Malformed(error.to_string()))
}

/// A text that is kept; none if it is too long.
fn text<R: Read + Seek>(wire: &mut Wire<R>, length: u64, found: &mut Found) -> Result<Option<String>, Unreadable> {
    let Some(bytes) = wire.bytes(length, LONGEST_TEXT)? else { return Ok(None) };
    found.keep(bytes.len())?;
    Ok(Some(lossy(&bytes)))
}

/// A text that is soon forgotten; empty if it is too long.
fn transient_text<R: Read + Seek>(wire: &mut Wire<R>, length: u64) -> Result<String, Unreadable> {
    Ok(wire.bytes(length, LONGEST_TEXT)?.map(|bytes| lossy(&bytes)).unwrap_or_default())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A domain by its one name: that of ONNX has two.
fn domain(name: String) -> String {
    if name == "ai.onnx" { String::new() } else { name }
}
