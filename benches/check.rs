//! How long parsing and checking take, in memory: `cargo bench`.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tritonlint::engine::lint;
use tritonlint::model::Workspace;
use tritonlint::schema::read_config;
use tritonlint::settings::Settings;
use tritonlint::syntax::Tree;

/// A config of the usual size and layout, about one kilobyte.
fn config(name: &str) -> String {
    let mut text =
        format!("# Made by the training job.\nname: \"{name}\"\nplatform: \"onnxruntime_onnx\"\nmax_batch_size: 8\n");
    for (field, tensors) in [("input", ["IDS", "MASK", "TYPES"]), ("output", ["LOGITS", "POOLED", "HIDDEN"])] {
        let _ = writeln!(text, "{field} [");
        for (number, tensor) in tensors.into_iter().enumerate() {
            let separator = if number == 2 { "" } else { "," };
            let _ = writeln!(
                text,
                "  {{\n    name: \"{tensor}\"\n    data_type: TYPE_FP32\n    dims: [ -1, 768 ]\n  }}{separator}"
            );
        }
        text.push_str("]\n");
    }
    text + "instance_group [ { count: 2 kind: KIND_GPU gpus: [ 0, 1 ] } ]\n\
            dynamic_batching {\n  preferred_batch_size: [ 4, 8 ]\n  max_queue_delay_microseconds: 100\n}\n\
            parameters { key: \"intra_op_thread_count\" value { string_value: \"2\" } }\n"
}

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    let small = config("model").into_bytes();
    let mut large = String::new();
    for number in 0..10_000 {
        let _ = writeln!(large, "metric_tags {{ key: \"{number}\" value: \"x\" }} # tag");
    }
    for (name, bytes) in [("one config", small), ("one large config", large.into_bytes())] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group
            .bench_function(format!("{name}: tree"), |bencher| bencher.iter(|| Tree::parse(black_box(&bytes).clone())));
        let tree = Tree::parse(bytes);
        group.bench_function(format!("{name}: typed"), |bencher| bencher.iter(|| read_config(black_box(&tree))));
    }
}

fn check(criterion: &mut Criterion) {
    let files: Vec<_> = (0..1000)
        .map(|number| format!("model_{number}"))
        .map(|name| (format!("{name}/config.pbtxt"), config(&name)))
        .collect();
    let mut workspace = Workspace::default();
    workspace.add_in_memory(Path::new("models"), files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())));
    let settings = Settings::default();
    criterion.bench_function("check 1,000 models", |bencher| bencher.iter(|| lint(black_box(&workspace), &settings)));
}

criterion_group!(benches, parse, check);
criterion_main!(benches);
