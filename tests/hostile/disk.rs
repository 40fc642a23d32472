//! Repositories that are not what they seem.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tritonlint::engine::{Report, lint};
use tritonlint::model::load::{Problem, Target, load};
use tritonlint::model::{EntryKind, Workspace};
use tritonlint::settings::Settings;

/// A repository of one model `m` with that config.
fn repository(config: &str) -> (TempDir, PathBuf) {
    let root = tempfile::tempdir().expect("a folder");
    let model = root.path().join("models/m");
    fs::create_dir_all(model.join("1")).expect("a folder");
    fs::write(model.join("config.pbtxt"), config).expect("a file");
    (root, model)
}

fn checked(path: &Path) -> (Workspace, Vec<Problem>, Report) {
    let (workspace, problems) = load(&[Target::Path(path.to_owned())]);
    let report = lint(&workspace, &Settings::from_toml("repository.complete = 'yes'").expect("settings"));
    (workspace, problems, report)
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
}

/// Nothing waits for a pipe, whatever stands in whose place.
#[test]
fn pipes_devices_and_sockets() {
    let config = "backend: 'onnxruntime'\n";
    for name in ["config.pbtxt", "configs/fast.pbtxt", "1/model.onnx", "Config.pbtxt", "tritonlint.toml"] {
        for make in [
            make_pipe,
            |path: &Path| drop(UnixListener::bind(path)),
            |path: &Path| {
                symlink("/dev/zero", path).expect("a link");
            },
        ] {
            let (root, model) = repository(config);
            if name == "Config.pbtxt" || name == "config.pbtxt" {
                fs::remove_file(model.join("config.pbtxt")).expect("it is there");
            }
            fs::create_dir_all(model.join("configs")).expect("a folder");
            make(&model.join(name));
            let (_, problems, report) = checked(&root.path().join("models"));
            let is_told = !problems.is_empty() || !report.diagnostics.is_empty();
            // In the place of a config or a model it is told; no rule is about others.
            let is_of_model = name.starts_with("config") || name == "1/model.onnx";
            assert!(is_told || !is_of_model, "{name}");
        }
    }
}

/// A config may name any path; nothing outside of the model is opened for it.
#[test]
fn names_that_leave_the_model() {
    let outside = tempfile::tempdir().expect("a folder");
    make_pipe(&outside.path().join("secret"));
    let outside = outside.path().join("secret");
    for name in ["../../../secret", "/etc/passwd", &outside.display().to_string(), "..", ".", "/", "a/../../b", "\\000"]
    {
        let config = format!(
            "backend: 'onnxruntime'\ndefault_model_filename: '{name}'\n\
             input {{ name: 'a' data_type: TYPE_FP32 dims: 1 }}\n\
             output {{ name: 'b' data_type: TYPE_FP32 dims: 1 label_filename: '{name}' }}\n\
             model_warmup {{ name: 'w' inputs {{ key: 'a' value {{ data_type: TYPE_FP32 dims: 1 input_data_file: '{name}' }} }} }}\n"
        );
        let (root, _) = repository(&config);
        let (_, problems, report) = checked(&root.path().join("models"));
        assert!(problems.is_empty(), "{name}: {problems:?}");
        assert!(!report.diagnostics.is_empty(), "{name}");
    }
}

/// What the system makes up looks like an empty file, and may tell the secrets of whoever runs this.
#[cfg(target_os = "linux")]
#[test]
fn files_that_the_system_makes_up() {
    for name in ["config.pbtxt", "1/model.onnx"] {
        let (root, model) = repository("backend: 'onnxruntime'\n");
        let _ = fs::remove_file(model.join(name));
        symlink("/proc/self/environ", model.join(name)).expect("a link");
        let (_, problems, report) = checked(&root.path().join("models"));
        let told = format!("{problems:?} {report:?}");
        assert!(told.contains("not a regular file"), "{name}: {told}");
    }
}

#[test]
fn standard_input_without_end() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    let zeros = fs::File::open("/dev/zero").expect("it is there");
    let output = command.args(["check", "-"]).stdin(zeros).output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(told, "tritonlint: standard input: 16777217 bytes are too many for a config; it was not read\n");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn links_that_go_round() {
    let (root, model) = repository("backend: 'python'\n");
    symlink(".", model.join("1/here")).expect("a link");
    symlink("../..", model.join("1/up")).expect("a link");
    symlink("itself", model.join("itself")).expect("a link");
    symlink("b", root.path().join("models/a")).expect("a link");
    symlink("a", root.path().join("models/b")).expect("a link");
    let (_, problems, report) = checked(&root.path().join("models"));
    assert!(problems.iter().any(|problem| problem.reason.contains("leads back to")), "{problems:?}");
    assert!(report.diagnostics.iter().any(|found| found.rule.name == "broken-link"));
}

#[test]
fn folders_with_very_many_entries() {
    let (root, model) = repository("backend: 'python'\n");
    for (count, size) in [(50_000, Some(0)), (50_001, None)] {
        let number = fs::read_dir(model.join("1")).expect("it is there").count();
        for number in number..count {
            fs::File::create(model.join(format!("1/{number}"))).expect("a file");
        }
        let (workspace, problems, _) = checked(&root.path().join("models"));
        assert!(problems.is_empty(), "{problems:?}");
        let listing = &workspace.repositories[0].models[0].listing;
        assert_eq!(listing.children("1").count(), count);
        // Which sizes are known is not up to the order in which the file system lists them.
        assert!(listing.children("1").all(|(_, kind)| kind == EntryKind::File(size)), "{count}");
        assert_eq!(listing.children("").count(), 2);
    }
}

/// No config is as large as a file that takes noticeable time; the rest of the repository is checked.
#[test]
fn configs_that_are_too_large() {
    let (root, model) = repository("");
    let config = fs::File::options().write(true).open(model.join("config.pbtxt")).expect("it is there");
    config.set_len((16 << 20) + 1).expect("a file with a hole");
    let (_, problems, _) = checked(&root.path().join("models"));
    let told: Vec<_> = problems.iter().map(|problem| (problem.reason.as_str(), problem.is_failure)).collect();
    assert_eq!(told, [("16777217 bytes are too many for a config; it was not read", true)]);
    config.set_len(16 << 20).expect("a file with a hole");
    let (_, problems, report) = checked(&root.path().join("models"));
    assert!(problems.is_empty() && !report.diagnostics.is_empty(), "{problems:?}");
}

/// Told once, and the rest of the repository is checked.
#[test]
fn what_may_not_be_read() {
    let (root, model) = repository("backend: 'python'\n");
    let is_forbidden = |path: &Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).expect("it is ours");
        // Nothing is forbidden to root.
        fs::read_dir(path).is_err() && fs::File::open(path).is_err()
    };
    let other = root.path().join("models/other");
    fs::create_dir_all(other.join("1")).expect("a folder");
    fs::write(other.join("config.pbtxt"), "bakend: 'python'\n").expect("a file");
    let is_effective = is_forbidden(&model.join("config.pbtxt")) & is_forbidden(&model.join("1"));
    let (_, problems, report) = checked(&root.path().join("models"));
    fs::set_permissions(model.join("1"), fs::Permissions::from_mode(0o700)).expect("it is ours");
    assert!(report.diagnostics.iter().any(|found| found.rule.name == "unknown-field"));
    let failures: Vec<_> = problems.iter().filter(|problem| problem.is_failure).map(|problem| &problem.path).collect();
    let expected = if is_effective { vec![model.join("1"), model.join("config.pbtxt")] } else { Vec::new() };
    assert_eq!(failures, expected.iter().collect::<Vec<_>>());
}

/// What is listed may be gone before it is read.
#[test]
fn files_that_come_and_go() {
    let (root, model) = repository("backend: 'onnxruntime'\n");
    let path = root.path().join("models");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let _ = fs::write(model.join("1/model.onnx"), "x");
                let _ = fs::remove_file(model.join("1/model.onnx"));
                let _ = fs::rename(model.join("1"), model.join("2"));
                let _ = fs::rename(model.join("2"), model.join("1"));
            }
        });
        for _ in 0..200 {
            let (workspace, _, _) = checked(&path);
            assert_eq!(workspace.repositories[0].models.len(), 1);
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
