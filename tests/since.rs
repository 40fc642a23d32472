//! `--since`: what Git says has changed.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

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

fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let all = [&["check", "--output-format", "concise"], arguments].concat();
    run(env!("CARGO_BIN_EXE_tritonlint"), folder, &all)
}

fn git(folder: &Path, arguments: &[&str]) {
    let all = [&["-c", "protocol.file.allow=always"], arguments].concat();
    let (code, text) = run("git", folder, &all);
    assert_eq!(code, Some(0), "{text}");
}

fn commit(folder: &Path) {
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--message", "Models"]);
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// A folder that holds checkouts of one model `m` each, by its path without links.
fn checkouts(names: &[&str]) -> (TempDir, PathBuf) {
    let guard = tempfile::tempdir().expect("a folder");
    let root = fs::canonicalize(guard.path()).expect("a path");
    for name in names {
        let folder = root.join(name);
        write(&folder.join("models/m/config.pbtxt"), "backend: 'python'\n");
        git(&folder, &["init", "--quiet"]);
        commit(&folder);
    }
    (guard, root)
}

const BAD: &str = "backend: 'python'\ninputs [ ]\n";

/// Git is asked where the models are, not where people are.
#[test]
fn models_may_lie_in_another_checkout() {
    let (_guard, root) = checkouts(&["here", "there"]);
    let check = |folder: &str, path: &str| check(&root.join(folder), &[path, "--since", "HEAD"]);
    assert_eq!(check("here", "../there").0, Some(0));
    write(&root.join("there/models/m/config.pbtxt"), BAD);
    for (folder, path) in [("here", "../there"), ("there", "."), ("", "."), ("", "there")] {
        let (code, text) = check(folder, path);
        assert!(code == Some(1) && text.contains("m/config.pbtxt:2"), "{folder}: {text}");
    }
    assert_eq!(check("", "here").0, Some(0));
    // One that the other does not even track.
    write(&root.join("here/.gitignore"), "inner\n");
    fs::rename(root.join("there"), root.join("here/inner")).expect("a folder");
    assert_eq!(check("here", "inner").0, Some(1));
    let (_guard, outside) = checkouts(&[]);
    write(&outside.join("m/config.pbtxt"), BAD);
    let (code, text) = self::check(&outside, &["--since", "HEAD"]);
    assert!(code == Some(2) && text.contains("not a git repository"), "{text}");
}

/// The revision is one of the outer checkout, which knows of a submodule whether it was touched.
#[test]
fn models_may_lie_in_a_submodule() {
    let (_guard, root) = checkouts(&["models", "outer"]);
    let outer = root.join("outer");
    git(&outer, &["submodule", "--quiet", "add", "../models", "sub"]);
    commit(&outer);
    git(&outer, &["tag", "before"]);
    let since = |folder: &Path, revision: &str| check(folder, &["--since", revision]);
    assert_eq!(since(&outer, "before").0, Some(0));
    let config = outer.join("sub/models/m/config.pbtxt");
    write(&config, BAD);
    let is_told = |what: &str| {
        let (code, text) = since(&outer, "before");
        assert!(code == Some(1) && text.contains("sub/models/m/config.pbtxt:2"), "{what}: {text}");
    };
    is_told("changed");
    assert_eq!(since(&outer.join("sub"), "HEAD").0, Some(1), "asked in it, it answers itself");
    commit(&outer.join("sub"));
    is_told("committed");
    commit(&outer);
    is_told("another commit of it");
    assert_eq!(since(&outer, "HEAD").0, Some(0));
}

/// A model is touched with what its links lead to.
#[cfg(unix)]
#[test]
fn models_may_link_to_what_changed() {
    use std::os::unix::fs::symlink;
    let (_guard, root) = checkouts(&["here"]);
    let here = root.join("here");
    write(&here.join("shared/config.pbtxt"), BAD);
    write(&here.join("shared/1/model.py"), "\n");
    for (model, link, target) in [("a", "config.pbtxt", "../../shared/config.pbtxt"), ("b", "1", "../../shared/1")] {
        write(&here.join("models").join(model).join("README.md"), "\n");
        symlink(target, here.join("models").join(model).join(link)).expect("a link");
    }
    write(&here.join("models/b/config.pbtxt"), BAD);
    commit(&here);
    let told = || {
        let (_, text) = check(&here, &["models", "--since", "HEAD"]);
        ["a", "b"].map(|model| text.contains(&format!("models/{model}/config.pbtxt:")))
    };
    assert_eq!(told(), [false, false]);
    write(&here.join("shared/config.pbtxt"), &format!("{BAD}\n"));
    assert_eq!(told(), [true, false]);
    git(&here, &["checkout", "--quiet", "."]);
    write(&here.join("shared/1/model.py"), "# Another.\n");
    assert_eq!(told(), [false, true]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_checkout_need_not_be_called_by_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let (_guard, root) = checkouts(&["here"]);
    let odd = root.join(std::ffi::OsStr::from_bytes(b"nu\xff"));
    fs::rename(root.join("here"), &odd).expect("a folder");
    write(&odd.join("models/m/config.pbtxt"), BAD);
    let (code, text) = check(&odd, &["--since", "HEAD"]);
    assert!(code == Some(1) && text.contains("m/config.pbtxt:2"), "{text}");
}

#[test]
fn only_what_changed_is_reported() {
    let (_guard, root) = checkouts(&[]);
    let write = |path: &str, text: &str| write(&root.join("models").join(path), text);
    let git = |arguments: &[&str]| git(&root, arguments);
    for model in ["old", "removed", "changed"] {
        write(&format!("{model}/config.pbtxt"), "backend: 'python'\ninputs [ ]\n");
    }
    write("pipeline/config.pbtxt", "platform: 'ensemble'\nensemble_scheduling { step { model_name: 'removed' } }\n");
    git(&["init", "--quiet"]);
    commit(&root);
    fs::remove_dir_all(root.join("models/removed")).expect("a folder");
    write("changed/1/model.py", "# A model.\n");
    write("new one/config.pbtxt", "inputs [ ]\n");

    let check = |folder: &str, arguments: &[&str]| check(&root.join(folder), arguments);
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
    commit(&root);
    assert_eq!(check("", &["--since", "HEAD"]).0, Some(0));
    write("../base.toml", "rules.missing-version = 'off'\n");
    write("../models/tritonlint.toml", "extend = '../base.toml'\n");
    let reported = || check("models", &["--since", "HEAD"]).1.contains("old/config.pbtxt:");
    assert!(reported(), "settings came");
    commit(&root);
    assert!(!reported());
    write("../base.toml", "rules.missing-version = 'info'\n");
    assert!(reported(), "what they extend changed");
    git(&["checkout", "--quiet", "."]);
    fs::remove_file(root.join("models/tritonlint.toml")).expect("a file");
    assert!(reported(), "settings went");
    git(&["checkout", "--quiet", "."]);

    let (code, text) = check("", &["--since", "nowhere"]);
    assert!(
        code == Some(2) && text.contains(&format!("tritonlint: --since: git, asked in {}: fatal", root.display())),
        "{text}"
    );
    let (code, text) = check("", &["--since", "--output=models/x"]);
    assert!(code == Some(2) && !root.join("models/x").exists(), "{text}");
}
