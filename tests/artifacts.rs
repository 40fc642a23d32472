//! What model files say of themselves, against what their own libraries say of them.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

#[path = "artifacts/dali.rs"]
mod dali;
#[path = "artifacts/onnx.rs"]
mod onnx;
#[path = "artifacts/others.rs"]
mod others;
#[path = "artifacts/python.rs"]
mod python;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of `testdata/artifacts`.
fn folder(name: &str) -> PathBuf {
    support::project().join("testdata/artifacts").join(name)
}

/// The files of a folder that end so, sorted; at least one.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(end));
    files.sort();
    assert!(!files.is_empty(), "nothing in {} ends with {end}", folder.display());
    files
}

/// Has a folder's script say whether its files are what it would make.
fn check_made(script: &Path) {
    let python = std::env::var_os("TRITONLINT_PYTHON").expect("TRITONLINT_PYTHON names a Python");
    let output = Command::new(python).arg(script).arg("--check").output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
