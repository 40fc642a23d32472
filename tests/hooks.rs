//! The hooks, run by the real pre-commit on a repository that is thrown away.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a repository that offers the hooks, one that uses them, and what pre-commit remembers.
struct Hooked {
    root: TempDir,
    path: OsString,
}

impl Hooked {
    /// As in `.pre-commit-hooks.yaml`, but for the language: the command is built already.
    fn new(hook: &str) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let bin = Path::new(env!("CARGO_BIN_EXE_tritonlint")).parent().expect("a folder");
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(bin.to_owned()).chain(std::env::split_paths(&others)));
        let hooked = Self { root, path: path.expect("a path") };
        let hooks = fs::read_to_string(support::project().join(".pre-commit-hooks.yaml")).expect("the hooks");
        assert!(hooks.contains("language: rust"));
        hooked.write("hooks/.pre-commit-hooks.yaml", &hooks.replace("language: rust", "language: system"));
        hooked.git("hooks", &["init", "--quiet"]);
        hooked.git("hooks", &["add", "."]);
        hooked.git("hooks", &["commit", "--quiet", "--message", "Hooks"]);
        hooked.git("hooks", &["tag", "v1"]);
        let hooks = hooked.folder("hooks");
        let config = format!("repos:\n  - repo: {}\n    rev: v1\n    hooks:\n      - id: {hook}\n", hooks.display());
        hooked.write("models/.pre-commit-config.yaml", &config);
        hooked.git("models", &["init", "--quiet"]);
        let output = hooked.pre_commit(&["install"]);
        assert!(output.status.success(), "{}", text(&output));
        hooked
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn command(&self, program: &Path, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder(folder)).env("PATH", &self.path).env("HOME", self.root.path());
        command.env("PRE_COMMIT_HOME", self.folder("cache")).env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{name}_NAME"), "nobody").env(format!("GIT_{name}_EMAIL"), "nobody@example.com");
        }
        command
    }

    fn git(&self, folder: &str, arguments: &[&str]) {
        let output = self.command(Path::new("git"), folder).args(arguments).output().expect("git runs");
        assert!(output.status.success(), "{}", text(&output));
    }

    fn pre_commit(&self, arguments: &[&str]) -> Output {
        let python = std::env::var_os("TRITONLINT_PYTHON").expect("TRITONLINT_PYTHON names a Python with pre-commit");
        let mut command = self.command(Path::new(&python), "models");
        command.args(["-m", "pre_commit"]).args(arguments).output().expect("pre-commit runs")
    }

    /// Commits everything, if the hook lets it pass.
    fn commit(&self) -> Output {
        self.git("models", &["add", "."]);
        let arguments = ["commit", "--quiet", "--message", "Models"];
        self.command(Path::new("git"), "models").args(arguments).output().expect("git runs")
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn a_faulty_config_is_not_committed() {
    let hooked = Hooked::new("tritonlint");
    hooked.write("models/a/config.pbtxt", "backend: \"python\"\ninputs [ ]\n");
    let output = hooked.commit();
    assert!(!output.status.success() && text(&output).contains("error[unknown-field]"), "{}", text(&output));
    hooked.write("models/a/config.pbtxt", "backend: \"python\"\ninput [ ]\n");
    let output = hooked.commit();
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn a_hook_that_fixes_leaves_the_fix_to_be_added() {
    let hooked = Hooked::new("tritonlint-fix");
    hooked.write("models/a/config.pbtxt", "backend: \"python\"\ninputs [ ]\n");
    let output = hooked.commit();
    assert!(!output.status.success() && text(&output).contains("files were modified"), "{}", text(&output));
    let fixed = fs::read_to_string(hooked.folder("models/a/config.pbtxt")).expect("the config");
    assert_eq!(fixed, "backend: \"python\"\ninput [ ]\n");
    let output = hooked.commit();
    assert!(output.status.success(), "{}", text(&output));
}

/// A version folder may be removed without a config being touched.
#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn the_layout_is_checked_too() {
    let hooked = Hooked::new("tritonlint-repository");
    hooked.write("models/tritonlint.toml", "repository.complete = 'yes'\n");
    hooked.write("models/a/config.pbtxt", "backend: \"python\"\n");
    hooked.write(
        "models/a/1/model.py",
        "class TritonPythonModel:\n    def execute(self, requests):\n        return []\n",
    );
    let output = hooked.commit();
    assert!(output.status.success(), "{}", text(&output));
    fs::remove_dir_all(hooked.folder("models/a/1")).expect("a folder");
    let output = hooked.commit();
    assert!(!output.status.success() && text(&output).contains("missing-version"), "{}", text(&output));
}
