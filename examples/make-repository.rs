//! Makes a model repository for measurements: `make-repository FOLDER MODELS [SEED]`.
//!
//! Of ten models six run in ONNX Runtime, two in Python, one in TensorRT, and one is an ensemble of those
//! before it. Layouts vary as they do in real repositories: some models have several versions, labels, or
//! comments, some have no weights, and one in fifty has a mistake.

#![allow(clippy::expect_used, clippy::print_stderr, missing_docs, reason = "a tool of developers stops with a reason")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use fastrand::Rng;

const ONNX: &[u8] = include_bytes!("../testdata/artifacts/onnx/bare.onnx");
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
    for number in 0..models {
        make(Path::new(&folder), number, &mut rng);
    }
}

fn make(root: &Path, number: usize, rng: &mut Rng) {
    let name = name_of(number);
    let model = root.join(&name);
    let (config, file) = match number % 10 {
        0..6 => (served(&name, "onnxruntime", "KIND_GPU", rng), Some(("model.onnx", ONNX))),
        6 | 7 => (served(&name, "python", "KIND_CPU", rng), Some(("model.py", PYTHON.as_bytes()))),
        8 => (served(&name, "tensorrt", "KIND_GPU", rng), None),
        _ => (ensemble(&name, number), None),
    };
    let versions = if rng.u8(0..8) == 0 { 3 } else { 1 };
    for version in 1..=versions {
        let folder = model.join(version.to_string());
        fs::create_dir_all(&folder).expect("a folder");
        if let Some((name, contents)) = file {
            fs::write(folder.join(name), contents).expect("a file");
        }
    }
    if config.contains("labels.txt") {
        fs::write(model.join("labels.txt"), "no\nyes\n").expect("a file");
    }
    fs::write(model.join("config.pbtxt"), config).expect("a file");
}

fn name_of(number: usize) -> String {
    const TASKS: [&str; 5] = ["text_encoder", "image_classifier", "ranker", "asr_decoder", "detector"];
    format!("{}_{number}", TASKS[number / 10 % TASKS.len()])
}

/// A model that a back-end runs.
fn served(name: &str, backend: &str, kind: &str, rng: &mut Rng) -> String {
    let mut text = String::new();
    if rng.bool() {
        text.push_str("# Exported by the training job; see the model card for how it was evaluated.\n");
    }
    let field = if rng.u8(0..50) == 0 { "max_batchsize" } else { "max_batch_size" };
    let _ = write!(text, "name: \"{name}\"\nbackend: \"{backend}\"\n{field}: {}\n\n", 1 << rng.u8(0..7));
    tensors(&mut text, "input", &["IDS", "MASK", "TYPES"][..rng.usize(1..=3)], "", rng);
    let label = if rng.u8(0..6) == 0 { "    label_filename: \"labels.txt\"\n" } else { "" };
    tensors(&mut text, "output", &["LOGITS", "POOLED", "HIDDEN"][..rng.usize(1..=3)], label, rng);
    let _ = write!(text, "instance_group [\n  {{\n    count: {}\n    kind: {kind}\n  }}\n]\n", rng.u8(1..4));
    if rng.bool() {
        let delay = rng.u32(1..50) * 100;
        let _ = write!(
            text,
            "dynamic_batching {{\n  preferred_batch_size: [ 1 ]\n  max_queue_delay_microseconds: {delay}\n}}\n"
        );
    }
    if backend == "onnxruntime" {
        text.push_str("parameters { key: \"intra_op_thread_count\" value: { string_value: \"2\" } }\n");
    }
    text
}

fn tensors(text: &mut String, field: &str, names: &[&str], label: &str, rng: &mut Rng) {
    let _ = writeln!(text, "{field} [");
    for (at, name) in names.iter().enumerate() {
        let kind = ["TYPE_FP32", "TYPE_INT64", "TYPE_FP16"][rng.usize(0..3)];
        let width = 1_u32 << rng.u8(1..12);
        let comma = if at + 1 < names.len() { "," } else { "" };
        let _ = write!(
            text,
            "  {{\n    name: \"{name}\"\n    data_type: {kind}\n    dims: [ -1, {width} ]\n{label}  }}{comma}\n"
        );
    }
    text.push_str("]\n\n");
}

/// An ensemble of two models of the same ten.
fn ensemble(name: &str, number: usize) -> String {
    let step = |model: String, from: &str, to: &str| {
        format!(
            "    {{\n      model_name: \"{model}\"\n      model_version: -1\n      \
             input_map {{ key: \"IDS\" value: \"{from}\" }}\n      output_map {{ key: \"LOGITS\" value: \"{to}\" }}\n    }}"
        )
    };
    format!(
        "name: \"{name}\"\nplatform: \"ensemble\"\nmax_batch_size: 1\n\
         input [ {{ name: \"RAW\" data_type: TYPE_FP32 dims: [ -1, 16 ] }} ]\n\
         output [ {{ name: \"SCORES\" data_type: TYPE_FP32 dims: [ -1, 16 ] }} ]\n\
         ensemble_scheduling {{\n  step [\n{},\n{}\n  ]\n}}\n",
        step(name_of(number - 3), "RAW", "FEATURES"),
        step(name_of(number - 9), "FEATURES", "SCORES"),
    )
}
