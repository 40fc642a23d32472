//! Repositories of many models that hang together.

use std::path::{Path, PathBuf};

use tritonlint::engine::{Report, lint};
use tritonlint::model::{Workspace, report_touched};
use tritonlint::settings::Settings;

/// So many ensembles, each in the next, would be too much for any stack.
const DEEP: usize = 50_000;

fn workspace(configs: &[String]) -> Workspace {
    let paths: Vec<_> = (0..configs.len()).map(|at| format!("m{at:06}/config.pbtxt")).collect();
    let files = paths.iter().zip(configs).map(|(path, config)| (path.as_str(), config.as_bytes()));
    let mut workspace = Workspace::default();
    workspace.add_in_memory(Path::new("/models"), files);
    workspace
}

/// What is found on a thread with the stack that any has.
fn linted(configs: &[String]) -> Report {
    let workspace = workspace(configs);
    std::thread::spawn(move || lint(&workspace, &Settings::default())).join().expect("no panic")
}

fn count(report: &Report, rule: &str) -> usize {
    report.diagnostics.iter().filter(|found| found.rule.name == rule).count()
}

/// An ensemble that runs the model of a number.
fn ensemble(step: usize, rest: &str) -> String {
    format!(
        "platform: 'ensemble' max_batch_size: 0 {rest}\n\
         input {{ name: 'a' data_type: TYPE_FP32 dims: 1 }} output {{ name: 'b' data_type: TYPE_FP32 dims: 1 }}\n\
         ensemble_scheduling {{ step {{ model_name: 'm{step:06}' model_version: -1 \
         input_map {{ key: 'a' value: 'a' }} output_map {{ key: 'b' value: 'b' }} }} }}\n"
    )
}

/// Ensembles each of which runs the next one; the last runs a decoupled model.
fn chain(rest: &str) -> Vec<String> {
    let decoupled = "backend: 'python' max_batch_size: 0 model_transaction_policy { decoupled: true }\n\
                     input { name: 'a' data_type: TYPE_FP32 dims: 1 } output { name: 'b' data_type: TYPE_FP32 dims: 1 }";
    (1..DEEP).map(|at| ensemble(at, rest)).chain([decoupled.to_owned()]).collect()
}

#[test]
fn ensembles_nested_without_end() {
    // That the last model is decoupled is known in all of them.
    let report = linted(&chain("response_cache { enable: true }"));
    assert_eq!(count(&report, "unsupported-response-cache"), DEEP - 1);
    assert_eq!(count(&report, "circular-ensemble"), 0);
}

#[test]
fn a_circle_of_many_ensembles() {
    let configs: Vec<_> = (0..DEEP).map(|at| ensemble((at + 1) % DEEP, "")).collect();
    let report = linted(&configs);
    assert_eq!(count(&report, "circular-ensemble"), DEEP);
    let few: Vec<_> = (0..3).map(|at| ensemble((at + 1) % 3, "")).collect();
    let report = linted(&few);
    let told = report.diagnostics.iter().find(|found| found.rule.name == "circular-ensemble").expect("a circle");
    assert_eq!(told.message, "the ensemble contains itself: `m000000` runs `m000001` runs `m000002` runs `m000000`");
}

#[test]
fn a_change_below_many_ensembles() {
    let mut workspace = workspace(&chain(""));
    let file = PathBuf::from(format!("/models/m{:06}/1/model.py", DEEP - 1));
    report_touched(&mut workspace, &[file], Path::to_owned);
    assert!(workspace.repositories[0].models.iter().all(|model| model.is_reported));
}

#[test]
fn many_models_that_are_compared() {
    let cache = "backend: 'onnxruntime' optimization { execution_accelerators { gpu_execution_accelerator {\
                 name: 'tensorrt' parameters { key: 'trt_engine_cache_enable' value: 'true' }\
                 parameters { key: 'trt_engine_cache_path' value: '/cache/NUMBER' } } } }\n";
    let threads = "instance_group { kind: KIND_CPU }\
                   parameters { key: 'intra_op_thread_count' value { string_value: '1' } }";
    let config = |at: usize| cache.replace("NUMBER", &(at / 2).to_string()) + threads;
    let settings = Settings::from_toml("server.cpus = 1000").expect("settings");
    let workspace = workspace(&(0..10_000).map(config).collect::<Vec<_>>());
    let report = lint(&workspace, &settings);
    assert_eq!(count(&report, "shared-engine-cache"), 10_000);
    assert_eq!(count(&report, "oversubscribed-cpu"), 1);
}
