//! Runs the pages of the rules: each is its rule's test. CONTRIBUTING.md says what a page holds.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use tritonlint::diagnostic::{Diagnostic, Place};
use tritonlint::engine::{Report, lint_with};
use tritonlint::fix::fix;
use tritonlint::model::{Entry, EntryKind, Workspace};
use tritonlint::rule::{Applicability, Level, Rule};
use tritonlint::settings::Settings;
use tritonlint::syntax::Source;

/// The folder of the model whose config a page shows.
const MODEL: &str = "my_model";

/// The paths of files in another repository begin so.
const ELSEWHERE: &str = "../elsewhere/";

/// What the further files of a page hold, over and over: no model, but as large as a small one.
const PLACEHOLDER: &str = "placeholder\n";

/// A config of a page with what belongs to it.
#[derive(Default)]
struct Case {
    /// None if the folder is here without a config.
    config: Option<String>,
    /// The config's line on the page, to find it again.
    line: usize,
    expected: BTreeSet<(usize, Level)>,
    fixed: Option<String>,
    files: Vec<(String, Vec<u8>)>,
    /// Links in the folder of the model that lead nowhere.
    links: Vec<String>,
    settings: Settings,
}

#[test]
fn every_page_is_true() {
    let mut faults = Vec::new();
    for rule in tritonlint::rules::all() {
        for fault in faults_of(rule) {
            faults.push(format!("{}: {fault}", rule.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Not on pages: their configs are given to servers, and these end them.
#[test]
fn what_ends_the_server_is_found() {
    let state = "sequence_batching { state { input_name: 's' output_name: 't' data_type: TYPE_FP32 dims: DIM \
                 initial_state { name: 'i' data_type: TYPE_FP32 dims: -2 zero_data: true } } }";
    let cases = [
        ("invalid-initial-state", state.replace("DIM", "-1"), None),
        ("invalid-initial-state", state.replace("DIM", "-2"), None),
        ("missing-label-file", "output { name: 'y' label_filename: 'labels' }".into(), Some("my_model/labels/x.txt")),
        ("malformed-version-folder", "backend: 'onnxruntime'".into(), Some("my_model/99999999999999999999/model.onnx")),
    ];
    for (name, config, file) in cases {
        let mut workspace = Workspace::default();
        let files = file.map(|path| (path, PLACEHOLDER.as_bytes()));
        let own = ("my_model/config.pbtxt", config.as_bytes());
        workspace.add_in_memory(Path::new("models"), [own].into_iter().chain(files));
        let rule = tritonlint::rules::find(name).expect("the rule");
        let report = lint_with(&[rule], &workspace, &Settings::default());
        assert_eq!(report.count(Level::Error), 1, "{name}: {config}: {:?}", report.diagnostics);
    }
}

#[test]
fn names_follow_the_conventions() {
    let rules = tritonlint::rules::all();
    let names: BTreeSet<_> = rules.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), rules.len(), "a name is given twice");
    for rule in rules {
        let is_kebab = rule
            .name
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert!(is_kebab && !rule.name.starts_with("no-"), "{}", rule.name);
        let page = format!("rules/{}/{}.md", rule.category, rule.name.replace('-', "_"));
        assert!(support::project().join(&page).is_file(), "{} is not at {page}", rule.name);
    }
}

fn faults_of(rule: &'static Rule) -> Vec<String> {
    let mut faults = Vec::new();
    if !rule.page.starts_with(&format!("# {}\n", rule.name)) {
        faults.push(format!("the page does not begin with `# {}`", rule.name));
    }
    let summary = rule.summary();
    if summary.is_empty() || summary.len() > 120 || !summary.ends_with('.') {
        faults.push(format!("the first paragraph is no sentence of at most 120 characters: {summary:?}"));
    }
    let cases = match cases_of(rule.page) {
        Ok(cases) => cases,
        Err(fault) => return vec![fault],
    };
    if cases.iter().all(|case| case.expected.is_empty()) {
        faults.push("no block fails".into());
    }
    if cases.iter().all(|case| !case.expected.is_empty()) {
        faults.push("no block passes".into());
    }
    if rule.fix.is_some() != cases.iter().any(|case| case.fixed.is_some()) {
        faults.push("the rule proposes fixes and no block shows one, or the reverse".into());
    }
    if rule.level == Level::Error && !rule.page.contains("\n## What the server says\n") {
        faults.push("an error page quotes the server under `## What the server says`".into());
    }
    for case in &cases {
        faults.extend(faults_of_case(rule, case).into_iter().map(|fault| format!("line {}: {fault}", case.line)));
    }
    faults
}

fn faults_of_case(rule: &'static Rule, case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    let mut workspace = Workspace::default();
    let config = format!("{MODEL}/config.pbtxt");
    let own = case.config.as_ref().map(|text| (config.as_str(), text.as_bytes()));
    let others = case.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    // What leads out of the repository lies in another one.
    let (elsewhere, files): (Vec<_>, Vec<_>) =
        own.into_iter().chain(others).partition(|(path, _)| path.starts_with(ELSEWHERE));
    workspace.add_in_memory(Path::new("models"), files);
    if !elsewhere.is_empty() {
        let files = elsewhere.into_iter().map(|(path, bytes)| (&path[ELSEWHERE.len()..], bytes));
        workspace.add_in_memory(Path::new("elsewhere"), files);
    }
    for model in workspace.repositories.iter_mut().flat_map(|repository| &mut repository.models) {
        for link in case.links.iter().filter(|_| model.name.as_deref() == Some(MODEL)) {
            model.listing.insert_entry(Entry { path: link.clone(), kind: EntryKind::BrokenLink });
        }
    }
    let lint = |workspace: &Workspace| only_own(lint_with(&[rule], workspace, &case.settings), workspace);
    let report = lint(&workspace);
    let found: BTreeSet<_> = report
        .diagnostics
        .iter()
        .map(|found| (line_of(found, case.config.as_deref().unwrap_or_default()), found.level))
        .collect();
    if found != case.expected {
        let messages: Vec<_> = report.diagnostics.iter().map(|found| found.message.as_str()).collect();
        faults.push(format!("expected {:?}, found {found:?}: {messages:?}", case.expected));
    }
    let best = report.diagnostics.iter().filter_map(|found| found.fix.as_ref()).map(|fix| fix.applicability).max();
    if best > rule.fix {
        faults.push(format!("proposes a fix that is {best:?}, but the rule is declared with {:?}", rule.fix));
    }
    if best.is_some() != case.fixed.is_some() {
        faults.push("there is a fix without a `pbtxt fixed` block, or the reverse".into());
    }
    if let Some(fixed) = &case.fixed {
        let outcome = fix(workspace, Applicability::Unsafe, lint);
        let (_, file) = outcome.workspace.files().find(|(_, file)| file.path.ends_with(&config)).expect("the config");
        let text = String::from_utf8_lossy(&file.bytes);
        if text != *fixed {
            faults.push(format!("fixed, it should be\n{fixed}\nbut is\n{text}"));
        }
        if outcome.report.diagnostics.iter().any(|found| found.fix.is_some()) || !outcome.reverted.is_empty() {
            faults.push("fixing does not come to an end".into());
        }
    }
    faults
}

/// Leaves out what is found in the other files of a case.
fn only_own(mut report: Report, workspace: &Workspace) -> Report {
    report.diagnostics.retain(|found| match &found.place {
        Place::Text { file, .. } => workspace.file(*file).path.ends_with(format!("models/{MODEL}/config.pbtxt")),
        Place::Entry(path) => path.starts_with(Path::new("models").join(MODEL)),
    });
    report
}

fn line_of(found: &Diagnostic, config: &str) -> usize {
    match &found.place {
        Place::Text { span, .. } => Source::new(config.into()).line_column(span.start).line,
        Place::Entry(_) => 0,
    }
}

/// The configs of a page. Other blocks belong to the config that follows them, except for the fixed
/// text, which belongs to the one before.
fn cases_of(page: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut next = Case::default();
    for (info, text, line) in blocks_of(page) {
        match info.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["pbtxt"] => {
                let (config, expected) = without_marks(&text);
                next.expected.extend(expected);
                cases.push(Case { config: Some(config), line, ..std::mem::take(&mut next) });
            }
            ["pbtxt", "fixed"] => match cases.last_mut() {
                Some(case) if case.fixed.is_none() => case.fixed = Some(text),
                _ => return Err(format!("line {line}: a fixed block without its case")),
            },
            ["layout"] => {
                let (paths, marks) = without_marks(&text);
                next.expected.extend(marks.into_iter().map(|(_, level)| (0, level)));
                add_layout(&mut next, &paths);
            }
            ["layout", verdict] => {
                let level = match *verdict {
                    "error" => Some(Level::Error),
                    "warning" => Some(Level::Warning),
                    "clean" => None,
                    other => return Err(format!("line {line}: a layout cannot be {other:?}")),
                };
                add_layout(&mut next, &text);
                next.expected.extend(level.map(|level| (0, level)));
                cases.push(Case { line, ..std::mem::take(&mut next) });
            }
            ["toml"] => next.settings = Settings::from_toml(&text).map_err(|error| format!("line {line}: {error}"))?,
            ["text" | "console"] | ["text", "backend"] => {}
            [_, path] => next.files.push(((*path).to_owned(), text.into_bytes())),
            [_, path, level] => {
                let level = match *level {
                    "error" => Level::Error,
                    "warning" => Level::Warning,
                    other => return Err(format!("line {line}: a file cannot be {other:?}")),
                };
                next.expected.insert((0, level));
                next.files.push(((*path).to_owned(), text.into_bytes()));
            }
            other => return Err(format!("line {line}: a block of an unknown kind: {other:?}")),
        }
    }
    Ok(cases)
}

/// Adds files, and links as `ls -l` shows them. A file has the contents of a test model where one is named.
fn add_layout(case: &mut Case, text: &str) {
    for line in text.lines() {
        if let Some((link, _)) = line.split_once(" -> ") {
            case.links.extend(link.strip_prefix(MODEL).map(|link| link[1..].to_owned()));
        } else if let Some((path, model)) = line.split_once(" <- ") {
            let model = support::project().join("testdata/artifacts").join(model);
            let bytes = std::fs::read(&model).unwrap_or_else(|error| panic!("{}: {error}", model.display()));
            case.files.push((path.to_owned(), bytes));
        } else {
            case.files.push((line.to_owned(), PLACEHOLDER.repeat(1024).into_bytes()));
        }
    }
}

fn blocks_of(page: &str) -> Vec<(String, String, usize)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String, usize)> = None;
    for (event, range) in Parser::new(page).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let line = page[..range.start].lines().count() + 1;
                open = Some((info.to_string(), String::new(), line));
            }
            Event::Text(text) => {
                if let Some((_, block, _)) = &mut open {
                    block.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// Takes the marks off the ends of lines: what is linted is the text without them.
fn without_marks(text: &str) -> (String, BTreeSet<(usize, Level)>) {
    let mut expected = BTreeSet::new();
    let mut config = String::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let body = line.trim_end_matches('\n');
        let marks = [("# error", Level::Error), ("# warning", Level::Warning), ("# info", Level::Info)];
        let marked = marks.iter().find_map(|(mark, level)| Some((body.strip_suffix(mark)?, *level)));
        match marked {
            Some((body, level)) => {
                expected.insert((number, level));
                config.push_str(body.trim_end_matches(' '));
                config.push_str(&line[line.trim_end_matches('\n').len()..]);
            }
            None => config.push_str(line),
        }
    }
    (config, expected)
}
