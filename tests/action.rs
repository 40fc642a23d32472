//! The action for GitHub, run as far as that is possible without GitHub, and what others say of it.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn python() -> PathBuf {
    std::env::var_os("TRITONLINT_PYTHON").expect("TRITONLINT_PYTHON names a Python").into()
}

/// A checkout with two folders of models, and a `cargo` that notes what it was asked for: the command is
/// built already.
fn checkout() -> TempDir {
    let root = tempfile::tempdir().expect("a folder");
    for (path, text) in [
        ("models/a/config.pbtxt", "backend: \"python\"\ninputs [ ]\n"),
        ("others/b/config.pbtxt", "backend: \"python\"\n"),
        ("bin/cargo", "#!/bin/sh\necho \"cargo $*\"\n"),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let status = Command::new("chmod").arg("+x").arg(root.path().join("bin/cargo")).status();
    assert!(status.expect("chmod runs").success());
    root
}

fn run(root: &Path, inputs: &[&str]) -> Output {
    let own = Path::new(env!("CARGO_BIN_EXE_tritonlint")).parent().expect("a folder").to_owned();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([root.join("bin"), own].into_iter().chain(std::env::split_paths(&others)));
    Command::new(python())
        .arg(support::project().join("tests/action/run.py"))
        .arg(support::project().join("action.yml"))
        .args(inputs)
        .current_dir(root)
        .env("PATH", path.expect("a path"))
        .output()
        .expect("Python runs")
}

#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn its_steps_check_what_they_are_told_to() {
    let root = checkout();
    let output = run(root.path(), &["paths=models others", "sarif=report.sarif"]);
    let (log, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{log}{complaints}");
    let install = format!("cargo install --locked --path {}\n", support::project().display());
    assert!(log.starts_with(&install), "{log}");
    assert!(log.contains("error[unknown-field]") && log.contains("in 2 configs"), "{log}");
    assert!(log.contains("\n::error title=unknown-field,file=models/a/config.pbtxt,line=2,"), "{log}");
    let report = fs::read_to_string(root.path().join("report.sarif")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["runs"][0]["results"][0]["ruleId"], "unknown-field");

    let output = run(root.path(), &["args=--ignore unknown-field"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn others_find_no_fault_in_it() {
    let tools = python().parent().expect("a folder").to_owned();
    for command in [&["zizmor", "--offline", "--no-progress", "action.yml"][..], &["hadolint", "Dockerfile"]] {
        let output = Command::new(tools.join(command[0])).args(&command[1..]).current_dir(support::project()).output();
        let output = output.expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
