//! Makes a model repository for measurements: `make-repository FOLDER MODELS [SEED]`.
//!
//! Of ten models six run in ONNX Runtime, two in Python, one in TensorRT, and one is an ensemble of two
//! before it. Layouts vary as they do in real repositories: some models have several versions, labels, or
//! comments, some have no weights, and a few have a mistake.

#![allow(clippy::expect_used, clippy::print_stderr, missing_docs, reason = "a tool of developers stops with a reason")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use fastrand::Rng;

const PYTHON: &str = "import triton_python_backend_utils as pb_utils\n\n\nclass TritonPythonModel:\n    \
                      def execute(self, requests):\n        return [pb_utils.InferenceResponse([]) for _ in requests]\n";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(Ok(models))) = (arguments.next(), arguments.next().map(|count| count.parse())) else {
        eprintln!("usage: make-repository FOLDER MODELS [SEED]");
        std::process::exit(2);
    };
    let seed = arguments.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut rng = Rng::with_seed(seed);
    let mut before = Vec::new();
    for number in 0..models {
        before.truncate(number % 10);
        before.push(make(Path::new(&folder), number, &before, &mut rng));
    }
}

/// What ensembles need to know of a model.
struct Made {
    name: String,
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
}

#[derive(Clone)]
struct Tensor {
    name: &'static str,
    kind: &'static str,
    width: u32,
}

impl Tensor {
    fn new(name: &'static str, rng: &mut Rng) -> Self {
        Self { name, kind: ["TYPE_FP32", "TYPE_INT64", "TYPE_FP16"][rng.usize(0..3)], width: 1 << rng.u8(1..12) }
    }
}

/// Makes a model, `before` which others of the same ten were made.
fn make(root: &Path, number: usize, before: &[Made], rng: &mut Rng) -> Made {
    const TASKS: [&str; 5] = ["text_encoder", "image_classifier", "ranker", "asr_decoder", "detector"];
    let name = format!("{}_{number}", TASKS[number / 10 % TASKS.len()]);
    let mut named = |names: [&'static str; 3]| -> Vec<_> {
        names[..rng.usize(1..=3)].iter().map(|name| Tensor::new(name, rng)).collect()
    };
    let mut made =
        Made { name, inputs: named(["IDS", "MASK", "TYPES"]), outputs: named(["LOGITS", "POOLED", "HIDDEN"]) };
    let python = || Some(("model.py", PYTHON.as_bytes().to_vec()));
    let (config, file) = match (number % 10, before) {
        (0..6, _) => (served(&made, "onnxruntime", rng), Some(("model.onnx", onnx(&made)))),
        (6, [encoder, ..]) => {
            // The ensemble hands what the first model makes to this one.
            made.inputs = vec![Tensor { name: "IDS", ..encoder.outputs[0].clone() }];
            (served(&made, "python", rng), python())
        }
        (9, [encoder, .., ranker, _, _]) => (ensemble(&made.name, encoder, ranker), None),
        (8, _) => (served(&made, "tensorrt", rng), None),
        _ => (served(&made, "python", rng), python()),
    };
    let model = root.join(&made.name);
    let versions = if rng.u8(0..8) == 0 { 3 } else { 1 };
    for version in 1..=versions {
        let folder = model.join(version.to_string());
        fs::create_dir_all(&folder).expect("a folder");
        if let Some((name, contents)) = &file {
            fs::write(folder.join(name), contents).expect("a file");
        }
    }
    if config.contains("labels.txt") {
        fs::write(model.join("labels.txt"), "no\nyes\n").expect("a file");
    }
    fs::write(model.join("config.pbtxt"), config).expect("a file");
    made
}

/// The config of a model that a back-end runs.
fn served(made: &Made, backend: &str, rng: &mut Rng) -> String {
    let mut text = String::new();
    if rng.bool() {
        text.push_str("# Exported by the training job; see the model card for how it was evaluated.\n");
    }
    let field = if rng.u8(..) == 0 { "max_batchsize" } else { "max_batch_size" };
    let batch = 1 << rng.u8(3..7);
    let _ = write!(text, "name: \"{}\"\nbackend: \"{backend}\"\n{field}: {batch}\n\n", made.name);
    tensors(&mut text, "input", &made.inputs, "");
    let label = if rng.u8(0..6) == 0 { "    label_filename: \"labels.txt\"\n" } else { "" };
    tensors(&mut text, "output", &made.outputs, label);
    let kind = if backend == "python" { "KIND_CPU" } else { "KIND_AUTO" };
    let _ = write!(text, "instance_group [\n  {{\n    count: {}\n    kind: {kind}\n  }}\n]\n", rng.u8(1..3));
    if rng.bool() {
        let delay = rng.u32(1..50) * 100;
        let _ = write!(
            text,
            "dynamic_batching {{\n  preferred_batch_size: [ 4, 8 ]\n  max_queue_delay_microseconds: {delay}\n}}\n"
        );
    }
    if backend == "onnxruntime" {
        text.push_str("parameters { key: \"intra_op_thread_count\" value: { string_value: \"2\" } }\n");
    }
    text
}

fn tensors(text: &mut String, field: &str, tensors: &[Tensor], label: &str) {
    let _ = writeln!(text, "{field} [");
    for (at, Tensor { name, kind, width }) in tensors.iter().enumerate() {
        let comma = if at + 1 < tensors.len() { "," } else { "" };
        let _ = write!(
            text,
            "  {{\n    name: \"{name}\"\n    data_type: {kind}\n    dims: [ -1, {width} ]\n{label}  }}{comma}\n"
        );
    }
    text.push_str("]\n\n");
}

/// An ONNX model with the inputs and outputs of a config, and nothing between them: `ModelProto` of `onnx.proto`.
fn onnx(made: &Made) -> Vec<u8> {
    let message = |number: u8, parts: &[Vec<u8>]| bytes(number, &parts.concat());
    let tensor = |field: u8, tensor: &Tensor| {
        let element = match tensor.kind {
            "TYPE_FP32" => 1,
            "TYPE_INT64" => 7,
            _ => 10,
        };
        let dim = |number: u8, value: Vec<u8>| message(1, &[[vec![number << 3], value].concat()]);
        let open = |name: &str| message(1, &[bytes(2, name.as_bytes())]);
        let shape = message(2, &[open("batch"), open("length"), dim(1, varint(tensor.width.into()))]);
        let tensor_type = message(1, &[vec![1 << 3, element], shape]);
        message(field, &[bytes(1, tensor.name.as_bytes()), message(2, &[tensor_type])])
    };
    let inputs = made.inputs.iter().map(|input| tensor(11, input));
    let outputs = made.outputs.iter().map(|output| tensor(12, output));
    let graph: Vec<_> = std::iter::once(bytes(2, b"graph")).chain(inputs).chain(outputs).collect();
    [vec![1 << 3, 8], message(7, &graph), message(8, &[vec![2 << 3, 17]])].concat()
}

/// A field of protobuf's wire format that holds bytes or a message.
fn bytes(number: u8, contents: &[u8]) -> Vec<u8> {
    [vec![number << 3 | 2], varint(contents.len() as u64), contents.to_vec()].concat()
}

fn varint(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_varint(value, &mut bytes);
    bytes
}

/// The config of an ensemble of two models.
fn ensemble(name: &str, first: &Made, second: &Made) -> String {
    let mut text = format!("name: \"{name}\"\nplatform: \"ensemble\"\nmax_batch_size: 8\n");
    tensors(&mut text, "input", &first.inputs, "");
    tensors(&mut text, "output", &second.outputs, "");
    let maps = |field: &str, tensors: &[Tensor]| {
        let map = |Tensor { name, .. }: &Tensor| format!("      {field} {{ key: \"{name}\" value: \"{name}\" }}\n");
        tensors.iter().map(map).collect::<String>()
    };
    let step = |model: &Made, maps: &str| {
        format!("    {{\n      model_name: \"{}\"\n      model_version: -1\n{maps}    }}", model.name)
    };
    let features = first.outputs[0].name;
    let _ = write!(
        text,
        "ensemble_scheduling {{\n  step [\n{},\n{}\n  ]\n}}\n",
        step(
            first,
            &format!(
                "{}      output_map {{ key: \"{features}\" value: \"FEATURES\" }}\n",
                maps("input_map", &first.inputs)
            )
        ),
        step(
            second,
            &format!(
                "      input_map {{ key: \"{}\" value: \"FEATURES\" }}\n{}",
                second.inputs[0].name,
                maps("output_map", &second.outputs)
            )
        ),
    );
    text
}
