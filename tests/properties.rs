//! What holds for every input: of the parser, of the rules, and of the fixes.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tritonlint::diagnostic::{Diagnostic, Place};
use tritonlint::engine::lint;
use tritonlint::fix::fix;
use tritonlint::model::Workspace;
use tritonlint::output::{Format, Graphics, Run, render};
use tritonlint::probe::Probed;
use tritonlint::rule::{Applicability, Level};
use tritonlint::settings::Settings;
use tritonlint::syntax::Tree;

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

/// Each fix on its own: the lines that its edits do not touch are still there, in their order, and no
/// comment is lost.
#[test]
fn a_fix_touches_nothing_else() {
    let mut fixes = 0;
    for config in support::samples() {
        let parsed = Tree::parse(config.clone());
        let source = parsed.source();
        for found in findings(config) {
            let Some(proposed) = &found.fix else { continue };
            fixes += 1;
            let only_this = |workspace: &Workspace| {
                let mut report = lint(workspace, &Settings::default());
                report.diagnostics.retain(|other| {
                    support::text(workspace) == *config
                        && other.place == found.place
                        && other.rule.name == found.rule.name
                });
                report
            };
            let after = support::text(&fix(support::workspace(config), Applicability::Unsafe, only_this).workspace);
            if after == *config {
                // A correction need not help where the text around it is broken too.
                assert!(parsed.refusals() > 1, "{} proposes a fix that changes nothing", found.rule.name);
                continue;
            }
            let touched = |line: usize| {
                proposed
                    .edits
                    .iter()
                    .any(|edit| (source.line(edit.span.start)..=source.line(edit.span.end)).contains(&line))
            };
            let lines: Vec<&[u8]> = config.split(|byte| *byte == b'\n').collect();
            let untouched = lines.iter().enumerate().filter(|(number, _)| !touched(*number)).map(|(_, line)| *line);
            let mut remaining = after.split(|byte| *byte == b'\n');
            for line in untouched {
                assert!(
                    remaining.any(|other| other == line),
                    "{} lost the line {:?}",
                    found.rule.name,
                    String::from_utf8_lossy(line)
                );
            }
            if found.rule.name != "foreign-comment" {
                assert_eq!(comments(&after), comments(config), "{}", found.rule.name);
            }
        }
    }
    assert!(fixes > 20, "only {fixes} fixes were tried");
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
    assert!(once.reverted.is_empty(), "a fix broke {}", String::from_utf8_lossy(config));
    // A fixed name or bracket may bring to light what was hidden behind it, but only then.
    let has_error = |found: &[Diagnostic]| found.iter().any(|found| found.level == Level::Error);
    if !has_error(&findings(config)) {
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
        let edits = found.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
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

proptest! {
    // The same cases in every run. For others, say PROPTEST_RNG_SEED and PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_122),
        ..ProptestConfig::default()
    })]

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
        let run = Run { workspace: &workspace, report: &report, applied: &[], problems: &[], probed: &probed };
        for format in [Format::Full(Graphics::Drawn { color: true, width: 80 }), Format::Concise, Format::Json] {
            assert!(!render(&run, format).is_empty());
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
