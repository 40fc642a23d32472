//! `--since`: what Git says has changed.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn run(program: &str, folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(program);
    for name in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{name}_NAME"), "nobody").env(format!("GIT_{name}_EMAIL"), "nobody@example.com");
    }
    let command = command.args(arguments).current_dir(folder).env("HOME", folder).env_remove("GITHUB_ACTIONS");
    let output = command.output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn only_what_changed_is_reported() {
    let root = tempfile::tempdir().expect("a folder");
    let root = fs::canonicalize(root.path()).map(|path| (root, path)).expect("a path");
    let (_guard, root) = root;
    let write = |path: &str, text: &str| {
        let path = root.join("models").join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    let git = |arguments: &[&str]| {
        let (code, text) = run("git", &root, arguments);
        assert_eq!(code, Some(0), "{text}");
    };
    for model in ["old", "removed", "changed"] {
        write(&format!("{model}/config.pbtxt"), "backend: 'python'\ninputs [ ]\n");
    }
    write("pipeline/config.pbtxt", "platform: 'ensemble'\nensemble_scheduling { step { model_name: 'removed' } }\n");
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "Models"]);
    fs::remove_dir_all(root.join("models/removed")).expect("a folder");
    write("changed/1/model.py", "# A model.\n");
    write("new one/config.pbtxt", "inputs [ ]\n");

    let check = |folder: &str, arguments: &[&str]| {
        let all = [&["check", "--output-format", "concise"], arguments].concat();
        run(env!("CARGO_BIN_EXE_tritonlint"), &root.join(folder), &all)
    };
    for (folder, prefix) in [("", "models/"), ("models", "")] {
        let (code, text) = check(folder, &["--since", "HEAD"]);
        assert_eq!(code, Some(1), "{text}");
        for model in ["changed", "new one", "pipeline"] {
            assert!(text.contains(&format!("{prefix}{model}/config.pbtxt:")), "{text}");
        }
        assert!(!text.contains("old/"), "{text}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("models", root.join("current")).expect("a link");
        let (code, text) = check("", &["current", "--since", "HEAD"]);
        assert!(code == Some(1) && text.contains("current/changed/config.pbtxt:"), "{text}");
        fs::remove_file(root.join("current")).expect("a link");
    }
    // Settings that come, change or go touch every model that they are for.
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "More models"]);
    assert_eq!(check("", &["--since", "HEAD"]).0, Some(0));
    write("../base.toml", "rules.missing-version = 'off'\n");
    write("../models/tritonlint.toml", "extend = '../base.toml'\n");
    let reported = || check("models", &["--since", "HEAD"]).1.contains("old/config.pbtxt:");
    assert!(reported(), "settings came");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "Settings"]);
    assert!(!reported());
    write("../base.toml", "rules.missing-version = 'info'\n");
    assert!(reported(), "what they extend changed");
    git(&["checkout", "--quiet", "."]);
    fs::remove_file(root.join("models/tritonlint.toml")).expect("a file");
    assert!(reported(), "settings went");
    git(&["checkout", "--quiet", "."]);

    let (code, text) = check("", &["--since", "nowhere"]);
    assert!(code == Some(2) && text.contains("tritonlint: git: fatal"), "{text}");
    let (code, text) = check("", &["--since", "--output=models/x"]);
    assert!(code == Some(2) && !root.join("models/x").exists(), "{text}");
}
