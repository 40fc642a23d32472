//! What a model in OpenVINO's Intermediate Representation says of itself: its XML, not its weights.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::{Unreadable, placeholder, signature};
use crate::schema::vocabulary::DataType;

/// The bytes of the longest file that is read; those of large language models have some ten million.
const LONGEST: u64 = 24 * 1024 * 1024;

/// The most layers and names that are kept.
const MOST_NAMES: usize = 200_000;

/// How deep the elements of models in models may be; real ones have some twenty.
const DEPTH: usize = 1000;

/// The bytes of the longest attribute that is of interest.
const LONGEST_ATTRIBUTE: usize = 64 * 1024;

/// A model of OpenVINO, whose weights are in a file of the same name that ends in `.bin`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenVino {
    /// The version of the format.
    pub version: Option<u32>,
    /// The inputs, in their order.
    pub inputs: Vec<Tensor>,
    /// The outputs, in their order.
    pub outputs: Vec<Tensor>,
}

/// An input or output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tensor {
    /// The names that it has, in any order; none if they cannot be told, as in formats before version 11.
    pub names: Vec<String>,
    /// What OpenVINO calls the type of its elements, such as `FP32`.
    pub precision: String,
    /// Its shape, with -1 for what is left open; none if the number of dimensions cannot be told.
    pub dims: Option<Vec<i64>>,
}

impl Tensor {
    /// What a config calls the type (the back-end's `openvino_utils.cc`, `OpenVINOElementToModelConfigDataType`);
    /// none if the back-end does not serve it.
    #[must_use]
    pub fn data_type(&self) -> Option<DataType> {
        Some(match self.precision.as_str() {
            "BOOL" => DataType::Bool,
            "U8" => DataType::Uint8,
            "U16" => DataType::Uint16,
            "U32" => DataType::Uint32,
            "U64" => DataType::Uint64,
            "I8" => DataType::Int8,
            "I16" => DataType::Int16,
            "I32" => DataType::Int32,
            "I64" => DataType::Int64,
            "FP16" => DataType::Fp16,
            "FP32" => DataType::Fp32,
            _ => return None,
        })
    }
}

/// Reads what a model says of itself.
///
/// # Errors
///
/// If the file only stands for a model, is none, is damaged, or too long.
pub fn read(file: impl Read + Seek) -> Result<OpenVino, Unreadable> {
    let mut file = BufReader::new(file);
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let head = file.fill_buf()?;
    if let Some(placeholder) = placeholder(head, size) {
        return Err(placeholder);
    }
    match signature::kind(head) {
        Some(kind) if kind != signature::XML => return Err(Unreadable::Other(kind.to_owned())),
        _ => {}
    }
    if size > LONGEST {
        return Err(Unreadable::TooLarge(format!("it has more than {} MiB", LONGEST / 1024 / 1024)));
    }
    let mut document = Document::default();
    let mut reader = Reader::from_reader(file.take(LONGEST));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => {
                document.begin(&tag)?;
            }
            Ok(Event::Empty(tag)) => {
                document.begin(&tag)?;
                document.end();
            }
            Ok(Event::End(_)) => document.end(),
            Ok(Event::Text(text)) => document.text(&text),
            Ok(Event::Eof) if document.depth > 0 => {
                return Err(Unreadable::Truncated("its elements do not end".to_owned()));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) if document.is_model => return Err(Unreadable::Malformed(error.to_string())),
            Err(_) => break,
        }
    }
    if document.is_model { document.into_model() } else { Err(Unreadable::Other("no OpenVINO model".to_owned())) }
}

/// What was found so far. Of a layer that has a model in it, such as a loop, that is not looked at.
#[derive(Default)]
struct Document {
    is_model: bool,
    version: Option<u32>,
    /// The elements around the next one.
    depth: usize,
    /// How many layers and names are kept.
    kept: usize,
    layer: Layer,
    port: Port,
    dim: String,
    /// The names of the outputs of layers, by layer and port.
    names: HashMap<(String, String), Vec<String>>,
    inputs: Vec<Tensor>,
    /// The results, with their layers.
    outputs: Vec<(String, Tensor)>,
    /// The layers of the results.
    results: HashSet<String>,
    /// Which output of a layer is a result.
    edges: HashMap<String, (String, String)>,
}

#[derive(Default)]
struct Layer {
    id: String,
    kind: String,
    /// The shape of a parameter, as it is written.
    shape: Option<String>,
    output_names: Vec<String>,
    is_in_output: bool,
}

#[derive(Default)]
struct Port {
    id: String,
    precision: String,
    names: Vec<String>,
    dims: Vec<i64>,
    /// Whether all dimensions could be read.
    is_intact: bool,
}

impl Document {
    /// Notes that an element begins.
    fn begin(&mut self, tag: &BytesStart) -> Result<(), Unreadable> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Unreadable::Malformed(format!("its elements are more than {DEPTH} deep")));
        }
        match (self.depth, tag.local_name().as_ref()) {
            (1, name) => {
                self.is_model = name == "net";
                self.version = attribute(tag, "version").and_then(|version| version.parse().ok());
            }
            (3, "layer") => {
                self.layer = Layer {
                    id: attribute(tag, "id").unwrap_or_default(),
                    kind: attribute(tag, "type").unwrap_or_default(),
                    output_names: attribute(tag, "output_names").map(|names| split(&names)).unwrap_or_default(),
                    ..Layer::default()
                };
                self.keep(self.layer.output_names.len())?;
            }
            (3, "edge") => self.edge(tag)?,
            (4, "data") => self.layer.shape = attribute(tag, "shape"),
            (4, name) => self.layer.is_in_output = name == "output",
            (5, "port") => {
                self.port = Port {
                    id: attribute(tag, "id").unwrap_or_default(),
                    precision: attribute(tag, "precision").unwrap_or_default(),
                    names: attribute(tag, "names").map(|names| split(&names)).unwrap_or_default(),
                    dims: Vec::new(),
                    is_intact: true,
                };
                // Of all ports, those with names are kept, and those of parameters and results.
                let is_end = matches!(self.layer.kind.as_str(), "Parameter" | "Result");
                self.keep(self.port.names.len() + usize::from(is_end))?;
            }
            (6, "dim") => self.dim.clear(),
            _ => {}
        }
        Ok(())
    }

    /// Notes that so many more layers or names are kept.
    fn keep(&mut self, more: usize) -> Result<(), Unreadable> {
        self.kept += more;
        if self.kept > MOST_NAMES { Err(Unreadable::TooLarge("it has too many layers".to_owned())) } else { Ok(()) }
    }

    /// Notes that the element at hand ends.
    fn end(&mut self) {
        match self.depth {
            5 => self.end_port(),
            6 => match self.dim.trim().parse() {
                Ok(dim) => self.port.dims.push(dim),
                Err(_) => self.port.is_intact = false,
            },
            _ => {}
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn text(&mut self, text: &str) {
        /// More than the digits of any dimension.
        const LONGEST_DIM: usize = 64;
        if self.depth == 6 && self.dim.len() + text.len() < LONGEST_DIM {
            self.dim.push_str(text);
        }
    }

    fn end_port(&mut self) {
        let Port { id, precision, names, dims, is_intact } = std::mem::take(&mut self.port);
        // Without dimensions it may be a scalar, or have any number of them.
        let is_known = !dims.is_empty() || self.layer.shape.as_deref() == Some("");
        let dims = (is_intact && is_known).then_some(dims);
        match (self.layer.kind.as_str(), self.layer.is_in_output) {
            ("Parameter", true) => self.inputs.push(Tensor { names, precision, dims }),
            ("Result", false) => {
                let names = std::mem::take(&mut self.layer.output_names);
                self.results.insert(self.layer.id.clone());
                self.outputs.push((self.layer.id.clone(), Tensor { names, precision, dims }));
            }
            (_, true) if !names.is_empty() => {
                self.names.insert((self.layer.id.clone(), id), names);
            }
            _ => {}
        }
    }

    fn edge(&mut self, tag: &BytesStart) -> Result<(), Unreadable> {
        let end = |name| attribute(tag, name).unwrap_or_default();
        let to = end("to-layer");
        if self.results.contains(&to) {
            self.keep(1)?;
            self.edges.insert(to, (end("from-layer"), end("from-port")));
        }
        Ok(())
    }

    fn into_model(self) -> Result<OpenVino, Unreadable> {
        let Self { version, inputs, outputs, names, edges, .. } = self;
        let mut copied = 0;
        let named = |(layer, mut tensor): (String, Tensor)| {
            let of_source: &[String] =
                edges.get(&layer).and_then(|source| names.get(source)).map_or(&[], Vec::as_slice);
            // Thousands of results may hang on one port with thousands of names.
            copied += of_source.iter().map(|name| 1 + name.len() as u64).sum::<u64>();
            if copied > LONGEST {
                return Err(Unreadable::TooLarge("its results have too many names".to_owned()));
            }
            let mut known: HashSet<String> = tensor.names.iter().cloned().collect();
            tensor.names.extend(of_source.iter().filter(|name| known.insert((*name).clone())).cloned());
            Ok(tensor)
        };
        let outputs = outputs.into_iter().map(named).collect::<Result<_, _>>()?;
        Ok(OpenVino { version, inputs, outputs })
    }
}

/// The value of an attribute; none if it is too long.
fn attribute(tag: &BytesStart, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()?.filter(|found| found.value.len() <= LONGEST_ATTRIBUTE)?;
    Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// The names in a list, where a comma in a name has a backslash before it.
fn split(names: &str) -> Vec<String> {
    let mut split = vec![String::new()];
    let mut characters = names.chars();
    while let Some(character) = characters.next() {
        match (character, split.last_mut()) {
            (',', _) => split.push(String::new()),
            ('\\', Some(name)) => name.extend(characters.next()),
            (other, Some(name)) => name.push(other),
            (_, None) => {}
        }
    }
    split
}
