//! The probe with helpers that are no helper: what a model can do to its process, and what installations can
//! lack. And with `TRITONLINT_PROBE` set to a real helper, the models of `testdata/probe`.

#![cfg(unix)]
#![allow(clippy::expect_used, missing_docs, reason = "a test says why it fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// What every helper here begins with: `say` sends a reply, `calls` is the list of calls.
const PRELUDE: &str = r#"#!/bin/sh
read -r request
token=${request#*'"token":"'}
token=${token%%'"'*}
calls=${request#*'"calls":['}
calls=${calls%%]*}
say() { printf '\n%s %s\n' "$token" "$1"; }
ready() { say '{"reply":"ready","protocol":1,"libtorch":"9.9","switches_executor":false,"confinement":"files_and_network"}'; say '{"reply":"loaded"}'; }
right() { say '{"reply":"called","micros":5,"outputs":[{"element":"FP32","shape":[1],"values":[1.5],"magnitude":1.5,"digest":null}]}'; }
is_optimized() { case $request in *'"optimized":true'*) true ;; *) false ;; esac; }
all_right() { ready; IFS=,; for call in $calls; do right; done; say '{"reply":"done"}'; }
"#;

/// A repository with one model whose lengths vary, and a helper that does this with it.
struct Case {
    folder: TempDir,
}

impl Case {
    fn new(helper: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let model = folder.path().join("models/recognizer");
        fs::create_dir_all(model.join("1")).expect("a folder");
        fs::write(model.join("1/model.pt"), "weights").expect("it is written");
        let config = "backend: \"pytorch\"\ninput [ { name: \"AUDIO\" data_type: TYPE_FP32 dims: [ -1 ] } ]\n\
                      output [ { name: \"TEXT\" data_type: TYPE_FP32 dims: [ -1 ] } ]\n\
                      instance_group [ { kind: KIND_CPU } ]\n";
        fs::write(model.join("config.pbtxt"), config).expect("it is written");
        let program = folder.path().join("helper");
        fs::write(&program, format!("{PRELUDE}{helper}\n")).expect("it is written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is a program");
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let helper = self.folder.path().join("helper");
        let mut command = tritonlint(self.folder.path());
        command.args(arguments).arg("--probe-helper").arg(helper);
        command.output().expect("it runs")
    }

    /// What `tritonlint probe` prints, and its exit status.
    fn probe(&self, arguments: &[&str]) -> (String, i32) {
        let output = self.run(&[&["probe", "models/recognizer"], arguments].concat());
        let text = [output.stdout, output.stderr].concat();
        (String::from_utf8(text).expect("text"), output.status.code().expect("a status"))
    }

    fn config(&self) -> String {
        fs::read_to_string(self.folder.path().join("models/recognizer/config.pbtxt")).expect("the config")
    }
}

fn tritonlint(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    command.current_dir(folder).env_remove("LIBTORCH").env_remove("VIRTUAL_ENV").env_remove("CONDA_PREFIX");
    command
}

#[track_caller]
fn assert_probe(helper: &str, status: i32, parts: &[&str]) {
    assert_probe_with(&[], helper, status, parts);
}

#[track_caller]
fn assert_probe_with(arguments: &[&str], helper: &str, status: i32, parts: &[&str]) {
    let (text, found) = Case::new(helper).probe(arguments);
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert_eq!(found, status, "{text}");
}

#[test]
fn a_model_that_is_right() {
    assert_probe("all_right", 0, &["recognizer: not reproduced", "CPU, libtorch 9.9"]);
}

#[test]
fn a_crash_is_a_result() {
    let crash = "is_optimized || { all_right; exit; }\nready; right; right; kill -SEGV $$";
    assert_probe(
        crash,
        1,
        &[
            "recognizer: confirmed",
            "call 3",
            "crash (signal 11, segmentation fault)",
            "DISABLE_OPTIMIZED_EXECUTION true",
        ],
    );
    assert_probe("ready; kill -ABRT $$", 1, &["recognizer: other cause", "crash (signal 6, abort)"]);
}

#[test]
fn a_hang_is_a_result() {
    // Each hang costs the time that the helper is given, so only the first variant has one.
    let hang = "case $request in *'\"optimized\":true,\"tensor_fuser\":null,\"profiling\":null'*) ;; *) all_right; exit ;; esac\n\
                ready; right; while :; do :; done";
    assert_probe_with(&["--probe-timeout", "3"], hang, 1, &["confirmed", "call 2", "hang"]);
    assert_probe_with(&["--probe-timeout", "3"], "while :; do :; done", 2, &["does not answer"]);
}

#[test]
fn too_little_memory_is_a_result() {
    let full = "ready; IFS=,; for call in $calls; do say '{\"reply\":\"failed\",\"micros\":1,\"error\":\"DefaultCPUAllocator: \
                can'\\''t allocate memory: you tried to allocate 40000000000 bytes.\"}'; done; say '{\"reply\":\"done\"}'";
    assert_probe(full, 1, &["other cause", "out of memory"]);
}

#[test]
fn what_a_model_prints_is_no_reply() {
    let prints = "ready; IFS=,; for call in $calls; do printf 'half a line'; right; echo '{\"reply\":\"done\"}'; \
                  printf '\\377\\000 noise\\n'; done; say '{\"reply\":\"done\"}'";
    assert_probe(prints, 0, &["not reproduced"]);
}

#[test]
fn an_end_without_a_word_is_a_crash() {
    assert_probe("ready; right; exit 0", 1, &["other cause", "crash"]);
}

#[test]
fn a_model_that_does_not_load() {
    let fails = "ready_only() { say '{\"reply\":\"ready\",\"protocol\":1,\"libtorch\":\"9.9\",\"switches_executor\":false,\
                 \"confinement\":\"none\"}'; }\nready_only; say '{\"reply\":\"load_failed\",\"error\":\"Unknown builtin op: a::b\"}'";
    assert_probe(fails, 2, &["inconclusive", "does not load with libtorch 9.9", "a::b"]);
}

#[test]
fn installations_can_lack_something() {
    let lacks = "echo 'helper: error while loading shared libraries: libtorch_cpu.so: cannot open' >&2; exit 127";
    assert_probe(lacks, 2, &["does not find its libtorch", "setup-libtorch"]);
    assert_probe("echo 'Illegal hardware' >&2; exit 3", 2, &["does not start", "Illegal hardware"]);
    assert_probe(
        "say '{\"reply\":\"ready\",\"protocol\":99,\"libtorch\":\"9.9\",\"switches_executor\":false,\"confinement\":\"none\"}'",
        2,
        &["version 99"],
    );
    let case = Case::new("");
    let output = tritonlint(case.folder.path()).args(["probe", "models"]).env("PATH", "").output().expect("it runs");
    let installed = Path::new(env!("CARGO_BIN_EXE_tritonlint")).with_file_name("tritonlint-probe").exists();
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(installed || text.contains("cargo install tritonlint --features probe"), "{text}");
}

#[test]
fn secrets_of_the_environment_stay_here() {
    let tells = "all_right; env >&2; [ -z \"$SECRET\" ] || kill -SEGV $$";
    let case = Case::new(tells);
    let mut command = tritonlint(case.folder.path());
    command.args(["probe", "models", "--probe-helper"]).arg(case.folder.path().join("helper")).env("SECRET", "x");
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn check_raises_what_is_confirmed_and_fixes_it() {
    let case = Case::new("is_optimized || { all_right; exit; }\nready; right; right; kill -SEGV $$");
    let unprobed = tritonlint(case.folder.path()).args(["check", "models", "--fix"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&unprobed.stdout).contains("1 warning"));
    assert!(!case.config().contains("DISABLE_OPTIMIZED_EXECUTION"), "an unproved fix is not safe");
    let checked = case.run(&["check", "models", "--probe", "--output-format", "concise"]);
    let text = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(text.contains("error") && text.contains("1 error"), "{text}");
    let fixed = case.run(&["check", "models", "--probe", "--fix"]);
    assert_eq!(fixed.status.code(), Some(0), "{}", String::from_utf8_lossy(&fixed.stdout));
    assert!(case.config().contains("key: \"DISABLE_OPTIMIZED_EXECUTION\""), "{}", case.config());
}

#[test]
fn check_lowers_what_is_not_reproduced_and_fixes_nothing() {
    let case = Case::new("all_right");
    let fixed = case.run(&["check", "models", "--probe", "--fix", "--output-format", "json"]);
    let text = String::from_utf8_lossy(&fixed.stdout).into_owned();
    assert!(text.contains("\"level\": \"info\"") && text.contains("the probe: not reproduced"), "{text}");
    assert!(!case.config().contains("DISABLE_OPTIMIZED_EXECUTION"));
}

#[test]
fn check_offers_no_parameter_that_does_not_help() {
    let fails = "case $request in *each_call*) all_right; exit ;; esac\nready; right; IFS=,; set -- $calls; shift; for call; do \
                 say '{\"reply\":\"failed\",\"micros\":1,\"error\":\"RuntimeError: sizes\"}'; done; say '{\"reply\":\"done\"}'";
    let case = Case::new(fails);
    let fixed = case.run(&["check", "models", "--probe", "--fix", "--unsafe-fixes"]);
    let text = String::from_utf8_lossy(&fixed.stdout).into_owned();
    assert!(text.contains("the probe: other cause") && text.contains("1 warning"), "{text}");
    assert!(!case.config().contains("DISABLE_OPTIMIZED_EXECUTION"));
}

#[test]
fn check_reports_all_the_same_without_a_helper() {
    let case = Case::new("exit 127");
    let checked = case.run(&["check", "models", "--probe"]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("1 warning"));
    assert!(String::from_utf8_lossy(&checked.stderr).contains("does not start"));
    assert_eq!(checked.status.code(), Some(2));
}

#[test]
fn a_setting_of_the_repository_does_not_run_models() {
    let case = Case::new("touch \"$0.ran\"; all_right");
    fs::write(case.folder.path().join("models/tritonlint.toml"), "[probe]\nenabled = true\n").expect("it is written");
    let output = case.run(&["check", "models"]);
    assert_eq!(output.status.code(), Some(2), "options of the probe without --probe are refused");
    tritonlint(case.folder.path()).args(["check", "models"]).output().expect("it runs");
    assert!(!case.folder.path().join("helper.ran").exists());
}

/// The helpers that were built with a libtorch: those that `scripts/test-probe` names.
fn real(variable: &str) -> Option<(PathBuf, PathBuf)> {
    Some((std::env::var_os(variable)?.into(), std::env::var_os(format!("{variable}_LIBTORCH"))?.into()))
}

fn verdicts(variable: &str, models: &[&str]) -> Vec<String> {
    let (helper, libtorch) = real(variable).expect("scripts/test-probe names it");
    let mut command = tritonlint(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/probe/models"));
    command.arg("probe").args(models).args(["--output-format", "json", "--probe-timeout", "10"]);
    let output = command.arg("--probe-helper").arg(helper).arg("--libtorch").arg(libtorch).output().expect("it runs");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let models = found["models"].as_array().expect("models");
    let describe = |model: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let cause = text(&model["cause"]["cause"]);
        let symptom = text(&model["failure"]["symptom"]["symptom"]);
        [text(&model["model"]), text(&model["verdict"]), cause, symptom].join(" ").replace("  ", " ").trim().to_owned()
    };
    models.iter().map(describe).collect()
}

#[test]
#[ignore = "needs a helper with libtorch: scripts/test-probe"]
fn with_libtorch_2_13() {
    assert_eq!(
        verdicts("TRITONLINT_PROBE", &["."]),
        [
            "allocates other-cause itself out-of-memory",
            "baked other-cause shape-baked error",
            "dictionary_input not-reproduced",
            "dictionary_output other-cause unsupported-output unsupported",
            "endless other-cause itself hang",
            "frozen not-reproduced",
            "healthy not-reproduced",
            "keeps_input other-cause input-kept deviation",
            "keeps_state other-cause state-kept deviation",
            "keeps_state_of_one_length other-cause state-kept deviation",
            "loops not-reproduced",
            "prints not-reproduced",
            "tuple_output not-reproduced",
        ]
    );
}

#[test]
#[ignore = "needs a helper with libtorch: scripts/test-probe"]
fn with_libtorch_2_0() {
    assert_eq!(
        verdicts("TRITONLINT_PROBE_2_0", &["frozen", "healthy", "keeps_input"]),
        ["frozen confirmed crash", "healthy not-reproduced", "keeps_input other-cause input-kept deviation"]
    );
}
