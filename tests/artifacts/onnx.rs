use std::collections::BTreeSet;
use std::io::{Cursor, Read, Result, Seek, SeekFrom};
use std::path::Path;

use proptest::prelude::*;
use prost::encoding::encode_varint;
use serde_json::{Value as Json, json};
use tritonlint::artifact::Unreadable;
use tritonlint::artifact::onnx::{Dim, Element, Onnx, Value, ValueKind, read};
use tritonlint::engine::lint;
use tritonlint::model::Workspace;
use tritonlint::rule::Level;
use tritonlint::schema::vocabulary::DataType;
use tritonlint::settings::Settings;

use super::{damaged, files, folder};

fn model(name: &str) -> Onnx {
    let bytes = std::fs::read(folder("onnx").join(name)).expect("it is there");
    read(Cursor::new(bytes)).expect("it reads")
}

#[test]
fn what_it_says_is_what_onnx_says() {
    for path in files(&folder("onnx"), ".expected.json") {
        let name = path.to_string_lossy().replace(".expected.json", ".onnx");
        let expected: Json = serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("JSON");
        assert_eq!(describe(&model(&name)), expected, "{name}");
    }
}

#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn the_models_are_what_their_script_makes() {
    super::check_made(&folder("onnx").join("make.py"));
}

/// The models, linted as a server with that version of ONNX Runtime would load them: what it refuses has an error,
/// and what it loads has none.
#[test]
fn what_onnx_runtime_refuses_has_an_error() {
    /// Placeholders, of which rules say nothing; and types that this version does not know yet, which only matter
    /// to the rules once a config declares them.
    const SILENT: [&str; 3] = ["empty.onnx", "lfs_pointer.onnx", "elements.onnx"];
    let said = std::fs::read(folder("onnx").join("runtime.json")).expect("it is there");
    let said: Json = serde_json::from_slice(&said).expect("JSON");
    assert_eq!(said["version"], "1.23.2");
    let settings = Settings::from_toml("server.version = '25.11'\nrepository.complete = 'yes'").expect("settings");
    for (name, message) in said["models"].as_object().expect("an object") {
        let bytes = std::fs::read(folder("onnx").join(name)).expect("it is there");
        let mut workspace = Workspace::default();
        let files = [("m/config.pbtxt", b"backend: 'onnxruntime'".as_slice()), ("m/1/model.onnx", &bytes)];
        workspace.add_in_memory(Path::new("models"), files);
        let report = lint(&workspace, &settings);
        let errors: Vec<_> = report.diagnostics.iter().filter(|found| found.level == Level::Error).collect();
        let is_refused = !message.is_null() && !SILENT.contains(&name.as_str());
        assert_eq!(!errors.is_empty(), is_refused, "{name}: {message} {errors:?}");
    }
}

#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn onnx_runtime_still_says_so() {
    super::check_made(&folder("onnx").join("runtime.py"));
}

fn describe(onnx: &Onnx) -> Json {
    let values = |values: &[Value]| values.iter().map(describe_value).collect::<Vec<_>>();
    json!({
        "ir_version": onnx.ir_version,
        "producer": [onnx.producer_name, onnx.producer_version],
        "opset_imports": onnx.opset_imports,
        "inputs": values(&onnx.inputs),
        "overridable_initializers": values(&onnx.overridable_initializers),
        "outputs": values(&onnx.outputs),
        "foreign_operators": onnx.foreign_operators,
        "convolves": onnx.convolves,
        "external_data": onnx.external_data,
        "metadata": onnx.metadata,
    })
}

fn describe_value(value: &Value) -> Json {
    let kind = match &value.kind {
        ValueKind::Tensor(_) => Some("tensor_type"),
        ValueKind::SparseTensor => Some("sparse_tensor_type"),
        ValueKind::Sequence => Some("sequence_type"),
        ValueKind::Map => Some("map_type"),
        ValueKind::Optional => Some("optional_type"),
        ValueKind::Opaque => Some("opaque_type"),
        ValueKind::Unknown => None,
    };
    let mut described = json!({ "name": value.name, "kind": kind });
    if let Some(tensor) = value.tensor() {
        described["element"] = json!(tensor.element.name());
        described["dims"] = json!(tensor.dims.as_ref().map(|dims| dims.iter().map(describe_dim).collect::<Vec<_>>()));
    }
    described
}

fn describe_dim(dim: &Dim) -> Json {
    match dim {
        Dim::Fixed(length) => json!(length),
        Dim::Symbolic(name) => json!(name),
        Dim::Unknown => Json::Null,
    }
}

#[test]
fn types_are_the_back_ends() {
    let elements = model("elements.onnx");
    let served = |value: &Value| Some((value.name.clone(), value.tensor()?.element.data_type()?));
    let served: Vec<_> = elements.inputs.iter().filter_map(served).collect();
    let expected = [
        ("float", DataType::Fp32),
        ("uint8", DataType::Uint8),
        ("int8", DataType::Int8),
        ("uint16", DataType::Uint16),
        ("int16", DataType::Int16),
        ("int32", DataType::Int32),
        ("int64", DataType::Int64),
        ("string", DataType::String),
        ("bool", DataType::Bool),
        ("float16", DataType::Fp16),
        ("double", DataType::Fp64),
        ("uint32", DataType::Uint32),
        ("uint64", DataType::Uint64),
        ("bfloat16", DataType::Bf16),
    ];
    assert_eq!(served, expected.map(|(name, of)| (name.to_owned(), of)));
    assert_eq!(elements.inputs.len(), 28, "types that the back-end does not serve are there, too");
    assert_eq!((Element(99).name(), Element(99).data_type()), (None, None));
    assert_eq!((Element(-1).name(), Element(-1).data_type()), (None, None));
}

#[test]
fn batching_needs_an_open_first_dimension_everywhere() {
    assert_eq!(model("symbolic_batch.onnx").supports_batching(), Some(true));
    assert_eq!(model("fixed_batch.onnx").supports_batching(), Some(false));
    assert_eq!(model("shapes.onnx").supports_batching(), Some(false));
    assert_eq!(model("not_tensors.onnx").supports_batching(), None);
}

#[test]
fn dims_are_as_in_a_config() {
    let shapes = model("shapes.onnx");
    let dims = |name: &str| shapes.input(name).expect("there is one").tensor().expect("a tensor").triton_dims();
    assert_eq!(dims("scalar"), Some(vec![]));
    assert_eq!(dims("any"), None);
    assert_eq!(dims("unknown"), Some(vec![-1, 2]));
    assert_eq!(dims("empty"), Some(vec![0]));
    assert_eq!(dims("negative"), Some(vec![-1, 3]));
    assert!(shapes.output("scalar_out").is_some() && shapes.output("scalar").is_none());
}

#[test]
fn weights_may_be_in_other_files() {
    let onnx = model("external_data.onnx");
    let beside: Vec<_> = onnx.files_beside().collect();
    assert_eq!(beside, [("constant.bin", 24), ("folder/deep.bin", 16), ("weights.bin", 4112), ("whole.bin", 0)]);
    assert_eq!(onnx.files_elsewhere().collect::<Vec<_>>(), ["../up.bin", "/etc/passwd"]);
}

#[test]
fn operators_of_onnx_runtime_are_not_custom() {
    let onnx = model("custom_operators.onnx");
    let custom: BTreeSet<_> = onnx.custom_operators().map(|(domain, _)| domain).collect();
    assert_eq!(custom, BTreeSet::from(["example", "example.deep", "example.local", "example.within"]));
}

#[test]
fn what_is_no_model_is_named() {
    let of = |name: &str| {
        let bytes = std::fs::read(folder("onnx").join(name)).expect("it is there");
        error(bytes).to_string()
    };
    assert_eq!(of("empty.onnx"), "the file is empty");
    assert_eq!(of("lfs_pointer.onnx"), "the file is a Git LFS pointer; the model itself was not fetched");
    assert_eq!(of("truncated.onnx"), "the file is cut off: a field is longer than what it is in, and the file ends");
    assert_eq!(of("zip.onnx"), "the file is a zip archive");
    assert_eq!(of("text.onnx"), "the file is no ONNX model");
    assert_eq!(of("web_page.onnx"), "the file is a web page");
    assert_eq!(of("no_graph.onnx"), "the file is no ONNX model");
}

// ---- Files of ill will -----------------------------------------------------------------------------

/// A field of bytes.
fn field(number: u64, contents: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_varint(number << 3 | 2, &mut bytes);
    encode_varint(contents.len() as u64, &mut bytes);
    bytes.extend_from_slice(contents);
    bytes
}

/// A model with that graph.
fn with_graph(graph: &[u8]) -> Vec<u8> {
    [&[0x08, 9][..], &field(7, graph)].concat()
}

fn error(bytes: Vec<u8>) -> Unreadable {
    read(Cursor::new(bytes)).map(|_| ()).expect_err("it is refused")
}

#[test]
fn lengths_beyond_the_file_are_refused() {
    let mut beyond = vec![0x08, 9, 7 << 3 | 2];
    encode_varint(u64::MAX, &mut beyond);
    assert!(matches!(error(beyond), Unreadable::Truncated(_)));
    // Of a node, more than of the graph that it is in, in a file that goes on.
    let graph = [1 << 3 | 2, 100];
    let bytes = [with_graph(&graph), field(6, &[0; 200])].concat();
    assert!(matches!(error(bytes), Unreadable::Malformed(_)));
}

#[test]
fn graphs_in_graphs_are_bounded() {
    let nested = |times: usize| {
        let mut graph = Vec::new();
        for _ in 0..times {
            graph = field(1, &field(5, &field(6, &graph)));
        }
        with_graph(&graph)
    };
    // The model, then a graph, a node and an attribute each.
    assert!(read(Cursor::new(nested(32))).is_ok());
    assert!(matches!(error(nested(40)), Unreadable::Malformed(_)));
    assert!(matches!(error(nested(20_000)), Unreadable::Malformed(_)));
    let groups = [vec![0x08, 9], vec![0x0b; 1_000_000]].concat();
    assert!(matches!(error(groups), Unreadable::Malformed(_)));
}

#[test]
fn groups_are_skipped() {
    let group = [9 << 3 | 3, 7 << 3 | 2, 0, 9 << 3 | 4];
    assert_eq!(error([&[0x08, 9][..], &group].concat()), Unreadable::Other("no ONNX model".to_owned()));
    assert!(read(Cursor::new([with_graph(&[]), group.to_vec()].concat())).is_ok());
    assert!(matches!(error([&[0x08, 9][..], &group[..3]].concat()), Unreadable::Truncated(_)));
    assert!(matches!(error([&[0x08, 9][..], &group[3..]].concat()), Unreadable::Malformed(_)));
}

#[test]
fn millions_of_parts_are_too_many() {
    let nodes = field(1, &[]).repeat(10_000_000);
    assert!(matches!(error(with_graph(&nodes)), Unreadable::TooLarge(_)));
    let inputs = field(11, &[]).repeat(1_000_000);
    assert!(matches!(error(with_graph(&inputs)), Unreadable::TooLarge(_)));
    let dims = field(11, &field(2, &field(1, &field(2, &field(1, &[]).repeat(500_000)))));
    assert!(matches!(error(with_graph(&dims)), Unreadable::TooLarge(_)));
    let domains: Vec<u8> = (0..400_000).flat_map(|at: u64| field(1, &field(7, &at.to_le_bytes()))).collect();
    assert!(matches!(error(with_graph(&domains)), Unreadable::TooLarge(_)));
}

/// A model of which most is weights, none of which are in memory.
struct Virtual {
    begin: Vec<u8>,
    weights: u64,
    end: Vec<u8>,
    at: u64,
    fetched: u64,
}

impl Read for Virtual {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let begin = self.begin.len() as u64;
        let mut count = 0;
        for byte in buffer {
            *byte = if self.at < begin {
                self.begin[usize::try_from(self.at).expect("small")]
            } else if self.at < begin + self.weights {
                0
            } else {
                let at = usize::try_from(self.at - begin - self.weights).expect("small");
                let Some(&byte) = self.end.get(at) else { break };
                byte
            };
            self.at += 1;
            count += 1;
        }
        self.fetched += count as u64;
        Ok(count)
    }
}

impl Seek for Virtual {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(0) => self.begin.len() as u64 + self.weights + self.end.len() as u64,
            SeekFrom::End(_) | SeekFrom::Current(_) => unimplemented!("the reader has no use for it"),
        };
        Ok(self.at)
    }
}

#[test]
fn weights_are_not_fetched() {
    let weights = 40 << 30;
    let name = field(8, b"w");
    let output = field(12, &field(1, b"y"));
    // The tensor's name comes after its bytes.
    let mut tensor = vec![9 << 3 | 2];
    encode_varint(weights, &mut tensor);
    let tensor_length = (tensor.len() + name.len()) as u64 + weights;
    let mut graph = vec![5 << 3 | 2];
    encode_varint(tensor_length, &mut graph);
    let graph_length = (graph.len() + output.len()) as u64 + tensor_length;
    let mut begin = vec![0x08, 9, 7 << 3 | 2];
    encode_varint(graph_length, &mut begin);
    let begin = [begin, graph, tensor].concat();
    let mut file = Virtual { begin, weights, end: [name, output].concat(), at: 0, fetched: 0 };
    let onnx = read(&mut file).expect("it reads");
    assert!(onnx.output("y").is_some());
    assert!(file.fetched < 64 * 1024, "{} bytes were fetched", file.fetched);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Whatever happens to a model, reading it neither panics nor finds more than there is.
    #[test]
    fn any_bytes_are_read(bytes in damaged("onnx", ".onnx")) {
        let size = bytes.len();
        if let Ok(onnx) = read(Cursor::new(bytes)) {
            prop_assert!(onnx.inputs.len() + onnx.outputs.len() <= size);
        }
    }
}
