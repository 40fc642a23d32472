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

fn complaint(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    let output = command.args(["check", "models"]).args(arguments).current_dir(folder).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
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

#[test]
fn repositories_have_baselines_of_their_own() {
    let root = tempfile::tempdir().expect("a folder");
    for repository in ["models/a", "models/b"] {
        let folder = root.path().join(repository).join("model");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("config.pbtxt"), "backend: \"python\"\ninputs [ ]\n").expect("a file");
        let settings = root.path().join(repository).join("tritonlint.toml");
        fs::write(settings, "baseline = \"known.json\"\n").expect("a file");
    }
    assert_eq!(check(root.path(), &["--update-baseline"]).0, Some(0));
    let (code, text) = check(root.path(), &[]);
    assert!(code == Some(0) && text.contains("2 findings are in the baseline"), "{text}");
    let known = |repository: &str| fs::read_to_string(root.path().join(repository).join("known.json")).expect("a file");
    assert_eq!(known("models/a"), known("models/b"), "each knows its own");
    fs::write(root.path().join("models/b/known.json"), "{ \"version\": 1, \"models\": {} }").expect("a file");
    let (code, text) = check(root.path(), &[]);
    assert!(code == Some(1) && text.starts_with("models/b/model/config.pbtxt:"), "{text}");
}

/// Whatever is named as a baseline: nothing waits for it, and nothing takes it in without end.
#[cfg(unix)]
#[test]
fn what_is_no_baseline_is_refused() {
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(root.path().join("models/m")).expect("a folder");
    fs::write(root.path().join("models/m/config.pbtxt"), "inputs [ ]\n").expect("a file");
    let file = |name: &str| root.path().join(name);
    assert!(Command::new("mkfifo").arg(file("pipe")).status().expect("mkfifo").success());
    std::os::unix::fs::symlink("/dev/zero", file("endless")).expect("a link");
    fs::File::create(file("hole")).and_then(|file| file.set_len(1 << 40)).expect("a file with a hole");
    fs::write(file("broken"), "{").expect("a file");
    for (name, reason) in [
        ("pipe", "not a regular file"),
        ("endless", "not a regular file"),
        ("hole", "1099511627776 bytes are too many for a baseline; it was not read"),
        ("gone", "there is no such baseline; --update-baseline writes one"),
        (
            "broken",
            "this is no baseline: EOF while parsing an object at line 1 column 1; --update-baseline writes one where there is no file",
        ),
    ] {
        let (code, text) = complaint(root.path(), &["--baseline", name]);
        assert_eq!((code, text), (Some(2), format!("tritonlint: {name}: {reason}\n")));
    }
}

/// A report or baseline goes where a link leads, and into a pipe.
#[cfg(unix)]
#[test]
fn reports_go_through_links_and_pipes() {
    let root = tempfile::tempdir().expect("a folder");
    let path = |name: &str| root.path().join(name);
    fs::create_dir_all(path("models/model")).expect("a folder");
    fs::write(path("models/model/config.pbtxt"), "backend: \"python\"\n").expect("a file");
    fs::write(path("target.json"), "old").expect("a file");
    std::os::unix::fs::symlink("target.json", path("link.json")).expect("a link");
    assert!(Command::new("mkfifo").arg(path("pipe")).status().expect("it runs").success());
    let reader = Command::new("cat").arg(path("pipe")).stdout(std::process::Stdio::piped()).spawn().expect("it runs");
    check(root.path(), &["--output-format", "json=link.json", "--output-format", "json=pipe"]);
    let read = reader.wait_with_output().expect("it ends").stdout;
    assert!(path("link.json").is_symlink(), "the link stays");
    assert!(read.starts_with(b"{") && read == fs::read(path("target.json")).expect("a file"));
}
