//! Configs that are too deep, too long, or too much.

use std::path::Path;

use tritonlint::engine::{Report, lint};
use tritonlint::model::Workspace;
use tritonlint::output::{Format, Graphics, Run, render};
use tritonlint::probe::Probed;
use tritonlint::settings::Settings;

use crate::support;

/// More findings than these are not reported for one file.
const MOST: usize = 500;

pub(crate) const FORMATS: [Format; 11] = [
    Format::Full,
    Format::Concise,
    Format::Json,
    Format::JsonLines,
    Format::Sarif,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
    Format::Checkstyle,
    Format::Rdjson,
    Format::Azure,
];

/// What a report says in every format.
pub(crate) fn rendered(workspace: &Workspace, report: &Report) -> Vec<(Format, String)> {
    let root = Path::new("/");
    let probed = Probed::default();
    let run = Run { workspace, report, applied: &[], problems: &[], here: root, root, probed: &probed };
    let graphics = Graphics::Drawn { color: false, width: 80 };
    FORMATS.map(|format| (format, render(&run, format, graphics))).into()
}

/// Whether a report has characters that mean something to a terminal, other than the line ends of Windows.
/// Strings of JSON hold those beyond ASCII as they are.
pub(crate) fn has_command(format: Format, text: &str) -> bool {
    let is_json = matches!(format, Format::Json | Format::JsonLines | Format::Sarif | Format::Gitlab | Format::Rdjson);
    let is_command = |c: char| if is_json { c < ' ' } else { c.is_control() };
    text.replace("\r\n", "\n").contains(|c| is_command(c) && !matches!(c, '\n' | '\t'))
}

fn checked(config: &str) -> Report {
    let workspace = support::workspace(config.as_bytes());
    let report = lint(&workspace, &Settings::default());
    assert!(report.diagnostics.len() <= MOST, "{} findings", report.diagnostics.len());
    for (format, text) in rendered(&workspace, &report) {
        // With nothing to tell, what is for log lines is empty.
        assert!(!text.is_empty() || report.diagnostics.is_empty(), "{format:?}");
    }
    report
}

fn has(report: &Report, rule: &str) -> bool {
    report.diagnostics.iter().any(|found| found.rule.name == rule)
}

#[test]
fn nesting_without_end() {
    for (open, close) in [("optimization {", "}"), ("parameters { value < ", "> }"), ("input [{ dims: [", "]}]")] {
        let depth = 100_000;
        assert!(!checked(&open.repeat(depth)).diagnostics.is_empty());
        assert!(!checked(&(open.repeat(depth) + &close.repeat(depth))).diagnostics.is_empty());
    }
    assert!(!checked(&"[".repeat(1_000_000)).diagnostics.is_empty());
    assert!(!checked(&"}".repeat(1_000_000)).diagnostics.is_empty());
}

#[test]
fn lists_without_end() {
    let dims =
        format!("backend: 'x'\ninput {{ name: 'a' data_type: TYPE_FP32 dims: [ 1{} ] }}\n", ", 1".repeat(1_000_000));
    checked(&dims);
    let names = format!("backend: 'x'\ninput {{ name: 'a' dims: [ x{} ] }}\n", ", x".repeat(300_000));
    let report = checked(&names);
    assert!(!report.diagnostics.is_empty());
}

#[test]
fn lines_of_megabytes() {
    let string = "a".repeat(4 << 20);
    for config in [
        format!("name: '{string}'\n"),
        format!("{string}: 1\n"),
        format!("# {string}\nfoo: 1\n"),
        format!("foo: 1 # {string}"),
        format!("name: '{string}"),
        format!("{}foo: 1", " ".repeat(4 << 20)),
        format!("{}foo {{ {}", " ".repeat(4 << 20), "b: 1 ".repeat(1 << 18)),
        format!("{}foo {{\n{}", " ".repeat(4 << 20), " b: 1\n".repeat(1 << 18)),
        format!("name: {}", "'a' ".repeat(1 << 20)),
    ] {
        let report = checked(&config);
        assert!(!report.diagnostics.is_empty());
        // What is told of a long value is short.
        let told = report.diagnostics.iter().map(|found| found.message.len()).max();
        assert!(told < Some(3000), "{told:?}");
    }
}

/// Each of many with each of many others.
#[test]
fn findings_without_end() {
    let samples = "model_warmup { batch_size: 1 }\n".repeat(10_000);
    let inputs = "input { name: 'a' data_type: TYPE_FP32 dims: 1 }\n".repeat(10_000);
    for config in [
        format!("backend: 'onnxruntime'\n{samples}{inputs}"),
        format!("# tritonlint: ignore[{}a]\nbackend: 'python'\n", "a,".repeat(100_000)),
        format!("# tritonlint: ignore[{}all]\nbackend: 'python'\n", "unknown-feild,".repeat(20_000)),
        "# tritonlint: ignore[unknown-field]\nx: 1\n".repeat(30_000),
        "x: 1 # tritonlint: ignore[schema, unknown-fields]\n".repeat(20_000),
    ] {
        let report = checked(&config);
        assert!(!report.diagnostics.is_empty() || report.suppressed > 0);
    }
}

#[test]
fn unknown_fields_without_end() {
    let report = checked(&"x: 1\n".repeat(1_000_000));
    assert!(has(&report, "unknown-field"));
    assert!(report.left_out > 0 || report.diagnostics.len() == MOST);
}

/// A name from a file is quoted as characters, never as commands to the terminal.
#[test]
fn escapes_of_terminals() {
    let evil = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{8}\r\u{202e}";
    let escaped = "\\033[2J\\a\\b\\r\\302\\233";
    let mut found = 0;
    for config in [
        format!("name: '{evil}'\n"),
        format!("name: '{escaped}'\n"),
        format!("platform: '{escaped}' backend: '{evil}'\n"),
        format!("{evil}: 1\n"),
        format!("input {{ name: '{escaped}' data_type: {evil} }}\n"),
        format!("# tritonlint: ignore[{evil}]\n"),
        format!("[{evil}/x]: 1\n"),
        format!("parameters {{ key: '{escaped}' value {{ string_value: '{evil}' }} }} foo: '{evil}'\n"),
    ] {
        let workspace = support::workspace(config.as_bytes());
        let report = lint(&workspace, &Settings::default());
        found += report.diagnostics.len();
        for (format, text) in rendered(&workspace, &report) {
            assert!(!has_command(format, &text), "{format:?} of {config:?}: {text:?}");
        }
    }
    assert!(found >= 6, "only {found} findings");
}

/// So many names, each of which is to be looked up among the others.
const NAMES: usize = 20_000;

/// The text for each number, one after the other.
fn repeated(text: impl Fn(usize) -> String) -> String {
    (0..NAMES).map(text).collect()
}

#[test]
fn names_without_end_are_compared_with_each_other() {
    let inputs = repeated(|at| format!("input {{ name: 'n{at}' data_type: TYPE_FP32 dims: 1 }}\n"));
    let states =
        repeated(|at| format!("state {{ input_name: 'n{at}' output_name: 'o{at}' data_type: TYPE_FP32 dims: 1 }}\n"));
    let controls = repeated(|at| format!("control_input {{ name: 'n{at}' }}\n"));
    let report = checked(&format!("backend: 'x'\n{inputs}sequence_batching {{ {states} }}\n"));
    assert!(has(&report, "state-also-input"));
    checked(&format!("backend: 'x'\n{inputs}sequence_batching {{ {controls} }}\n"));
    let sources = repeated(|at| {
        format!(
            "batch_input {{ kind: BATCH_ELEMENT_COUNT data_type: TYPE_FP32 target_name: 'x' source_input: 'm{at}' }}\n"
        )
    });
    checked(&format!("backend: 'python'\n{inputs}{sources}"));
    checked(&repeated(|at| format!("parameters {{ key: '{}' value {{ string_value: 1 }} }}\n", at / 2)));
    checked(&repeated(|at| {
        if at % 2 == 0 { "inputs { names: 'x' }\n" } else { "max_queue_delay_microseconds: 1\n" }.to_owned()
    }));
}

#[test]
fn maps_without_end_of_an_ensemble() {
    let inputs =
        |name: &str, kind: &str| repeated(|at| format!("input {{ name: '{name}{at}' data_type: {kind} dims: 1 }}\n"));
    for (key, kind) in [("n", "TYPE_INT32"), ("m", "TYPE_FP32")] {
        let map = repeated(|at| format!("input_map {{ key: '{key}{at}' value: 'n{at}' }}\n"));
        let ensemble = format!(
            "platform: 'ensemble'\n{}ensemble_scheduling {{ step {{ model_name: 'step' {map} }} }}\n",
            inputs("n", "TYPE_FP32")
        );
        let step = format!("backend: 'python'\n{}", inputs("n", kind));
        let mut workspace = Workspace::default();
        let files = [("ensemble/config.pbtxt", ensemble.as_bytes()), ("step/config.pbtxt", step.as_bytes())];
        workspace.add_in_memory(Path::new("models"), files);
        let report = lint(&workspace, &Settings::default());
        assert_eq!(has(&report, "inconsistent-ensemble-tensor"), key == "n");
        assert_eq!(has(&report, "unknown-step-tensor"), key == "m");
    }
}

/// To compare two names takes memory for each pair of their characters.
#[test]
fn a_long_name_that_is_nearly_another() {
    let name = "a".repeat(500_000);
    checked(&format!(
        "backend: 'x' max_batch_size: 8\ninput {{ name: '{name}' data_type: TYPE_FP32 dims: 1 }}\n\
         batch_input {{ kind: BATCH_ELEMENT_COUNT data_type: TYPE_FP32 target_name: 'x' source_input: '{name}b' }}\n"
    ));
}
