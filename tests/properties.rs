//! What holds for every input: of the parser, of the rules, and of the fixes.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tritonlint::diagnostic::{Diagnostic, Edit, Place};
use tritonlint::engine::lint;
use tritonlint::fix::fix;
use tritonlint::model::{Entry, Listing, Workspace};
use tritonlint::output::{Format, Graphics, Run, render};
use tritonlint::probe::Probed;
use tritonlint::rule::{Applicability, Category, Level};
use tritonlint::settings::Settings;
use tritonlint::syntax::{Field, FieldName, ScalarKind, Span, Tree, Value};

fn findings(config: &[u8]) -> Vec<Diagnostic> {
    lint(&support::workspace(config), &Settings::default()).diagnostics
}

/// What a finding says, wherever it is.
fn words(config: &[u8]) -> Vec<(&'static str, Level, String)> {
    findings(config).into_iter().map(|found| (found.rule.name, found.level, found.message)).collect()
}

fn comments(bytes: &[u8]) -> Vec<Vec<u8>> {
    let tree = Tree::parse(bytes.to_vec());
    tree.comments().map(|comment| bytes[comment.span.range()].trim_ascii_end().to_vec()).collect()
}

// ---- The corpus, or the pages' blocks where it is not --------------------------------------------

#[test]
fn comments_do_not_matter() {
    for config in support::samples() {
        let tree = Tree::parse(config.clone());
        let mut bare = config.clone();
        let mut comments: Vec<_> = tree.comments().collect();
        comments.reverse();
        for comment in comments {
            bare.drain(comment.span.range());
        }
        // Comments to us do matter.
        if String::from_utf8_lossy(config).contains("tritonlint:") {
            continue;
        }
        // A NUL or a stray byte in a comment goes with the comment, and what is said of it.
        if str::from_utf8(config).is_ok() && !config.contains(&0) {
            assert_eq!(words(config), words(&bare), "{}", String::from_utf8_lossy(config));
        }
    }
}

#[test]
fn indentation_does_not_matter() {
    for config in support::samples() {
        let Ok(text) = str::from_utf8(config) else { continue };
        let mut reindented = String::new();
        for line in text.split_inclusive('\n') {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            reindented.push_str(&line[..blanks].replace('\t', "    ").repeat(2));
            reindented.push_str(&line[blanks..]);
        }
        assert_eq!(words(text.as_bytes()), words(reindented.as_bytes()), "{text}");
    }
}

#[test]
fn a_fix_touches_nothing_else() {
    let fixes: usize = support::samples().iter().map(|config| check_each_fix(config)).sum();
    assert!(fixes > 20, "only {fixes} fixes were tried");
}

/// Each fix on its own: the lines that its edits do not touch are still there, in their order; no comment
/// is lost; line ends stay what they are; and what the text means changes only where it was edited.
fn check_each_fix(config: &[u8]) -> usize {
    let before = Tree::parse(config.to_vec());
    let source = before.source();
    let mut fixes = 0;
    for found in findings(config) {
        let Some(proposed) = found.fix.as_ref().filter(|fix| !fix.edits().is_empty()) else { continue };
        fixes += 1;
        let context = || format!("{} in {:?}", found.rule.name, String::from_utf8_lossy(config));
        let (text, inserted) = edited(config, proposed.edits());
        let after = Tree::parse(text.clone());

        let touched = |line: usize| {
            let mut edits = proposed.edits().iter();
            edits.any(|edit| (source.line(edit.span.start)..=source.line(edit.span.end)).contains(&line))
        };
        let mut remaining = text.split(|byte| *byte == b'\n');
        for (number, line) in config.split(|byte| *byte == b'\n').enumerate() {
            let is_there = touched(number) || remaining.any(|other| other == line);
            assert!(is_there, "the line {:?} is lost: {}", String::from_utf8_lossy(line), context());
        }
        if config.contains(&b'\n') && only_crlf(config) {
            assert!(only_crlf(&text), "a bare line feed: {}", context());
        }
        let is_ended_alike = text.is_empty() || text.ends_with(b"\n") == config.ends_with(b"\n");
        assert!(is_ended_alike, "the end of the file: {}", context());

        if before.refusals() > 0 {
            // What is a comment and what means what is not clear yet.
            continue;
        }
        assert_eq!(after.refusals(), 0, "the text is broken: {}", context());
        // The comments that silence findings are what some rules are about.
        if found.rule.category != Category::Suppression && found.rule.name != "wrong-encoding" {
            assert_eq!(comments(&text), comments(config), "{}", context());
        }
        let declared: Vec<String> = proposed
            .edits()
            .iter()
            .flat_map(|edit| paths_at(&before, edit.span))
            .chain(inserted.iter().flat_map(|span| paths_at(&after, *span)))
            .collect();
        for path in differences(&meaning(&before), &meaning(&after)) {
            let is_declared = declared.iter().any(|known| is_below(&path, known) || is_below(known, &path));
            assert!(is_declared, "`{path}` changed, and only {declared:?} was edited: {}", context());
        }
    }
    fixes
}

/// A text with edits applied, and where their replacements are in it.
fn edited(config: &[u8], edits: &[Edit]) -> (Vec<u8>, Vec<Span>) {
    let (mut text, mut inserted, mut done) = (Vec::new(), Vec::new(), 0);
    for edit in edits {
        text.extend_from_slice(&config[done..edit.span.range().start]);
        let start = u32::try_from(text.len()).expect("a short text");
        text.extend_from_slice(edit.text.as_bytes());
        inserted.push(Span::new(start, u32::try_from(text.len()).expect("a short text")));
        done = edit.span.range().end;
    }
    text.extend_from_slice(&config[done..]);
    (text, inserted)
}

fn only_crlf(text: &[u8]) -> bool {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    lines.pop();
    lines.iter().all(|line| line.ends_with(b"\r"))
}

/// Every scalar of a text by the names of the fields that it is in, in their order, with what it means
/// and not how it is written.
fn meaning(tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    visit(tree, |path, value| {
        let text = match value {
            Value::Scalar(scalar) => match scalar.kind() {
                ScalarKind::String(literal) => format!("{:?}", literal.bytes),
                _ => scalar.text().split_whitespace().collect(),
            },
            Value::Message(_) => "{}".to_owned(),
            Value::List(_) => return,
        };
        found.entry(path.to_owned()).or_default().push(text);
    });
    found
}

/// The paths of the fields that a part of the text is in or holds, the innermost ones.
fn paths_at(tree: &Tree, part: Span) -> Vec<String> {
    let mut paths = Vec::new();
    visit_fields(tree, |path, field| {
        if field.span().start <= part.end && part.start <= field.span().end {
            paths.push(path.to_owned());
        }
    });
    let all = paths.clone();
    paths.retain(|path| !all.iter().any(|other| other != path && is_below(other, path)));
    paths
}

fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn differences(one: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let paths: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    paths.into_iter().filter(|path| one.get(*path) != other.get(*path)).cloned().collect()
}

fn visit(tree: &Tree, mut see: impl FnMut(&str, Value<'_>)) {
    visit_fields(tree, |path, field| match field.value() {
        Some(Value::List(list)) => list.items().for_each(|item| see(path, item)),
        Some(value) => see(path, value),
        None => {}
    });
}

fn visit_fields(tree: &Tree, mut see: impl FnMut(&str, Field<'_>)) {
    let mut open: Vec<(String, Field<'_>)> = tree.document().fields().map(|field| (name_of(field), field)).collect();
    open.reverse();
    while let Some((path, field)) = open.pop() {
        see(&path, field);
        let values: Vec<Value<'_>> = match field.value() {
            Some(Value::List(list)) => list.items().collect(),
            value => value.into_iter().collect(),
        };
        let mut inner = Vec::new();
        for value in values {
            if let Value::Message(message) = value {
                inner.extend(message.fields().map(|field| (format!("{path}.{}", name_of(field)), field)));
            }
        }
        open.extend(inner.into_iter().rev());
    }
}

fn name_of(field: Field<'_>) -> String {
    match field.name() {
        FieldName::Plain(name) | FieldName::Extension(name) => name.to_owned(),
        FieldName::Missing => String::new(),
    }
}

#[test]
fn fixing_twice_is_fixing_once() {
    for config in support::samples() {
        check_fixing(config, Applicability::Safe);
        check_fixing(config, Applicability::Unsafe);
    }
}

fn check_fixing(config: &[u8], least: Applicability) {
    let lint = |workspace: &Workspace| lint(workspace, &Settings::default());
    let once = fix(support::workspace(config), least, lint);
    let defects: Vec<_> = once.refused.iter().filter(|refused| refused.is_defect()).collect();
    assert!(defects.is_empty(), "{defects:?} in {}", String::from_utf8_lossy(config));
    // A fixed name or bracket may bring to light what was hidden behind it, but only then. So may the right
    // name of a back-end, which a name that is none does not contradict.
    let has_error = |found: &[Diagnostic]| found.iter().any(|found| found.level == Level::Error);
    let before = findings(config);
    let names_no_backend = before.iter().any(|found| found.rule.name == "unknown-backend");
    if !has_error(&before) && !names_no_backend {
        assert!(!has_error(&once.report.diagnostics), "fixing adds errors to {}", String::from_utf8_lossy(config));
    }
    let text = support::text(&once.workspace);
    let twice = fix(support::workspace(&text), least, lint);
    assert_eq!(String::from_utf8_lossy(&support::text(&twice.workspace)), String::from_utf8_lossy(&text));
    assert!(twice.applied.is_empty());
}

// ---- Any bytes ----------------------------------------------------------------------------------

/// Everything that must hold whatever the bytes are.
fn check(config: &[u8]) {
    let tree = Tree::parse(config.to_vec());
    let mut end = 0;
    for token in tree.tokens() {
        assert!(token.span.start >= end && !token.span.is_empty(), "tokens overlap at {}", token.span.start);
        end = token.span.end;
    }
    assert!(end as usize <= config.len());
    for found in findings(config) {
        let Place::Text { span, .. } = found.place else { continue };
        let labels = found.labels.iter().map(|label| label.span);
        let edits = found.fix.iter().flat_map(tritonlint::diagnostic::Fix::edits).map(|edit| edit.span);
        for span in [span].into_iter().chain(labels).chain(edits) {
            assert!(span.start <= span.end && span.end as usize <= config.len(), "{} at {span:?}", found.rule.name);
            let text = tree.source().text();
            let on_characters = text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize);
            assert!(on_characters, "{} cuts a character at {span:?}", found.rule.name);
        }
    }
}

/// Pieces of configs, whole and broken.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "name", "max_batch_size", "input", "dims", "parameters", "key", "value", "string_value", "data_type",
            "TYPE_FP32", "KIND_GPU", "instance_group", "count", "dynamic_batching", "ensemble_scheduling", "step",
        ]),
        4 => prop::sample::select(vec![":", "{", "}", "[", "]", "<", ">", ",", ";", "-", ".", "=", "\n", " ", "  "]),
        2 => prop::sample::select(vec!["\"a\"", "'b'", "8", "0x1F", "010", "1.5", "-1", "true", "\"", "'", "\\"]),
        1 => prop::sample::select(vec![
            "# a comment\n", "// no comment\n", "/*", "*/", "${x}", "{{ y }}", "<<<<<<< HEAD\n", "=======", ">>>>>>> x\n",
            "\u{FEFF}", "\u{A0}", "\u{201C}", "\u{201D}", "\0", "\r\n", "ü", "10ms", "08", "+1", "\\x", "\\ud800",
        ]),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// What a config may be made of, with the mistakes that people make.
const SNIPPETS: &[&str] = &[
    "name: \"my_model\"",
    "name: \"other\"",
    "name = \"my_model\"",
    "platform: \"onnxruntime_onnx\"",
    "platform: \"onnxruntime\"",
    "platform: \"python\"",
    "platform: \"ensemble\"",
    "backend: \"pytorch\"",
    "backend: \"python\"",
    "backend: \"onnx\"",
    "backend: pytorch",
    "\"backend\": \"pytorch\"",
    "max_batch_size: 8",
    "max_batch_size: \"8\"",
    "max_batch_size: 8.0",
    "max_batch_size: [8]",
    "max_batch_size 8",
    "max-batch-size: +8",
    "maxBatchSize: 4;",
    "max_batch_size: 0,",
    "input [\n  {\n    name: \"x\"\n    data_type: TYPE_FP32\n    dims: [ -1, 3 ]\n  }\n]",
    "input [ { name: \"x\" data_type: FP32 dims: [ 3 ] } ]",
    "input { name: \"y\", data_type: TYPE_BYTES, dims: -1 }",
    "inputs: [\n  { name: \"x\", data_type: \"TYPE_FP32\", dims: [ 1 2 ] },\n  { name: \"x\", data_type: float32 dims: [3], },\n]",
    "input { name: \"z\" data_type: TYPE_INT64 dims [ 1 ] optional: True }",
    "output [\n  {\n    name: \"o\"\n    data_type: TYPE_FP32\n    dims: [ 10 ]\n    label_filename: \"labels.txt\"\n  }\n]",
    "output { name: \"o\" data_type: TYPE_FP32 dims: [ 2, ] is_shape_tensor: false }",
    "dynamic_batching {\n  preferred_batch_size: [ 4, 16, 0 ]\n  max_queue_delay_microseconds: \"100\"\n}",
    "dynamic_batching { preferred_batch_size: [ 16 ] preferred_batch_size: 4 }",
    "dynamic_batching: { }",
    "instance_group [\n  {\n    count: \"2\"\n    kind: GPU\n    gpus: [ 0 ]\n  }\n]",
    "instance_group [ { count: 1 kind: KIND_CPU gpus: [ 0, 1 ] profile: \"1\" } ]",
    "instance_group: { kind: \"KIND_CPU\" }",
    "parameters {\n  key: \"DISABLE_OPTIMIZED_EXECUTION\"\n  value: { string_value: \"yes\" }\n}",
    "parameters: { key: \"INFERENCE_MODE\" value: { string_value: \"true\" } }",
    "parameters [\n  { key: \"A\" value { string_value: \"1\" } },\n  { key: \"A\" value { string_value: \"2\" } }\n]",
    "parameters { key: \"B\" value: \"x\" }",
    "parameters [ ]",
    "version_policy { specific { versions: [ 1, 2 ] } }",
    "version_policy: { latest: { num_versions: 1 } }; version_policy { all { } }",
    "ensemble_scheduling {\n  step [\n    {\n      model_name: \"a\"\n      input_map { key: \"x\" value: \"x\" }\n      output_map { key: \"o\" value: \"t\" }\n    }\n  ]\n}",
    "ensemble_scheduling { step { model_name: \"b\" model_version: 0 output_map { key: \"o\" value: \"o\" } } }",
    "response_cache { enable: TRUE }",
    "default_model_filename: model.v2.onnx",
    "default_model_filename: \"best.pt\"",
    "platform: \"torch_aoti\"",
    "version_policy {\n  latest { }\n}",
    "preferred_batch_size: [ 4 ]\nmax_queue_delay_microseconds: 100",
    "gpus: [ 0 ]",
    "parameters: { \"C\": { \"string_value\": \"1\" }, \"D\": { string_value: \"2\" } }",
    "\"metric_tags\": {}",
    "sequence_batching {\n  control_input [ { name: \"READY\" control { kind: CONTROL_SEQUENCE_READY fp32_false_true: [ 0, 1 ] } } ]\n  state { input_name: \"s__0\" output_name: \"t\" data_type: TYPE_FP32 dims: 1 }\n}",
    "model_warmup {\n  name: \"w\"\n  batch_size: 16\n  inputs {\n    key: \"x\"\n    value { data_type: TYPE_FP32 dims: 3 }\n  }\n}",
    "output [ { name: \"a__1\" data_type: TYPE_FP32 dims: [ 1 ] }, { name: \"b\" data_type: TYPE_FP32 dims: [ 1 ] } ]",
    "cc_model_filenames { key: \"7.5\" value: \"C:\\models\" }",
    "sequence_batching { control_input [ { name: \"START\" control { kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] } } ] }",
    "model_warmup { name: \"w\";; batch_size: 1 }",
    "# alone",
    "// a comment",
    "",
];

/// How a config is laid out.
#[derive(Clone, Debug)]
struct Layout {
    newline: &'static str,
    step: &'static str,
    quote: char,
    ends_with_newline: bool,
    is_glued: bool,
}

fn layouts() -> impl Strategy<Value = Layout> {
    let newline = prop::sample::select(vec!["\n", "\r\n"]);
    let step = prop::sample::select(vec!["  ", "    ", "\t", ""]);
    let quote = prop::sample::select(vec!['"', '\'']);
    (newline, step, quote, any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |(newline, step, quote, ends_with_newline, is_glued)| Layout {
            newline,
            step,
            quote,
            ends_with_newline,
            is_glued,
        },
    )
}

/// Whole configs, most of them with some mistakes, in all sorts of layouts, with comments everywhere.
fn configs() -> impl Strategy<Value = String> {
    let snippets = prop::collection::vec(prop::sample::select(SNIPPETS), 0..8);
    (snippets, layouts(), prop::collection::vec(0_u8..10, 0..60)).prop_map(|(snippets, layout, comments)| {
        let text = snippets.join("\n").replace("  ", layout.step).replace('"', &layout.quote.to_string());
        let text = if layout.is_glued { text.replace(": ", ":").replace(" }", "}").replace("[ ", "[") } else { text };
        let mut comments = comments.into_iter().enumerate();
        let mut lines = Vec::new();
        for line in text.lines() {
            match comments.next() {
                Some((number, 0)) => lines.extend([format!("# above {number}"), line.to_owned()]),
                Some((number, 1 | 2)) => lines.push(format!("{line} # behind {number}")),
                _ => lines.push(line.to_owned()),
            }
        }
        let end = if layout.ends_with_newline && !lines.is_empty() { layout.newline } else { "" };
        lines.join(layout.newline) + end
    })
}

/// A number from the environment.
fn set_by<T: std::str::FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok()?.parse().ok()
}

/// A path of few and similar parts.
fn path() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["1", "1-", "1 a", "10", "a", "a-b", "é", "~"]);
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"))
}

proptest! {
    /// What lies in a folder is found without looking at what lies deeper.
    #[test]
    fn children_of_listings(paths in prop::collection::vec(path(), 0..12), folder in prop_oneof![Just(String::new()), path()]) {
        let mut listing = Listing::default();
        for path in &paths {
            listing.insert(path, 0);
        }
        let lies_in = |entry: &&Entry| match folder.as_str() {
            "" => !entry.path.contains('/'),
            _ => entry.path.rsplit_once('/').is_some_and(|(outer, _)| outer == folder),
        };
        let expected = listing.entries().iter().filter(lies_in).map(|entry| (entry.path.rsplit('/').next().unwrap_or_default(), entry.kind));
        prop_assert_eq!(listing.children(&folder).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}

proptest! {
    // The same cases in every run. For others, say PROPTEST_RNG_SEED and PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: set_by("PROPTEST_CASES").unwrap_or(4000),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(set_by("PROPTEST_RNG_SEED").unwrap_or(20_261_122)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_config(config in configs()) {
        check(config.as_bytes());
        check_each_fix(config.as_bytes());
        check_fixing(config.as_bytes(), Applicability::Safe);
        check_fixing(config.as_bytes(), Applicability::Unsafe);
    }

    #[test]
    fn any_bytes(config in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&config);
    }

    #[test]
    fn any_pieces(config in pieces()) {
        check(config.as_bytes());
        check_fixing(config.as_bytes(), Applicability::Safe);
        check_fixing(config.as_bytes(), Applicability::Unsafe);
    }

    #[test]
    fn any_damage(sample in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), length in 0_usize..12, piece in pieces()) {
        let mut config = sample.get(support::samples()).clone();
        let start = if config.is_empty() { 0 } else { at.index(config.len()) };
        let end = (start + length).min(config.len());
        config.splice(start..end, piece.chars().take(12).collect::<String>().into_bytes());
        check(&config);
        check_fixing(&config, Applicability::Unsafe);
    }
}

/// What random texts have brought to light.
#[test]
fn texts_that_were_trouble() {
    let long = format!("name: \"{}\" foo: 1\n", "a".repeat(70_000));
    for text in ["{ }", "< >", "{ }\n", "name[\\name]", "['*/,\nparameters+1,[\u{201D}=\\\r\n", &long] {
        check(text.as_bytes());
        check_fixing(text.as_bytes(), Applicability::Safe);
        check_fixing(text.as_bytes(), Applicability::Unsafe);
        let workspace = support::workspace(text.as_bytes());
        let report = lint(&workspace, &Settings::default());
        let probed = Probed::default();
        let run = Run {
            workspace: &workspace,
            report: &report,
            applied: &[],
            problems: &[],
            probed: &probed,
            here: Path::new("/"),
            root: Path::new("/"),
        };
        for format in [Format::Full, Format::Concise, Format::Json] {
            assert!(!render(&run, format, Graphics::Drawn { color: true, width: 80 }).is_empty());
        }
    }
}

#[test]
fn settings_do_not_reach_other_rules() {
    let settings =
        Settings::from_toml("[rules]\nname-directory-mismatch = \"off\"\nunknown-field = \"info\"").expect("settings");
    let mut workspace = Workspace::default();
    workspace
        .add_in_memory(Path::new("models"), [("a/config.pbtxt", &b"name: 'b' nonsense: 1 max_batch_size: 'x'"[..])]);
    let found = lint(&workspace, &settings).diagnostics;
    let found: Vec<_> = found.iter().map(|found| (found.rule.name, found.level)).collect();
    assert_eq!(found, [("unknown-field", Level::Info), ("wrong-value-type", Level::Error)]);
}
