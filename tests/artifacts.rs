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

use proptest::prelude::*;
use proptest::sample::Index;

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

/// The bytes of a file in a folder that ends so, with some of them changed, and the end cut off.
fn damaged(name: &str, end: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let read = |path: PathBuf| std::fs::read(path).expect("it is there");
    let samples: Vec<_> = files(&folder(name), end).into_iter().map(read).filter(|bytes| !bytes.is_empty()).collect();
    let changes = prop::collection::vec((any::<Index>(), any::<u8>()), 0..8);
    (any::<Index>(), changes, prop::option::of(any::<Index>())).prop_map(move |(which, changes, cut)| {
        let mut bytes = which.get(&samples).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len() + 1)));
        bytes
    })
}

/// Has a folder's script say whether its files are what it would make.
fn check_made(script: &Path) {
    let python = std::env::var_os("TRITONLINT_PYTHON").expect("TRITONLINT_PYTHON names a Python");
    let output = Command::new(python).arg(script).arg("--check").output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
