//! The probe with helpers that are no helper: what a model can do to its process, and what installations can
//! lack. And with `TRITONLINT_PROBE` set to a real helper, the models of `testdata/probe`.

#![cfg(unix)]
#![allow(clippy::expect_used, missing_docs, reason = "a test says why it fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A repository with one model whose lengths vary, and a helper that does this with it.
struct Case {
    folder: TempDir,
}

impl Case {
    fn new(helper: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let model = folder.path().join("models/recognizer");
        fs::create_dir_all(model.join("1")).expect("a folder");
        let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/probe/models/healthy/1/model.pt");
        fs::copy(weights, model.join("1/model.pt")).expect("it is copied");
        let config = "backend: \"pytorch\"\ninput [ { name: \"AUDIO\" data_type: TYPE_FP32 dims: [ -1 ] } ]\n\
                      output [ { name: \"TEXT\" data_type: TYPE_FP32 dims: [ -1 ] } ]\n\
                      instance_group [ { kind: KIND_CPU } ]\n";
        fs::write(model.join("config.pbtxt"), config).expect("it is written");
        fs::write(folder.path().join("behaviour"), helper).expect("it is written");
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = tritonlint(self.folder.path());
        command.args(arguments).arg("--probe-helper").arg(helper());
        command.output().expect("it runs")
    }

    /// What `tritonlint probe` prints, and its exit status.
    fn probe(&self, arguments: &[&str]) -> (String, i32) {
        let output = self.run(&[&["probe", "models/recognizer"], arguments].concat());
        let text = [output.stdout, output.stderr].concat();
        (String::from_utf8(text).expect("text"), output.status.code().expect("a status"))
    }

    fn config_path(&self) -> PathBuf {
        self.folder.path().join("models/recognizer/config.pbtxt")
    }

    fn config(&self) -> String {
        fs::read_to_string(self.config_path()).expect("the config")
    }
}

/// The program that plays the helper; what it does is in a file of the folder in which it is started. That
/// it is never written is why it can always be started.
fn helper() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe/helper")
}

fn tritonlint(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    command.current_dir(folder).env_remove("LIBTORCH").env_remove("VIRTUAL_ENV").env_remove("CONDA_PREFIX");
    // What other tests found is not to be remembered here.
    command.env("XDG_CACHE_HOME", folder.join("cache"));
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
fn shapes_can_be_named() {
    let helper = "case $request in *'\"shape\":[777]'*) all_right ;; *) kill -SEGV $$ ;; esac";
    assert_probe_with(&["--shape", "AUDIO=777"], helper, 0, &["not reproduced", "[777]", "[782]"]);
    assert_probe_with(&["--shape", "AUDIO=0"], helper, 2, &["dimensions are whole numbers from 1 on"]);
    assert_probe_with(&["--shape", "AUDIO"], helper, 2, &["AUDIO=1,16000"]);
}

#[test]
fn a_page_with_pictures_is_written() {
    let case = Case::new("all_right");
    for command in ["probe", "check"] {
        let flag = if command == "check" { "--probe" } else { "--thorough" };
        case.run(&[command, "models", flag, "--probe-report", "page.html"]);
        let page = fs::read_to_string(case.folder.path().join("page.html")).expect("the page");
        assert!(page.contains("recognizer: not reproduced") && page.contains("<polyline"), "{page}");
        fs::remove_file(case.folder.path().join("page.html")).expect("it goes");
    }
    let nowhere = case.run(&["probe", "models", "--probe-report", "no/such/page.html"]);
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn an_end_without_a_word_is_a_crash() {
    assert_probe("ready; right; exit 0", 1, &["other cause", "crash"]);
}

#[test]
fn a_model_that_does_not_load() {
    let fails = "ready_only() { say '{\"reply\":\"ready\",\"protocol\":2,\"libtorch\":\"9.9\",\"has_every_switch\":false,\
                 \"confinement\":\"none\"}'; }\nready_only; say '{\"reply\":\"load_failed\",\"error\":\"Unknown builtin op: a::b\"}'";
    assert_probe(fails, 2, &["inconclusive", "does not load with libtorch 9.9", "a::b"]);
}

#[test]
fn installations_can_lack_something() {
    let lacks = "echo 'helper: error while loading shared libraries: libtorch_cpu.so: cannot open' >&2; exit 127";
    assert_probe(lacks, 2, &["does not find its libtorch", "setup-libtorch"]);
    assert_probe("echo 'Illegal hardware' >&2; exit 3", 2, &["does not start", "Illegal hardware"]);
    assert_probe(
        "say '{\"reply\":\"ready\",\"protocol\":99,\"libtorch\":\"9.9\",\"has_every_switch\":false,\"confinement\":\"none\"}'",
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
    command.args(["probe", "models", "--probe-helper"]).arg(helper()).env("SECRET", "x");
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
    assert!(text.contains("\"verdict\": \"not-reproduced\"") && text.contains("\"libtorch\": \"9.9\""), "{text}");
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
    let case = Case::new(": > ran; all_right");
    fs::write(case.folder.path().join("models/tritonlint.toml"), "[probe]\nenabled = true\n").expect("it is written");
    let output = case.run(&["check", "models"]);
    assert_eq!(output.status.code(), Some(2), "options of the probe without --probe are refused");
    tritonlint(case.folder.path()).args(["check", "models"]).output().expect("it runs");
    assert!(!case.folder.path().join("ran").exists());
}

/// A helper that was built with a libtorch, which `scripts/test-probe` names. Without it the tests that
/// follow pass by themselves.
struct Real {
    helper: PathBuf,
    libtorch: PathBuf,
}

impl Real {
    fn named(variable: &str) -> Option<Self> {
        let helper = std::env::var_os(variable)?.into();
        let libtorch = std::env::var_os(format!("{variable}_LIBTORCH")).expect("its libtorch is named too").into();
        Some(Self { helper, libtorch })
    }

    fn libtorch_2_13() -> Option<Self> {
        Self::named("TRITONLINT_PROBE")
    }

    fn libtorch_2_0() -> Option<Self> {
        Self::named("TRITONLINT_PROBE_2_0")
    }

    /// `tritonlint` with this helper.
    fn tritonlint(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = tritonlint(folder);
        command.args(arguments).arg("--probe-helper").arg(&self.helper).arg("--libtorch").arg(&self.libtorch);
        command
    }
}

#[test]
fn what_was_found_is_kept() {
    let case = Case::new("echo run >> runs; all_right");
    fs::create_dir_all(case.folder.path().join("torch/lib")).expect("a folder");
    fs::write(case.folder.path().join("torch/lib/libtorch_cpu.so"), "").expect("it is written");
    let runs = || fs::read_to_string(case.folder.path().join("runs")).map_or(0, |runs| runs.lines().count());
    let probe = |more: &[&str]| case.probe(&[&["--libtorch", "torch"], more].concat()).0;
    assert!(!probe(&[]).contains("earlier run"));
    let first = runs();
    assert!(first > 0);
    assert!(probe(&[]).contains("found by an earlier run"));
    assert_eq!(runs(), first, "nothing was run again");
    // A comment changes nothing about how the model is called, a dimension does.
    fs::write(case.config_path(), format!("# why\n{}", case.config())).expect("it is written");
    assert!(probe(&[]).contains("earlier run"));
    assert!(!probe(&["--no-cache"]).contains("earlier run"));
    assert!(!probe(&["--thorough"]).contains("earlier run"));
    // What does not read is as if it were not there.
    for entry in fs::read_dir(case.folder.path().join("cache/tritonlint/probe")).expect("the cache").flatten() {
        fs::write(entry.path(), "{\"key\":").expect("it is written");
    }
    assert!(!probe(&[]).contains("earlier run"));
    assert!(probe(&[]).contains("earlier run"));
    let weights = case.folder.path().join("models/recognizer/1/model.pt");
    fs::write(&weights, [fs::read(&weights).expect("the model"), vec![0]].concat()).expect("it is written");
    assert!(!probe(&[]).contains("earlier run"));
}

#[test]
fn settings_say_how_models_are_run() {
    let case = Case::new(
        "case $request in *'\"shape\":[777]'*'\"memory\":2147483648'* | *'\"memory\":2147483648'*'\"shape\":[777]'*) all_right ;; *) kill -SEGV $$ ;; esac",
    );
    let settings = "[probe]\nmemory = 2\n[[probe.shapes]]\nmodels = ['recog*']\ninputs = { AUDIO = [777] }\n\
                    [[probe.shapes]]\nmodels = ['other']\ninputs = { AUDIO = [5] }\n";
    fs::write(case.folder.path().join("tritonlint.toml"), settings).expect("it is written");
    let (text, status) = case.probe(&[]);
    assert!(text.contains("not reproduced") && text.contains("[777]"), "{text}");
    assert_eq!(status, 0);
    assert!(!case.probe(&["--isolated"]).0.contains("not reproduced"));
    assert!(!case.probe(&["--probe-memory", "3"]).0.contains("not reproduced"), "an option is stronger than a setting");
    let checked = case.run(&["check", "models", "--probe"]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("the probe: not reproduced"), "{checked:?}");
}

/// What lies in libtorch's folder runs before anything confines it.
#[test]
fn only_a_settings_file_that_is_named_says_where_libtorch_is() {
    let case = Case::new("all_right");
    fs::create_dir_all(case.folder.path().join("torch/lib")).expect("a folder");
    fs::write(case.folder.path().join("torch/lib/libtorch_cpu.so"), "").expect("it is written");
    fs::write(case.folder.path().join("tritonlint.toml"), "probe.libtorch = 'torch'\n").expect("it is written");
    let (text, status) = case.probe(&[]);
    assert!(text.contains("it counts only in a file that --config names"), "{text}");
    assert_eq!(status, 2);
    assert_eq!(case.run(&["check", "models", "--probe"]).status.code(), Some(2));
    let (text, status) = case.probe(&["--config", "tritonlint.toml"]);
    assert!(text.contains("not reproduced"), "{text}");
    assert_eq!(status, 0);
}

#[test]
fn another_cause_is_reported_under_its_rule() {
    let kept = "case $request in *each_call*) all_right; exit ;; esac\nready; right; IFS=,; set -- $calls; shift; for call; do \
                say '{\"reply\":\"failed\",\"micros\":1,\"error\":\"RuntimeError: sizes\"}'; done; say '{\"reply\":\"done\"}'";
    let case = Case::new(kept);
    let check = |more: &[&str]| {
        let output = case.run(&[&["check", "models", "--probe", "--output-format", "concise"], more].concat());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let text = check(&[]);
    assert!(text.contains("[state-kept-in-module]") && !text.contains("[optimized-execution"), "{text}");
    let sarif = case.run(&["check", "models", "--probe", "--output-format", "sarif"]);
    let sarif: serde_json::Value = serde_json::from_slice(&sarif.stdout).expect("JSON");
    assert_eq!(sarif["runs"][0]["properties"]["probe"][0]["cause"]["cause"], "state-kept", "{sarif}");
    let text = check(&["--ignore", "state-kept-in-module"]);
    assert!(!text.contains("[state-kept-in-module]") && text.contains("[optimized-execution"), "{text}");
}

/// The same device for all, and the switches of the config, reach the helper.
#[test]
fn the_helper_hears_of_device_and_inference_mode() {
    let helper = "case $request in *'\"device\":{\"cuda\":1}'*) ;; *) exit 3 ;; esac\n\
                  [ \"$TRITONLINT_PROBE_CUDA$TRITONLINT_PROBE_INFERENCE_MODE\" = onon ] && all_right";
    assert_probe_with(&["--device", "cuda:1"], helper, 0, &["not reproduced", "GPU 1"]);
    let none = "say '{\"reply\":\"no_device\",\"reason\":\"there is no GPU 1\"}'; echo 'libcuda.so.1: not found' >&2";
    let none = format!("ready; {none}");
    assert_probe_with(&["--device", "cuda:1"], &none, 2, &["there is no GPU 1", "libcuda.so.1: not found"]);
    let off = Case::new("[ \"$TRITONLINT_PROBE_INFERENCE_MODE\" = off ] && all_right");
    let parameter = "parameters { key: \"INFERENCE_MODE\" value { string_value: \"false\" } }\n";
    fs::write(off.config_path(), off.config() + parameter).expect("it is written");
    assert!(off.probe(&[]).0.contains("not reproduced"));
}

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/probe/models")
}

fn verdicts(real: &Real, models_of_ours: &[&str]) -> Vec<String> {
    // What an earlier test run found is not to be taken for what is found now.
    let arguments = ["probe", "--output-format", "json", "--probe-timeout", "10", "--no-cache"];
    let mut command = real.tritonlint(&models(), &arguments);
    let output = command.args(models_of_ours).output().expect("it runs");
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
fn with_libtorch_2_13() {
    let Some(real) = Real::libtorch_2_13() else { return };
    assert_eq!(
        verdicts(&real, &["."]),
        [
            "allocates other-cause itself out-of-memory",
            "baked other-cause shape-baked error",
            "crashes other-cause itself crash",
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
            "swapped not-reproduced",
            "tuple_output not-reproduced",
            "wants_inference_mode not-reproduced",
            "writes inconclusive",
        ]
    );
}

#[test]
fn with_libtorch_2_0() {
    let Some(real) = Real::libtorch_2_0() else { return };
    assert_eq!(
        verdicts(&real, &["frozen", "healthy", "keeps_input"]),
        ["frozen confirmed crash", "healthy not-reproduced", "keeps_input other-cause input-kept deviation"]
    );
    let folder = copy_of("frozen");
    let output = real.tritonlint(folder.path(), &["probe", "models", "--output-format", "json"]).output();
    let found: serde_json::Value = serde_json::from_slice(&output.expect("it runs").stdout).expect("JSON");
    // Each of the switches cures this one, that of the executor among them.
    let cures = ["optimized-off", "tensor-fuser-off", "profiling-off", "executor-off"];
    assert_eq!(found["models"][0]["cures"], serde_json::json!(cures), "{found}");
}

/// A folder of its own with one of the models.
fn copy_of(model: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = models().join(model);
    let to = folder.path().join("models").join(model);
    fs::create_dir_all(to.join("1")).expect("a folder");
    for file in ["config.pbtxt", "1/model.pt"] {
        fs::copy(from.join(file), to.join(file)).expect("it is copied");
    }
    folder
}

#[test]
fn the_fix_is_written_where_it_was_seen_to_help() {
    let (Some(current), Some(old)) = (Real::libtorch_2_13(), Real::libtorch_2_0()) else { return };
    let written = |real: &Real| {
        let folder = copy_of("frozen");
        let mut command = real.tritonlint(folder.path(), &["check", "models", "--probe", "--fix"]);
        let status = command.output().expect("it runs").status.code();
        let config = fs::read_to_string(folder.path().join("models/frozen/config.pbtxt")).expect("the config");
        (config.contains("DISABLE_OPTIMIZED_EXECUTION"), status)
    };
    assert_eq!(written(&old), (true, Some(0)));
    assert_eq!(written(&current), (false, Some(0)), "what is left is information");
}

/// The model of the ensemble that says of itself why it is there: it takes recordings of any length.
struct Ensemble {
    folder: TempDir,
}

impl Ensemble {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/asr_ensemble");
        for entry in walkdir::WalkDir::new(&from) {
            let entry = entry.expect("an entry");
            let to = folder.path().join("models").join(entry.path().strip_prefix(&from).expect("it is below"));
            if entry.file_type().is_dir() {
                fs::create_dir_all(to).expect("a folder");
            } else {
                fs::copy(entry.path(), to).expect("it is copied");
            }
        }
        Self { folder }
    }

    fn config(&self) -> String {
        fs::read_to_string(self.folder.path().join("models/preprocess/config.pbtxt")).expect("the config")
    }

    /// What there is to say of the model, and what the probe found.
    fn found(output: &Output) -> (Vec<serde_json::Value>, serde_json::Value) {
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let diagnostics = report["diagnostics"].as_array().expect("diagnostics").clone();
        (diagnostics, report["probe"].clone())
    }
}

const CHECK: [&str; 4] = ["check", "models", "--output-format", "json"];
const DYNAMIC: &str = "optimized-execution-with-dynamic-shapes";

#[test]
fn the_ensemble_is_warned_of() {
    let ensemble = Ensemble::new();
    let output = tritonlint(ensemble.folder.path()).args(CHECK).output().expect("it runs");
    let (diagnostics, probe) = Ensemble::found(&output);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!((&diagnostics[0]["rule"], &diagnostics[0]["level"]), (&DYNAMIC.into(), &"warning".into()));
    assert!(probe.is_null(), "{probe}");
}

#[test]
fn the_ensemble_is_fixed_where_the_parameter_was_seen_to_help() {
    let ensemble = Ensemble::new();
    let fails = "is_optimized || { all_right; exit; }\nready; right; kill -SEGV $$";
    fs::write(ensemble.folder.path().join("behaviour"), fails).expect("it is written");
    let mut command = tritonlint(ensemble.folder.path());
    let output = command.args(CHECK).args(["--probe", "--fix", "--probe-helper"]).arg(helper()).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(ensemble.config().contains("key: \"DISABLE_OPTIMIZED_EXECUTION\""), "{}", ensemble.config());
}

/// With the real libtorch it works without the parameter, so that none is written; on a CPU that refutes nothing.
#[test]
fn the_ensemble_stays_as_it_is_where_nothing_failed() {
    let Some(real) = Real::libtorch_2_13() else { return };
    let ensemble = Ensemble::new();
    let before = ensemble.config();
    let arguments = [CHECK.as_slice(), &["--probe", "--fix"]].concat();
    let output = real.tritonlint(ensemble.folder.path(), &arguments).output().expect("it runs");
    let (diagnostics, probe) = Ensemble::found(&output);
    assert_eq!(ensemble.config(), before);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!((&diagnostics[0]["rule"], &diagnostics[0]["level"]), (&DYNAMIC.into(), &"warning".into()));
    assert!(diagnostics[0].to_string().contains("this refutes nothing"), "{}", diagnostics[0]);
    assert_eq!((&probe[0]["model"], &probe[0]["verdict"]), (&"preprocess".into(), &"not-reproduced".into()));
    let run = &probe[0]["evidence"]["runs"][0];
    assert!(run["calls"].as_array().is_some_and(|calls| calls.len() >= 8), "{run}");
    assert_eq!(run["failures"], serde_json::json!([]));
}

#[test]
fn models_run_in_inference_mode_unless_the_config_switches_it_off() {
    let Some(real) = Real::libtorch_2_13() else { return };
    let folder = copy_of("wants_inference_mode");
    let probe = || {
        let output = real.tritonlint(folder.path(), &["probe", "models", "--no-cache"]).output().expect("it runs");
        String::from_utf8(output.stdout).expect("text")
    };
    let text = probe();
    assert!(text.contains("wants_inference_mode: not reproduced"), "{text}");
    let config = folder.path().join("models/wants_inference_mode/config.pbtxt");
    let off = "parameters { key: \"INFERENCE_MODE\" value { string_value: \"false\" } }\n";
    fs::write(&config, fs::read_to_string(&config).expect("the config") + off).expect("it is written");
    let text = probe();
    assert!(text.contains("inconclusive") && text.contains("this is not inference mode"), "{text}");
}

/// What Python's torch says of the calls that the probe made, for each model; `scripts/test-probe` names an
/// interpreter that has torch.
#[test]
fn python_says_the_same() {
    let (Some(real), Some(python)) = (Real::libtorch_2_13(), std::env::var_os("TRITONLINT_TORCH_PYTHON")) else {
        return;
    };
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe");
    let names: Vec<_> = fs::read_dir(models()).expect("models").flatten().map(|model| model.file_name()).collect();
    assert!(names.len() >= 17);
    for name in names {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(&real.helper, folder.path().join("helper")).expect("a link");
        let mut command = tritonlint(folder.path());
        command.args(["probe", "--no-cache", "--output-format", "json", "--probe-timeout", "10", "--libtorch"]);
        command.arg(&real.libtorch).arg("--probe-helper").arg(tests.join("recorder")).arg(models().join(&name));
        let probed = command.output().expect("it runs");
        let probed: serde_json::Value = serde_json::from_slice(&probed.stdout).expect("JSON");
        let requests = fs::File::open(folder.path().join("requests")).expect("the requests");
        let mut command = Command::new(&python);
        command.args(["-W", "ignore"]).arg(tests.join("same_calls.py")).current_dir(folder.path());
        let said = command.stdin(requests).output().expect("it runs");
        let said: serde_json::Value =
            serde_json::from_slice(&said.stdout).unwrap_or_else(|error| panic!("{name:?}: {error}\n{said:?}"));
        let model = &probed["models"][0];
        assert_eq!((&name, &said["verdict"]), (&name, &model["verdict"]));
        assert_eq!((&name, &said["runs"]), (&name, &failures(model)));
    }
}

/// For each run the calls that went wrong, and how.
fn failures(model: &serde_json::Value) -> serde_json::Value {
    let of_run = |run: &serde_json::Value| -> serde_json::Value {
        let failures = run["failures"].as_array().expect("failures").iter();
        failures.map(|failure| serde_json::json!([failure["call"], failure["symptom"]["symptom"]])).collect()
    };
    model["evidence"]["runs"].as_array().expect("runs").iter().map(of_run).collect()
}

/// The page as a headless browser shows it, which `scripts/test-probe` installs.
#[test]
fn the_page_is_seen_in_a_browser() {
    let (Some(real), Some(look)) = (Real::libtorch_2_13(), std::env::var_os("TRITONLINT_BROWSER")) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("page.html");
    let mut command = real.tritonlint(folder.path(), &["probe", "--no-cache", "--probe-report", "page.html"]);
    command.args(["keeps_input", "healthy"].map(|model| models().join(model))).output().expect("it runs");
    let broken = folder.path().join("broken.html");
    fs::write(&broken, "<!doctype html><svg width=0 height=0></svg><script>throw Error('no')</script>")
        .expect("a page");
    let output = Command::new("node").arg(&look).arg(&page).arg(&broken).output().expect("node runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let pages: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let [page, broken] = pages.as_slice() else { panic!("{text}{}", String::from_utf8_lossy(&output.stderr)) };
    let texts = |what: &str| -> Vec<String> {
        let boxes = page[what].as_array().expect("boxes").iter();
        boxes.map(|shown| shown["text"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!((&page["complaints"], &page["others"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert_eq!(page["overflows"], false);
    assert_eq!(texts("headings"), ["healthy: not reproduced", "keeps_input: other cause"]);
    assert_eq!(texts("heads"), ["as configured", "as configured", "optimized off", "off, own inputs"]);
    // A table and a picture for each model, and in it a line of its own colour for each variant.
    for (what, count) in [("tables", 2), ("plots", 2), ("lines", 4)] {
        let boxes = page[what].as_array().expect("boxes");
        assert_eq!(boxes.len(), count, "{what}: {page}");
        let is_seen = |shown: &serde_json::Value| {
            ["width", "height"].iter().all(|side| shown[side].as_f64().is_some_and(|pixels| pixels > 10.0))
        };
        assert!(boxes.iter().all(is_seen), "{what}: {page}");
    }
    let colors: std::collections::BTreeSet<_> =
        page["lines"].as_array().into_iter().flatten().skip(1).filter_map(|line| line["color"].as_str()).collect();
    assert_eq!(colors.len(), 3, "{page}");
    // The browser would tell of what is broken.
    assert_eq!(broken["complaints"].as_array().map(Vec::len), Some(1), "{broken}");
}

#[test]
fn a_model_writes_no_file() {
    let Some(real) = Real::libtorch_2_13() else { return };
    let folder = copy_of("writes");
    let output = real.tritonlint(folder.path(), &["probe", "models", "--output-format", "json"]).output();
    let text = String::from_utf8(output.expect("it runs").stdout).expect("text");
    let written = fs::metadata(folder.path().join("written_by_a_model")).map(|file| file.len()).unwrap_or_default();
    assert_eq!(written, 0, "{text}");
    assert!(text.contains("file_size") || text.contains("Permission denied"), "{text}");
}

/// More models than there are cores: each gets its verdict, and no more run at a time than were asked for.
#[cfg(target_os = "linux")]
#[test]
fn many_models_run_a_few_at_a_time() {
    let Some(real) = Real::libtorch_2_13() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let from = copy_of("healthy");
    for number in 0..50 {
        let to = folder.path().join(format!("models/model_{number}"));
        fs::create_dir_all(to.join("1")).expect("a folder");
        for file in ["config.pbtxt", "1/model.pt"] {
            fs::copy(from.path().join("models/healthy").join(file), to.join(file)).expect("it is copied");
        }
    }
    let arguments = ["probe", "models", "--output-format", "json", "--probe-jobs", "2", "--no-cache"];
    let mut linter = real.tritonlint(folder.path(), &arguments);
    let mut linter = linter.stdout(std::process::Stdio::piped()).spawn().expect("it runs");
    let mut most = 0;
    let mut output = Vec::new();
    let reader = linter.stdout.take().map(|mut stdout| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut stdout, &mut text).map(|_| text)
        })
    });
    while linter.try_wait().expect("its status").is_none() {
        most = most.max(children(linter.id()).len());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    if let Some(reader) = reader {
        output = reader.join().expect("it reads").expect("text");
    }
    let found: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    let verdicts = found["models"].as_array().expect("models").iter().map(|model| &model["verdict"]);
    assert_eq!(verdicts.filter(|verdict| **verdict == "not-reproduced").count(), 50);
    assert!((1..=2).contains(&most), "{most} at a time");
}

#[test]
fn only_the_helper_links_libtorch() {
    let Some(real) = Real::libtorch_2_13() else { return };
    let alone = |program: &Path| Command::new(program).arg("--version").env_clear().output().expect("it runs");
    assert_eq!(alone(Path::new(env!("CARGO_BIN_EXE_tritonlint"))).status.code(), Some(0));
    let output = alone(&real.helper);
    assert!(String::from_utf8_lossy(&output.stderr).contains("libtorch_cpu"), "{output:?}");
}

/// Neither if a person interrupts it, nor if it is killed so that it cannot clean up.
#[cfg(target_os = "linux")]
#[test]
fn no_helper_outlives_the_linter() {
    let Some(real) = Real::libtorch_2_13() else { return };
    let folder = copy_of("endless");
    for signal in ["INT", "KILL"] {
        let mut linter = real.tritonlint(folder.path(), &["probe", "models"]).spawn().expect("it runs");
        // The first call never comes back, so the helper is there until something ends it.
        let helpers = wait_for(|| Some(children(linter.id())).filter(|helpers| !helpers.is_empty()));
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", linter.id())]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        linter.wait().expect("it ends");
        // Its parent gone, what is left of an ended process is taken away by another.
        let has_ended = |helper: &String| {
            fs::read_to_string(format!("/proc/{helper}/stat")).map_or(true, |stat| stat.contains(") Z "))
        };
        wait_for(|| helpers.iter().all(has_ended).then_some(()));
    }
}

/// The processes that a process has started.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// What there is at last.
#[cfg(target_os = "linux")]
#[track_caller]
fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = found() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("it never came");
}
