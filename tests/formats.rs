//! Reports as those who read them see them.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use serde_sarif::sarif::Sarif;
use tempfile::TempDir;

/// A checkout with models in the folder `serving`.
fn checkout() -> TempDir {
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join(".git")).expect("a folder");
    for (path, text) in [
        ("serving/models/a b/config.pbtxt", "backend: \"python\"\ninputs [ ]\n"),
        ("serving/models/b/config.pbtxt", "name: \"c\"\nbackend: \"pyton\" parameters { key: '\u{1}<&' }\n"),
        ("serving/models/d/1/model.onnx", "x"),
        ("serving/models/e/7/unknown", "x"),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    root
}

fn report(folder: &Path, format: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    let command = command.args(["check", "models", "--output-format", format]).current_dir(folder);
    let output = command.env_remove("GITHUB_ACTIONS").output().expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn sarif_is_sarif() {
    let root = checkout();
    let text = report(&root.path().join("serving"), "sarif");
    let sarif: Sarif = serde_json::from_str(&text).expect("SARIF");
    let run = &sarif.runs[0];
    let results = run.results.as_ref().expect("results");
    let rules = run.tool.driver.rules.as_ref().expect("rules");
    assert!(results.len() >= 3, "{text}");
    for result in results {
        let index = result.rule_index.and_then(|index| usize::try_from(index).ok()).expect("an index");
        assert_eq!(Some(&rules[index].id), result.rule_id.as_ref());
    }
    let sarif: Value = serde_json::from_str(&text).expect("JSON");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "serving/models/a%20b/config.pbtxt");
    assert_eq!(place["region"], json!({ "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 7 }));
}

/// A finding stays the same finding where lines come and go above it.
#[test]
fn fingerprints_are_stable() {
    let root = checkout();
    let fingerprints = || -> Vec<String> {
        let issues: Value = serde_json::from_str(&report(&root.path().join("serving"), "gitlab")).expect("JSON");
        let issues = issues.as_array().expect("a list");
        issues.iter().map(|issue| issue["fingerprint"].as_str().expect("text").to_owned()).collect()
    };
    let before = fingerprints();
    let config = root.path().join("serving/models/a b/config.pbtxt");
    fs::write(&config, "# A comment.\n\n\nbackend: \"python\"\ninputs [ ]\n").expect("a file");
    assert_eq!(fingerprints(), before);
    fs::write(&config, "backend: \"python\"\ninputs [ ]\ninputs [ ]\n").expect("a file");
    let after = fingerprints();
    assert!(after.len() == before.len() + 1 && before.iter().all(|known| after.contains(known)));
}

/// Code hosts go by the root of the checkout, wherever the command runs.
#[test]
fn paths_start_from_the_root_of_the_checkout() {
    let root = checkout();
    for format in ["sarif", "github", "gitlab", "azure", "junit", "checkstyle", "rdjson"] {
        let inside = report(&root.path().join("serving"), format);
        assert!(inside.contains("serving/models/b/config.pbtxt"), "{format}: {inside}");
        assert!(!inside.contains(&root.path().display().to_string()), "{format}: {inside}");
    }
}

/// A terminal acts on some characters, also where a program shows it JSON.
#[test]
fn json_holds_no_control_characters() {
    let root = tempfile::tempdir().expect("a folder");
    let config = root.path().join("models/a/config.pbtxt");
    fs::create_dir_all(config.parent().expect("a parent")).expect("a folder");
    fs::write(
        &config,
        "backend: 'python'\nparameters { key: 'a\u{9B}31mb\u{7F}' }\nparameters { key: 'a\u{9B}31mb\u{7F}' }\n",
    )
    .expect("a file");
    for format in ["json", "json-lines", "sarif", "gitlab", "rdjson"] {
        let text = report(root.path(), format);
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{format}: {text:?}");
        assert!(text.contains("\\u009b") && text.contains("\\u007f"), "{format}: {text}");
    }
}

/// `scripts/test` installs what reads the reports.
#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn reports_are_read_by_others() {
    let python = std::env::var_os("TRITONLINT_PYTHON").expect("TRITONLINT_PYTHON names a Python");
    let root = checkout();
    let file = |name: &str| {
        let path = root.path().join(name);
        fs::write(&path, report(&root.path().join("serving"), name)).expect("a file");
        path
    };
    let output = Command::new(python)
        .arg(support::project().join("tests/formats/judge.py"))
        .args([sarif_schema(), file("sarif"), file("junit"), file("checkstyle")])
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found: usize = report(&root.path().join("serving"), "json-lines").lines().count();
    assert_eq!(counts, json!({ "sarif": found, "junit": found, "checkstyle": found }));
}

/// The official schema, which a crate carries with it.
fn sarif_schema() -> PathBuf {
    let arguments = ["metadata", "--format-version", "1", "--locked"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(support::project()).output();
    let metadata: Value = serde_json::from_slice(&output.expect("cargo runs").stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").expect("the crate");
    Path::new(package["manifest_path"].as_str().expect("a path")).with_file_name("src/schema.json")
}
