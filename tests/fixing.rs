//! The fixing engine, with rules made for the purpose: some of them propose what they should not.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::path::Path;

use tritonlint::diagnostic::{FileChange, Findings};
use tritonlint::engine::lint_with;
use tritonlint::fix::{Outcome, Reason, fix};
use tritonlint::model::{Model, Workspace};
use tritonlint::rule::{Applicability, Category, Level, Rule};
use tritonlint::settings::Settings;
use tritonlint::syntax::Span;

macro_rules! rule {
    ($name:ident, $category:ident, $level:ident, $check:expr) => {
        static $name: Rule = Rule {
            name: stringify!($name),
            category: Category::$category,
            backends: &[],
            level: Level::$level,
            fix: Some(Applicability::Safe),
            page: "",
            check: $check,
        };
    };
}

fn fixed(config: &str, rules: &[&'static Rule]) -> (String, Outcome) {
    let workspace = support::workspace(config.as_bytes());
    let outcome = fix(workspace, Applicability::Safe, |workspace| lint_with(rules, workspace, &Settings::default()));
    (String::from_utf8_lossy(&support::text(&outcome.workspace)).into_owned(), outcome)
}

/// Finds each place of a text, and proposes another one for it.
fn replace(model: Model<'_>, findings: &mut Findings<'_>, old: &str, new: &str) {
    let text = model.tree().source().text().to_owned();
    for (at, _) in text.match_indices(old) {
        let start = u32::try_from(at).expect("a short text");
        let span = Span::new(start, start + u32::try_from(old.len()).expect("a short text"));
        findings.add(span, format!("{old} at {at}")).fix(Applicability::Safe, "replace it", [(span, new.to_owned())]);
    }
}

rule!(GOOD, Schema, Warning, |model, findings| replace(model, findings, "good", "better"));
rule!(BREAKS, Schema, Warning, |model, findings| replace(model, findings, "'bad'", "'bad"));
rule!(COMMENT, Syntax, Warning, |model, findings| replace(model, findings, "# why", ""));
rule!(IDLE, Schema, Warning, |model, findings| replace(model, findings, "idle", "idle"));
rule!(CIRCLE, Schema, Warning, |model, findings| {
    replace(model, findings, "ping", "pong");
    replace(model, findings, "'pong", "'ping");
});
rule!(GROWS, Schema, Warning, |model, findings| replace(model, findings, "'grow", "'growgrow"));
rule!(HARM, Schema, Warning, |model, findings| replace(model, findings, "harmless", "harmful"));
rule!(HARM_OF_ERROR, Layout, Error, |model, findings| replace(model, findings, "hidden", "harmful"));
rule!(HARMFUL, Schema, Error, |model, findings| {
    if let Some(at) = model.tree().source().text().find("harmful") {
        let at = u32::try_from(at).expect("a short text");
        findings.add(Span::empty(at), "this is harmful");
    }
});

#[test]
fn a_faulty_fix_is_taken_back_and_the_others_are_applied() {
    let config = "name: 'good' backend: 'bad'\nplatform: 'good' # why\n";
    let (text, outcome) = fixed(config, &[&GOOD, &BREAKS, &COMMENT]);
    assert_eq!(text, "name: 'better' backend: 'bad'\nplatform: 'better' # why\n");
    let refused: Vec<_> = outcome.refused.iter().map(|refused| (refused.rule, refused.reason.clone())).collect();
    assert_eq!(refused, [("BREAKS", Reason::BreaksText), ("COMMENT", Reason::LosesComment)]);
    assert!(outcome.refused.iter().all(tritonlint::fix::Refused::is_defect));
    assert_eq!(outcome.applied.len(), 2);
}

#[test]
fn a_fix_that_makes_an_error_is_taken_back() {
    let (text, outcome) = fixed("name: 'harmless' backend: 'good'", &[&HARM, &HARMFUL, &GOOD]);
    assert_eq!(text, "name: 'harmless' backend: 'better'");
    assert_eq!(outcome.refused.len(), 1);
    assert_eq!(outcome.refused[0].reason, Reason::NewError("this is harmful".into()));
    assert_eq!(outcome.report.count(Level::Error), 0);
}

/// The server does not get to the second error before the first one is gone.
#[test]
fn what_fixing_an_error_brings_to_light_stays() {
    let (text, outcome) = fixed("name: 'hidden'", &[&HARM_OF_ERROR, &HARMFUL]);
    assert_eq!(text, "name: 'harmful'");
    assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
}

rule!(HARM_OF_DOUBTED_ERROR, Schema, Error, |model, findings| {
    let span = Span::new(7, 13);
    if model.config().name.text() == Some("hidden") {
        let finding = findings.add(span, "hidden").unless_complete("the file");
        finding.fix(Applicability::Safe, "replace it", [(span, "harmful".to_owned())]);
    }
});

/// A level that was lowered says nothing of where the server stops.
#[test]
fn what_fixing_brings_to_light_does_not_depend_on_levels() {
    let (text, outcome) = fixed("name: 'hidden'", &[&HARM_OF_DOUBTED_ERROR, &HARMFUL]);
    assert_eq!((text.as_str(), outcome.refused.as_slice()), ("name: 'harmful'", &[][..]));

    let lowered = Settings::from_toml("[rules]\nlayout = 'warning'").expect("settings");
    let outcome = fix(support::workspace(b"name: 'hidden'"), Applicability::Safe, |workspace| {
        lint_with(&[&HARM_OF_ERROR, &HARMFUL], workspace, &lowered)
    });
    assert_eq!(outcome.refused, []);
    assert_eq!(support::text(&outcome.workspace), b"name: 'harmful'");

    // Nor is it harm what only users call an error.
    let raised = Settings::from_toml("[rules]\nschema = 'error'").expect("settings");
    let outcome = fix(support::workspace(b"name: 'outside-shut'"), Applicability::Safe, |workspace| {
        lint_with(&[&ENTERS, &INSIDE], workspace, &raised)
    });
    assert_eq!(outcome.refused, []);
    assert_eq!(support::text(&outcome.workspace), b"name: 'inside-shut'");
}

rule!(ENTERS, Schema, Warning, |model, findings| replace(model, findings, "outside", "inside"));
rule!(INSIDE, Schema, Warning, |model, findings| {
    if model.tree().source().text().contains("inside") {
        findings.add(Span::empty(0), "somebody is there");
    }
});
rule!(OPENS, Schema, Warning, |model, findings| replace(model, findings, "-shut", "-open"));
rule!(SHUT_INSIDE, Schema, Error, |model, findings| {
    if model.tree().source().text().contains("inside-shut") {
        findings.add(Span::empty(0), "nobody gets in");
    }
});

/// Of two fixes that meet the first one is tried first, and does harm as long as the other one waits.
#[test]
fn a_fix_that_did_harm_is_tried_again_once_others_were_applied() {
    let (text, outcome) = fixed("name: 'outside-shut'", &[&ENTERS, &OPENS, &SHUT_INSIDE]);
    assert_eq!((text.as_str(), outcome.refused.as_slice()), ("name: 'inside-open'", &[][..]));
    assert_eq!(outcome.applied.len(), 2);
}

#[test]
fn fixes_without_end_leave_the_file_as_it_was() {
    for rule in [&CIRCLE, &GROWS] {
        let config = "name: 'ping' backend: 'grow' platform: 'good'";
        let (text, outcome) = fixed(config, &[rule, &GOOD]);
        assert_eq!(text, config);
        assert!(outcome.applied.is_empty());
        assert!(outcome.refused.iter().any(|refused| refused.reason == Reason::NoEnd), "{:?}", outcome.refused);
    }
    let (_, outcome) = fixed("name: 'idle'", &[&IDLE]);
    assert_eq!(outcome.refused[0].reason, Reason::ChangesNothing);
}

rule!(FIRST, Schema, Warning, |model, findings| replace(model, findings, "both", "first"));
rule!(SECOND, Schema, Warning, |model, findings| replace(model, findings, "both", "second"));
rule!(RISKY, Schema, Warning, |model, findings| {
    let start = model.tree().source().text().find("both").and_then(|at| u32::try_from(at).ok());
    if let Some(start) = start {
        let edit = (Span::new(start, start + 4), "risky".to_owned());
        findings.add(Span::new(0, 1), "risky").fix(Applicability::Unsafe, "take a risk", [edit]);
    }
});

#[test]
fn of_two_fixes_for_the_same_bytes_the_same_one_always_wins() {
    for rules in [[&FIRST, &SECOND], [&SECOND, &FIRST]] {
        assert_eq!(fixed("name: 'both'", &rules).0, "name: 'first'");
    }
    // A safe one goes before an unsafe one, wherever they are found.
    let outcome = fix(support::workspace(b"name: 'both'"), Applicability::Unsafe, |workspace| {
        lint_with(&[&RISKY, &SECOND], workspace, &Settings::default())
    });
    assert_eq!(support::text(&outcome.workspace), b"name: 'second'");
}

#[test]
fn repairs_that_do_not_make_a_text_readable_are_not_safe() {
    let repaired = |config: &str| {
        let rules = tritonlint::rules::all();
        let workspace = support::workspace(config.as_bytes());
        let outcome =
            fix(workspace, Applicability::Safe, |workspace| lint_with(&rules, workspace, &Settings::default()));
        (String::from_utf8_lossy(&support::text(&outcome.workspace)).into_owned(), outcome)
    };
    let (text, outcome) = repaired("backend = 'python'\nmax_batch_size: ${SIZE}\n");
    assert_eq!(text, "backend = 'python'\nmax_batch_size: ${SIZE}\n");
    let proposed: Vec<_> = outcome.report.diagnostics.iter().filter_map(|found| found.fix.as_ref()).collect();
    assert_eq!(proposed.len(), 1);
    assert_eq!(proposed[0].applicability, Applicability::Unsafe);
    let (text, _) = repaired("backend = 'python'\nmax_batch_size = 8 // eight\n");
    assert_eq!(text, "backend: 'python'\nmax_batch_size: 8 # eight\n");
}

#[test]
fn a_file_in_utf_16_becomes_utf_8() {
    let config = "name = 'm\u{fc}' # \u{1F600}\r\n";
    let units: Vec<u16> = config.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [[&[0xFF, 0xFE], &*little].concat(), [&[0xFE, 0xFF], &*big].concat(), little, big] {
        let outcome = fix(support::workspace(&bytes), Applicability::Safe, |workspace| {
            lint_with(
                &tritonlint::rules::all(),
                workspace,
                &Settings { rules: off("name-directory-mismatch"), ..Settings::default() },
            )
        });
        assert_eq!(String::from_utf8_lossy(&support::text(&outcome.workspace)), "name: 'm\u{fc}' # \u{1F600}\r\n");
    }
    // Half a character is nobody's text.
    let outcome = fix(support::workspace(&[0xFF, 0xFE, 0, 0xD8]), Applicability::Safe, |workspace| {
        lint_with(&tritonlint::rules::all(), workspace, &Settings::default())
    });
    assert_eq!(support::text(&outcome.workspace), [0xFF, 0xFE, 0, 0xD8]);
}

/// Which of the old encodings a file has no byte tells, so that it is asked for; beside UTF-8 it is none of them.
#[test]
fn a_file_in_windows_1252_becomes_utf_8_when_asked_for() {
    let fixed = |bytes: &[u8], least| {
        let rules = tritonlint::rules::all();
        let settings = Settings { rules: off("name-directory-mismatch"), ..Settings::default() };
        let outcome = fix(support::workspace(bytes), least, |workspace| lint_with(&rules, workspace, &settings));
        assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
        support::text(&outcome.workspace)
    };
    let old = b"name: 'm\xFC \x80' # f\xFCr\r\n";
    assert_eq!(fixed(old, Applicability::Safe), old);
    assert_eq!(String::from_utf8_lossy(&fixed(old, Applicability::Unsafe)), "name: 'm\u{fc} \u{20AC}' # f\u{fc}r\r\n");
    assert_eq!(fixed(b"name:\xA0'm'\n", Applicability::Unsafe), b"name: 'm'\n");
    for other in [&b"name: 'm\xFC \xC3\xBC'\n"[..], b"name: 'm\x81'\n"] {
        assert_eq!(fixed(other, Applicability::Unsafe), other);
    }
}

/// What the server says of a model, in the place of its config.
#[test]
fn json_of_the_server_becomes_a_config() {
    let config = r#"{"name":"my_model","platform":"","backend":"onnxruntime","version_policy":{"latest":{"num_versions":1}},
"max_batch_size":0,"input":[{"name":"x","data_type":"TYPE_FP32","format":"FORMAT_NONE","dims":["1",-1],"optional":false}],
"batch_input":[],"output":[{"name":"y","data_type":"TYPE_FP32","dims":[1]}],"instance_group":[{"name":"g","kind":"KIND_CPU",
"count":1,"gpus":[]}],"default_model_filename":"model.onnx","cc_model_filenames":{},"parameters":{"intra_op_thread_count":
{"string_value":"1"},"session.x":{"string_value":"2"}},"model_warmup":[]}"#;
    let outcome = fix(support::workspace(config.as_bytes()), Applicability::Safe, |workspace| {
        lint_with(&tritonlint::rules::all(), workspace, &Settings::default())
    });
    let text = support::text(&outcome.workspace);
    let tree = tritonlint::syntax::Tree::parse(text.clone());
    let (config, errors) = tritonlint::schema::read_config(&tree);
    assert!(tree.errors().is_empty() && errors.is_empty(), "{}\n{errors:?}", String::from_utf8_lossy(&text));
    assert_eq!(config.input[0].dims.iter().map(|dim| dim.value).collect::<Vec<_>>(), [1, -1]);
    assert!(config.cc_model_filenames.entries().is_empty());
    let keys: Vec<_> = config.parameters.entries().iter().filter_map(|entry| entry.key.text()).collect();
    assert_eq!(keys, ["intra_op_thread_count", "session.x"]);
    assert_eq!(
        config.parameters.entries()[1].value.written().and_then(|value| value.value.string_value.text()),
        Some("2")
    );
}

fn off(rule: &str) -> std::collections::BTreeMap<String, tritonlint::settings::LevelSetting> {
    [(rule.to_owned(), tritonlint::settings::LevelSetting::Off)].into()
}

rule!(RENAMES, Layout, Warning, |model, findings| {
    if model.listing().get("01").is_some() {
        let folder = &model.directory().path;
        let change = FileChange::Rename { from: folder.join("01"), to: folder.join("1") };
        findings.add(Span::empty(0), "01").file_fix(Applicability::Safe, "rename `01` to `1`", change);
    }
});

/// A config that gets the right name is one: what is wrong in it is found, and fixed.
#[test]
fn a_renamed_config_is_fixed_too() {
    let mut workspace = Workspace::default();
    let config = &b"backend: 'onnx'\nmax_batch_size: '8'\nnonsense: 1\n"[..];
    workspace.add_in_memory(Path::new("models"), [("m/config.pbtext", config)]);
    let rules = tritonlint::rules::all();
    let outcome = fix(workspace, Applicability::Safe, |workspace| lint_with(&rules, workspace, &Settings::default()));
    assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
    let (_, file) = outcome.workspace.files().next().expect("the config");
    assert_eq!(*file.path, *Path::new("models/m/config.pbtxt"));
    assert!(String::from_utf8_lossy(&file.bytes).contains("max_batch_size: 8\n"));
    assert!(outcome.report.diagnostics.iter().any(|found| found.rule.name == "unknown-field"));
}

fn folders(workspace: &Workspace) -> Vec<String> {
    let entries = workspace.repositories[0].models[0].listing.entries();
    entries.iter().map(|entry| entry.path.clone()).filter(|path| path != "config.pbtxt").collect()
}

#[test]
fn files_are_renamed_and_nothing_is_overwritten() {
    let renamed = |files: &[&str]| {
        let mut workspace = Workspace::default();
        let files = files.iter().map(|path| (*path, &b"name: 'good'"[..]));
        workspace.add_in_memory(Path::new("models"), files);
        fix(workspace, Applicability::Safe, |workspace| lint_with(&[&RENAMES, &GOOD], workspace, &Settings::default()))
    };
    let outcome = renamed(&["m/config.pbtxt", "m/01/model.py", "m/01/sub/x"]);
    assert_eq!(folders(&outcome.workspace), ["1", "1/model.py", "1/sub", "1/sub/x"]);
    assert_eq!(outcome.applied.len(), 2);
    let outcome = renamed(&["m/config.pbtxt", "m/01/model.py", "m/1/other"]);
    assert_eq!(folders(&outcome.workspace), ["01", "01/model.py", "1", "1/other"]);
    assert_eq!(outcome.refused[0].reason, Reason::Files);
    assert_eq!(outcome.applied.len(), 1, "the fix of the text is not held up");
}
