//! Settings: the schema that is committed, and which file is in force where.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tritonlint::settings::{Completeness, Discovery, LevelSetting, RuleOptions, Source, json_schema};

/// `tritonlint settings --schema > tritonlint.schema.json` brings it up to date.
#[test]
fn the_committed_schema_is_that_of_the_types() {
    let text = fs::read_to_string(support::project().join("tritonlint.schema.json")).expect("the schema");
    let committed: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(committed == *json_schema(), "tritonlint.schema.json is out of date");
}

/// An option of a rule that there is not would never be read.
#[test]
fn options_are_those_of_rules() {
    let options = serde_json::to_value(RuleOptions::default()).expect("JSON");
    let names: Vec<_> = options.as_object().expect("a table").keys().collect();
    assert!(names.len() >= 6);
    for name in names {
        assert!(tritonlint::rules::find(name).is_some(), "{name}");
    }
}

#[test]
fn options_can_be_set_for_some_models_and_kept_from_below() {
    let root = folder(&[
        ("base.toml", "rules.many-instances = { level = 'error', max-instances = 2 }"),
        (
            "tritonlint.toml",
            "extend = 'base.toml'\nrules.performance = 'info'\n\
             [[overrides]]\nmodels = ['large_*']\nrules.many-instances.max-instances = 1",
        ),
    ]);
    let mut discovery = Discovery::new(Source::Closest, Vec::new(), false);
    for (model, most) in [("large_a", 1), ("b", 2)] {
        let resolved = discovery.resolve(&root.path().join(model), Some(model));
        assert_eq!(resolved.settings.options.many_instances.max_instances, most);
        assert_eq!(resolved.settings.rules.get("many-instances"), Some(&LevelSetting::Info));
    }
    assert!(discovery.faults().is_empty(), "{:?}", discovery.faults());
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn level(discovery: &mut Discovery, folder: &Path) -> Option<LevelSetting> {
    let name = folder.file_name().and_then(|name| name.to_str());
    discovery.resolve(folder, name).settings.rules.get("unknown-field").copied()
}

#[test]
fn the_closest_file_wins() {
    let root = folder(&[
        ("pyproject.toml", "[tool.tritonlint.rules]\nunknown-field = 'info'"),
        ("a/.tritonlint.toml", "rules.unknown-field = 'off'"),
        ("a/tritonlint.toml", "rules.unknown-field = 'error'"),
        ("b/pyproject.toml", "[project]\nname = 'b'"),
        ("c/tritonlint.toml", ""),
        ("d/tritonlint.toml", "extend = '../a/tritonlint.toml'\nrepository.complete = 'no'"),
    ]);
    let mut discovery = Discovery::new(Source::Closest, Vec::new(), false);
    for (folder, expected) in [
        ("m", Some(LevelSetting::Info)),
        ("a/x/m", Some(LevelSetting::Off)),
        ("b/m", Some(LevelSetting::Info)),
        ("c/m", None),
        ("d/m", Some(LevelSetting::Error)),
    ] {
        assert_eq!(level(&mut discovery, &root.path().join(folder)), expected, "{folder}");
    }
    let resolved = discovery.resolve(&root.path().join("d/m"), None);
    assert_eq!(resolved.settings.repository.complete, Completeness::No);
    assert!(discovery.faults().is_empty(), "{:?}", discovery.faults());
}

/// What extends it says so, not the file that is not there.
#[test]
fn a_missing_file_is_told_where_it_is_named() {
    let root = folder(&[("tritonlint.toml", "force-exclude = true\nextend = 'gone.toml'")]);
    let mut discovery = Discovery::new(Source::Closest, Vec::new(), false);
    discovery.resolve(root.path(), None);
    let [fault] = discovery.faults() else { panic!("{:?}", discovery.faults()) };
    assert_eq!((fault.path.as_path(), fault.line()), (&*root.path().join("tritonlint.toml"), 2));
    let gone = root.path().join("gone.toml");
    let expected = format!("{}: the settings cannot be read: no such file or directory", gone.display());
    assert_eq!(fault.message, expected);
}

/// Whether there is a file in a folder that is closed, such as `lost+found`, nobody can tell.
#[cfg(unix)]
#[test]
fn a_closed_folder_has_no_settings() {
    use std::os::unix::fs::PermissionsExt as _;

    let root = folder(&[("tritonlint.toml", "rules.unknown-field = 'info'"), ("closed/tritonlint.toml", "")]);
    let closed = root.path().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("it is ours");
    // Nothing is closed to root.
    let is_effective = fs::read_dir(&closed).is_err();
    let mut discovery = Discovery::new(Source::Closest, Vec::new(), false);
    let found = level(&mut discovery, &closed);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("it is ours");
    assert_eq!(found, is_effective.then_some(LevelSetting::Info));
    assert!(discovery.faults().is_empty(), "{:?}", discovery.faults());
}

#[test]
fn settings_in_a_pyproject_are_a_table() {
    let root =
        folder(&[("pyproject.toml", "[tool]\ntritonlint = 3\n"), ("other/pyproject.toml", "tool = 'tritonlint'")]);
    let mut discovery = Discovery::new(Source::Closest, Vec::new(), false);
    discovery.resolve(&root.path().join("other"), None);
    let [fault] = discovery.faults() else { panic!("{:?}", discovery.faults()) };
    assert_eq!((fault.message.as_str(), fault.line()), ("`tool.tritonlint` takes a table, not an integer", 2));
}

/// A link that leads round in a circle is no folder that could hold any.
#[cfg(unix)]
#[test]
fn a_link_to_itself_has_no_settings() {
    let root = folder(&[("tritonlint.toml", "rules.unknown-field = 'info'")]);
    std::os::unix::fs::symlink("round", root.path().join("round")).expect("a link");
    let mut discovery = Discovery::new(Source::Closest, Vec::new(), false);
    assert_eq!(level(&mut discovery, &root.path().join("round")), Some(LevelSetting::Info));
    assert!(discovery.faults().is_empty(), "{:?}", discovery.faults());
}

#[test]
fn the_last_override_that_fits_wins() {
    let root = folder(&[
        ("base.toml", "[[overrides]]\nmodels = ['*']\nrules.schema = 'info'"),
        (
            "tritonlint.toml",
            "extend = 'base.toml'\n[[overrides]]\npaths = ['old/']\nrules.all = 'off'\n\
             [[overrides]]\nmodels = ['old_[ab]']\nrules.unknown-field = 'error'",
        ),
    ]);
    fs::create_dir_all(root.path().join("old/x")).expect("a folder");
    let mut discovery = Discovery::new(Source::Closest, Vec::new(), false);
    for (folder, expected) in [
        ("m", LevelSetting::Info),
        ("old/x", LevelSetting::Off),
        ("old_a", LevelSetting::Error),
        ("old_c", LevelSetting::Info),
        ("old/old_b", LevelSetting::Error),
    ] {
        assert_eq!(level(&mut discovery, &root.path().join(folder)), Some(expected), "{folder}");
    }
}

#[test]
fn patterns_are_those_of_the_file_that_they_stand_in() {
    let root = folder(&[
        ("tritonlint.toml", "exclude = ['vendor', '/models/old_*', '!old_but_kept']"),
        ("models/vendor/config.pbtxt", ""),
        ("models/old_a/config.pbtxt", ""),
        ("models/old_but_kept/config.pbtxt", ""),
        ("more/models/old_a/config.pbtxt", ""),
    ]);
    let mut discovery = Discovery::new(Source::Closest, Vec::new(), false);
    for (path, expected) in [
        ("models/vendor", true),
        ("models/old_a", true),
        ("models/old_but_kept", false),
        ("more/models/old_a", false),
        ("models/old_a/config.pbtxt", false),
    ] {
        assert_eq!(discovery.excludes(&root.path().join(path), false), expected, "{path}");
    }
    let named = root.path().join("models/old_a/config.pbtxt");
    assert!(!discovery.excludes(&named, true));
    assert!(Discovery::new(Source::Closest, Vec::new(), true).excludes(&named, true));
}
