//! The command line, as people see it. `TRYCMD=overwrite cargo test --test cli` writes what it prints now.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::process::Command;

#[test]
fn what_is_printed() {
    trycmd::TestCases::new().env("GITHUB_ACTIONS", "").case("tests/cli/*.md").case("tests/cli/*.toml");
}

/// Programs are told of every rule.
#[test]
fn rules_are_listed_as_json() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    let output = command.args(["rules", "--output-format", "json"]).output().expect("it runs");
    let rules: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let names: Vec<_> = rules.iter().filter_map(|rule| rule["name"].as_str()).collect();
    assert_eq!(names, tritonlint::rules::all().iter().map(|rule| rule.name).collect::<Vec<_>>());
    assert!(rules.iter().all(|rule| rule["page"].as_str().is_some_and(|page| page.starts_with("# "))));
}

/// What the README shows is what the command prints.
#[test]
fn the_readme_is_true() {
    let readme = std::fs::read_to_string(support::project().join("README.md")).expect("the README");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    let output = command
        .args(["check", "testdata/asr_ensemble"])
        .env_remove("GITHUB_ACTIONS")
        .current_dir(support::project())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).expect("text");
    assert!(readme.contains(&format!("$ tritonlint check testdata/asr_ensemble\n{printed}```")), "{printed}");
}
