//! A repository with years of findings is quiet after two commands, until something new appears.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    command.args(["check", "models", "--output-format", "concise"]).args(arguments);
    let output = command.current_dir(folder).env_remove("GITHUB_ACTIONS").output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn two_commands_make_a_repository_quiet() {
    let root = tempfile::tempdir().expect("a folder");
    let config = |number: usize| root.path().join(format!("models/model_{number}/config.pbtxt"));
    for number in 0..200 {
        fs::create_dir_all(config(number).parent().expect("a parent")).expect("a folder");
        let text = "name: \"other\"\nbackend: \"pyton\"\nmax_batch_size: -1\ninputs [ ]\n";
        fs::write(config(number), text).expect("a file");
    }
    fs::write(root.path().join("tritonlint.toml"), "baseline = \"known.json\"\n").expect("a file");
    fs::write(root.path().join("known.json"), "{ \"version\": 1, \"models\": {} }").expect("a file");
    let (code, text) = check(root.path(), &[]);
    assert!(code == Some(1) && text.lines().count() > 500, "{text}");

    let (code, _) = check(root.path(), &["--fix"]);
    assert_eq!(code, Some(1), "not everything can be fixed");
    let (code, text) = check(root.path(), &["--update-baseline"]);
    assert_eq!(code, Some(0), "{text}");

    let (code, text) = check(root.path(), &[]);
    assert!(code == Some(0) && text.starts_with("No findings in 200 configs."), "{text}");
    let old = fs::read_to_string(config(7)).expect("a config");
    fs::write(config(7), format!("# A comment.\n\n{old}")).expect("a file");
    assert_eq!(check(root.path(), &[]).0, Some(0), "lines may move");
    fs::write(config(7), format!("{old}outputs [ ]\n")).expect("a file");
    let (code, text) = check(root.path(), &[]);
    assert!(code == Some(1) && text.lines().count() == 2 && text.contains("model_7/config.pbtxt:"), "{text}");
}
