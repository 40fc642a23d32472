//! From the disk: what is found where, and what happens where the disk is odd.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tritonlint::engine::lint;
use tritonlint::model::Workspace;
use tritonlint::model::load::{Problem, Target, load};
use tritonlint::settings::Settings;

/// A folder with files; those whose names end in `/` are folders.
fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        let path = folder.path().join(file);
        if file.ends_with('/') {
            fs::create_dir_all(&path).expect("a folder");
        } else {
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(&path, "backend: 'python'\n").expect("a file");
        }
    }
    folder
}

fn loaded(paths: &[PathBuf]) -> (Workspace, Vec<Problem>) {
    let targets: Vec<_> = paths.iter().cloned().map(Target::Path).collect();
    load(&targets)
}

/// The configs that are reported on, below the folder.
fn reported(workspace: &Workspace, folder: &Path) -> Vec<String> {
    let reported = workspace.files().filter(|(_, file)| file.is_reported);
    let inside = |path: &Path| path.strip_prefix(folder).unwrap_or(path).display().to_string();
    reported.map(|(_, file)| inside(&file.path)).collect()
}

#[test]
fn repositories_are_found_below_a_folder() {
    let root = folder(&[
        "deploy/models/a/config.pbtxt",
        "deploy/models/b/1/model.onnx",
        "other/c/config.pbtxt",
        "other/c/1/config.pbtxt",
        "other/c/configs/fast.pbtxt",
        ".hidden/d/config.pbtxt",
        "src/main.py",
    ]);
    let (workspace, problems) = loaded(&[root.path().to_owned()]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        reported(&workspace, root.path()),
        ["deploy/models/a/config.pbtxt", "other/c/config.pbtxt", "other/c/configs/fast.pbtxt"]
    );
    let names: Vec<_> = workspace
        .repositories
        .iter()
        .map(|repository| repository.models.iter().filter_map(|model| model.name.as_deref()).collect::<Vec<_>>())
        .collect();
    assert_eq!(names, [vec!["a", "b"], vec!["c"]]);
}

#[test]
fn a_config_in_the_repository_itself_does_not_hide_the_models() {
    let root = folder(&["models/config.pbtxt", "models/a/config.pbtxt", "models/a/1/model.py"]);
    for path in [root.path().to_owned(), root.path().join("models")] {
        let (workspace, problems) = loaded(&[path]);
        assert_eq!(reported(&workspace, root.path()), ["models/a/config.pbtxt"]);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(problem.path.ends_with("models/config.pbtxt") && !problem.is_failure, "{problem:?}");
    }
}

#[test]
fn a_model_or_a_config_is_reported_on_alone() {
    let root = folder(&["a/config.pbtxt", "b/config.pbtxt", "b/configs/fast.pbtxt"]);
    let cases = [
        ("a", vec!["a/config.pbtxt"]),
        ("b/configs/fast.pbtxt", vec!["b/configs/fast.pbtxt"]),
        ("b/../a/./config.pbtxt", vec!["a/config.pbtxt"]),
        ("b/", vec!["b/config.pbtxt", "b/configs/fast.pbtxt"]),
    ];
    for (target, expected) in cases {
        let (workspace, problems) = loaded(&[root.path().join(target)]);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(reported(&workspace, root.path()), expected, "{target}");
        assert_eq!(workspace.repositories[0].models.len(), 2, "{target}: its neighbour is known");
    }
}

/// Folders that are called like versions or like the folder of custom configs, and are neither.
#[test]
fn names_do_not_make_a_model() {
    let root = folder(&[
        "2024/asr/config.pbtxt",
        "configs/label_map.pbtxt",
        "models/configs/config.pbtxt",
        "models/123/config.pbtxt",
        "models/123/1/model.onnx",
        "models/a/config.pbtxt",
        "models/b/1/config.pbtxt",
    ]);
    let (workspace, problems) = loaded(&[root.path().to_owned()]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        reported(&workspace, root.path()),
        ["2024/asr/config.pbtxt", "models/123/config.pbtxt", "models/a/config.pbtxt", "models/configs/config.pbtxt"]
    );
}

#[test]
fn a_repository_without_configs_is_one() {
    let root = folder(&["a/1/model.onnx"]);
    let (workspace, problems) = loaded(&[root.path().to_owned()]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(workspace.repositories[0].models[0].name.as_deref(), Some("a"));
}

#[test]
fn model_files_are_read() {
    let root = folder(&["models/a/1/"]);
    let model = root.path().join("models/a");
    fs::write(model.join("config.pbtxt"), "backend: 'onnxruntime'\n").expect("a file");
    fs::write(model.join("1/model.onnx"), "<!doctype html><title>Please log in</title>").expect("a file");
    let (workspace, problems) = loaded(&[root.path().join("models")]);
    assert!(problems.is_empty(), "{problems:?}");
    let report = lint(&workspace, &Settings::default());
    let found: Vec<_> = report.diagnostics.iter().map(|found| (found.rule.name, found.message.as_str())).collect();
    assert_eq!(found, [("unreadable-model-file", "the model cannot be loaded: the file is a web page")]);
}

#[test]
fn a_named_file_of_another_kind_is_not_read() {
    let root = folder(&["m/config.pbtxt", "m/config.pbtxt.j2", "m/model.prototxt", "m/x.cc", "m/package.json"]);
    for (name, is_read) in [
        ("config.pbtxt", true),
        ("config.pbtxt.j2", true),
        ("model.prototxt", true),
        ("x.cc", false),
        ("package.json", false),
    ] {
        let (workspace, problems) = loaded(&[root.path().join("m").join(name)]);
        assert_eq!((workspace.files().count() > 0, problems.is_empty()), (is_read, is_read), "{name}");
    }
}

#[test]
fn what_is_not_there_is_a_failure() {
    let root = folder(&["empty/"]);
    for target in ["nowhere", "empty"] {
        let (_, problems) = loaded(&[root.path().join(target)]);
        assert!(problems.iter().any(|problem| problem.is_failure), "{target}");
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use super::*;
    use tritonlint::engine::lint;
    use tritonlint::rule::Level;
    use tritonlint::settings::Settings;

    #[test]
    fn links_are_followed_and_loops_are_not() {
        let root = folder(&["store/a/config.pbtxt", "models/b/config.pbtxt"]);
        let models = root.path().join("models");
        symlink(root.path().join("store/a"), models.join("a")).expect("a link");
        symlink(&models, models.join("b/loop")).expect("a link");
        symlink("nowhere", models.join("b/dangling")).expect("a link");
        let (workspace, problems) = loaded(std::slice::from_ref(&models));
        assert_eq!(reported(&workspace, &models), ["a/config.pbtxt", "b/config.pbtxt"]);
        assert!(problems.iter().all(|problem| !problem.is_failure), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.path.ends_with("loop")), "{problems:?}");
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let root = folder(&["a/config.pbtxt", "a/1/model.onnx"]);
        symlink("nowhere", root.path().join("a/labels.txt")).expect("a link");
        symlink("nowhere", root.path().join("b")).expect("a link");
        let (workspace, problems) = loaded(&[root.path().to_owned()]);
        assert!(problems.is_empty(), "{problems:?}");
        let report = lint(&workspace, &Settings::from_toml("repository.complete = 'yes'").expect("settings"));
        let links = report.diagnostics.iter().filter(|found| found.rule.name == "broken-link");
        let messages: Vec<_> = links.map(|found| (found.message.as_str(), found.level)).collect();
        let led_nowhere = |name| (name, Level::Error);
        assert_eq!(messages, ["the link `labels.txt` leads nowhere", "the link `b` leads nowhere"].map(led_nowhere));
        let explicit = Settings::from_toml("server.model-control-mode = 'explicit'").expect("settings");
        let report = lint(&workspace, &explicit);
        assert!(report.diagnostics.iter().all(|found| found.message != "the link `b` leads nowhere"));
    }

    /// A link may lead anywhere; only one that stands for a model is followed.
    #[test]
    fn links_out_of_a_folder_are_not_followed() {
        let root = folder(&["project/models/a/config.pbtxt", "elsewhere/models/b/config.pbtxt"]);
        symlink(root.path().join("elsewhere"), root.path().join("project/data")).expect("a link");
        let (workspace, problems) = loaded(&[root.path().join("project")]);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(reported(&workspace, root.path()), ["project/models/a/config.pbtxt"]);
    }

    #[test]
    fn a_pipe_is_not_read() {
        let root = folder(&["a/"]);
        let pipe = root.path().join("a/config.pbtxt");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        for target in [root.path().to_owned(), pipe] {
            let (_, problems) = loaded(&[target]);
            assert!(problems.iter().any(|problem| problem.reason == "not a regular file"), "{problems:?}");
        }
    }

    /// Also where the name of the link is no text.
    #[test]
    fn a_link_to_its_own_folder_hides_no_model() {
        let root = folder(&["a/config.pbtxt"]);
        let link = root.path().join("a").join(OsStr::from_bytes(b"\xFF"));
        symlink(".", &link).expect("a link");
        let (workspace, problems) = loaded(&[root.path().to_owned()]);
        assert_eq!(reported(&workspace, root.path()), ["a/config.pbtxt"]);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(problem.path == link && problem.reason.contains("leads back to") && !problem.is_failure, "{problem:?}");
    }

    /// One folder that may not be listed is told, and is a model all the same.
    #[test]
    fn a_model_that_may_not_be_listed_is_one() {
        use std::os::unix::fs::PermissionsExt as _;

        let root = folder(&["models/a/config.pbtxt"]);
        let model = root.path().join("models/a");
        fs::set_permissions(&model, fs::Permissions::from_mode(0o111)).expect("it is ours");
        let is_forbidden = fs::read_dir(&model).is_err();
        let (workspace, problems) = loaded(&[root.path().join("models")]);
        fs::set_permissions(&model, fs::Permissions::from_mode(0o700)).expect("it is ours");
        assert_eq!(workspace.repositories[0].models.len(), 1, "{problems:?}");
        // Nothing is forbidden to root.
        let expected = if is_forbidden { vec![&model] } else { Vec::new() };
        assert_eq!(problems.iter().map(|problem| &problem.path).collect::<Vec<_>>(), expected, "{problems:?}");
    }

    #[test]
    fn names_need_not_be_text() {
        let root = folder(&[]);
        let model = root.path().join(OsStr::from_bytes(b"m\xFF"));
        fs::create_dir(&model).expect("a folder");
        fs::write(model.join("config.pbtxt"), "name: 'm'").expect("a file");
        let (workspace, problems) = loaded(&[root.path().to_owned()]);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(workspace.repositories[0].models[0].name, None);
    }
}
