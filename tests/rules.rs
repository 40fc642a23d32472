//! Runs the pages of the rules: each is its rule's test. CONTRIBUTING.md says what a page holds.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use support::page::{Case, MODEL, cases_of};
use tritonlint::diagnostic::{Diagnostic, Place};
use tritonlint::engine::{Report, lint_with};
use tritonlint::fix::fix;
use tritonlint::model::{Analysis, Entry, EntryKind, Workspace};
use tritonlint::rule::{Applicability, Category, Level, Rule};
use tritonlint::schema::backend::{self, ENSEMBLE};
use tritonlint::settings::{LevelSetting, Settings, options_of};
use tritonlint::syntax::Source;

/// The paths of files in another repository begin so.
const ELSEWHERE: &str = "../elsewhere/";

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

/// Two findings on one place are one fault told twice, but for the pairs in `TOGETHER`.
#[test]
fn a_fault_is_told_by_one_rule() {
    let mut pairs: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    let mut used: BTreeSet<&(&str, &str, &str)> = BTreeSet::new();
    for rule in tritonlint::rules::all() {
        let cases = cases_of(rule.page).expect("a page that reads");
        for case in cases.iter().filter(|case| !case.expected.is_empty()) {
            let report = lint_with(&tritonlint::rules::all(), &workspace_of(case), &all_on(&case.settings));
            let found = &report.diagnostics;
            for (at, a) in found.iter().enumerate() {
                for b in found[at + 1..].iter().filter(|b| a.rule.name != b.rule.name && are_on_one_place(a, b)) {
                    let pair = (a.rule.name.min(b.rule.name), a.rule.name.max(b.rule.name));
                    let told =
                        format!("{}, line {}: {:?}: {} / {}", rule.name, case.line, a.place, a.message, b.message);
                    pairs.entry(pair).or_default().push(told);
                }
            }
        }
    }
    let is_of = |(a, b): &(&str, &str), (one, other, _): &(&str, &str, &str)| {
        (one == a && [b, "*"].contains(other)) || (one == b && [a, "*"].contains(other))
    };
    pairs.retain(|pair, _| {
        let reasons: Vec<_> = TOGETHER.iter().filter(|reason| is_of(pair, reason)).collect();
        used.extend(&reasons);
        reasons.is_empty()
    });
    assert!(pairs.is_empty(), "{pairs:#?}");
    let idle: Vec<_> = TOGETHER.iter().filter(|reason| !used.contains(reason)).collect();
    assert!(idle.is_empty(), "never together: {idle:?}");
}

/// Rules that may find something in one place, each pair with the reason; `*` is any other rule.
const TOGETHER: [(&str, &str, &str); 26] = [
    (
        "conflicting-fields",
        "untold-sequence-start",
        "of two schedulers that exclude each other, one has a fault of its own",
    ),
    ("deprecated-torchscript", "*", "marks what selects the back-end"),
    ("incomplete-ensemble-step", "*", "marks the whole step"),
    ("input-count-mismatch", "*", "marks all inputs together"),
    ("input-kept-without-copy", "state-kept-in-module", "state is one thing, and the memory that it is in another"),
    (
        "mismatched-warmup-input",
        "unknown-enum-value",
        "a number of no type is accepted elsewhere, and refused at a warm-up",
    ),
    ("mismatched-tree-model", "missing-parameter", "both mark what selects the back-end"),
    ("missing-step-model", "unavailable-step-version", "with the model there, the version is still wrong"),
    ("missing-weights-file", "weights-outside-model", "two files of one model"),
    ("needless-preferred-batch-size", "*", "marks the whole list, which may go"),
    ("optimized-execution-with-dynamic-shapes", "*", "marks dims that vary, whatever they ought to be"),
    ("oversubscribed-cpu", "unshared-weights", "many instances cost time and memory"),
    ("pinned-step-version", "unavailable-step-version", "a version that is gone, and that may go"),
    ("platform-in-place-of-backend", "*", "marks the platform, which may be wrong as well"),
    ("platform-of-another-backend", "removed-backend", "both mark what selects the back-end"),
    ("preserved-order-conflict", "unused-priorities", "a policy that is never used has a fault inside"),
    ("refused-step-model", "*", "what is wrong with the other model, and not with the step"),
    ("repeated-state-name", "uninitialized-state", "both mark the name of a state"),
    ("short-warmup", "*", "marks the whole sample"),
    ("skipped-warmup", "*", "marks the whole sample"),
    ("swapped-states", "uninitialized-state", "both mark the name of a state"),
    ("torchscript-model-without-tensors", "*", "marks what selects the back-end"),
    ("unbatched-requests", "*", "marks max_batch_size, whatever it ought to be"),
    ("uncached-tensorrt-engines", "*", "marks the name of the accelerator"),
    ("uninitialized-state", "untyped-state", "both mark the name of a state"),
    ("unspecified-instance-kind", "*", "marks the whole group"),
];

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
        let files = file.map(|path| (path, b"placeholder".as_slice()));
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
        for backend in rule.backends {
            let is_known = *backend == ENSEMBLE || backend::find(backend).is_some();
            assert!(is_known, "{}: there is no back-end {backend}", rule.name);
        }
        assert!(rule.backends.is_sorted(), "{}: the back-ends are not in order", rule.name);
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
    if rule.fix.is_some() != cases.iter().any(|case| case.fixed.is_some() || case.fixed_layout.is_some()) {
        faults.push("the rule proposes fixes and no block shows one, or the reverse".into());
    }
    if options_of(rule).is_empty() == rule.page.contains("\n## Options\n") {
        faults.push("the rule has options and no `## Options` on its page, or the reverse".into());
    }
    if rule.level == Level::Error && !rule.page.contains("\n## What the server says\n") {
        faults.push("an error page quotes the server under `## What the server says`".into());
    }
    faults.extend(fault_of_fix_section(rule));
    let best = cases.iter().filter_map(|case| best_fix(rule, case)).max();
    if best != rule.fix {
        faults
            .push(format!("is declared with the fix {:?}, and the safest that its blocks show is {best:?}", rule.fix));
    }
    for case in &cases {
        faults.extend(faults_of_case(rule, case).into_iter().map(|fault| format!("line {}: {fault}", case.line)));
    }
    faults
}

/// What the page says of fixes has to be what the rule proposes.
fn fault_of_fix_section(rule: &Rule) -> Option<String> {
    let section = rule.page.split_once("\n## Fix\n").map(|(_, rest)| rest.split("\n## ").next().unwrap_or_default());
    let section = section.unwrap_or_default();
    let is_true = match rule.fix {
        None => !section.contains("`--fix"),
        Some(Applicability::Unsafe) => section.contains("unsafe") && !section.contains("`--fix`"),
        Some(Applicability::Safe) => section.contains("`--fix`"),
    };
    (!is_true).then(|| format!("the section `Fix` does not say that the fix is {:?}", rule.fix))
}

/// The safest fix of those that the rule proposes for a block.
fn best_fix(rule: &'static Rule, case: &Case) -> Option<Applicability> {
    let is_about_others = rule.category == Category::Suppression;
    let rules = if is_about_others { tritonlint::rules::all() } else { vec![rule] };
    let workspace = workspace_of(case);
    let report = only_own(lint_with(&rules, &workspace, &case.settings), &workspace);
    let own = report.diagnostics.iter().filter(|found| found.rule.name == rule.name);
    own.filter_map(|found| found.fix.as_ref()).map(|fix| fix.applicability).max()
}

/// The repository of a block.
fn workspace_of(case: &Case) -> Workspace {
    let mut workspace = Workspace::default();
    let config = format!("{MODEL}/config.pbtxt");
    let path = case.name.as_ref().map_or(config, |name| format!("{MODEL}/{name}"));
    let own = case.config.as_ref().map(|text| (path.as_str(), text.as_bytes()));
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
            model.listing.insert_entry(Entry { path: link.clone(), kind: EntryKind::BrokenLink, is_link: true });
        }
    }
    workspace
}

fn faults_of_case(rule: &'static Rule, case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    let workspace = workspace_of(case);
    let config = format!("{MODEL}/config.pbtxt");
    // What a comment silences is found by other rules.
    let is_about_others = rule.category == Category::Suppression;
    let rules = if is_about_others { tritonlint::rules::all() } else { vec![rule] };
    let lint = |workspace: &Workspace| {
        let mut report = only_own(lint_with(&rules, workspace, &case.settings), workspace);
        report.diagnostics.retain(|found| found.rule.name == rule.name);
        report
    };
    let report = lint(&workspace);
    let found: BTreeSet<_> = report.diagnostics.iter().map(|found| (line_of(found, case), found.level)).collect();
    if found != case.expected {
        let messages: Vec<_> = report.diagnostics.iter().map(|found| found.message.as_str()).collect();
        faults.push(format!("expected {:?}, found {found:?}: {messages:?}", case.expected));
    }
    if !report.diagnostics.is_empty() && !rule.backends.is_empty() {
        let found = backend_of(&workspace, &case.settings);
        if !found.as_deref().is_some_and(|found| rule.backends.contains(&found)) {
            faults.push(format!("reports a model of {found:?}, but the rule is about {:?}", rule.backends));
        }
    }
    let best = report.diagnostics.iter().filter_map(|found| found.fix.as_ref()).map(|fix| fix.applicability).max();
    if best > rule.fix {
        faults.push(format!("proposes a fix that is {best:?}, but the rule is declared with {:?}", rule.fix));
    }
    if best.is_some() != (case.fixed.is_some() || case.fixed_layout.is_some()) {
        faults.push("there is a fix without a `pbtxt fixed` block, or the reverse".into());
    }
    if case.fixed.is_some() || case.fixed_layout.is_some() {
        let outcome = fix(workspace, Applicability::Unsafe, lint);
        if let Some(fixed) = case.fixed.as_ref().or(case.config.as_ref()) {
            let own = outcome.workspace.files().find(|(_, file)| file.path.ends_with(&config));
            let text = String::from_utf8_lossy(&own.expect("the config").1.bytes);
            if text != *fixed {
                faults.push(format!("fixed, it should be\n{fixed}\nbut is\n{text}"));
            }
        }
        let layout = layout_of(&outcome.workspace);
        if case.fixed_layout.as_ref().is_some_and(|fixed| *fixed != layout) {
            faults.push(format!("fixed, the files are {layout:?}"));
        }
        if outcome.report.diagnostics.iter().any(|found| found.fix.is_some()) || !outcome.refused.is_empty() {
            faults.push("fixing does not come to an end".into());
        }
    }
    faults
}

/// The name of the back-end of the model that a case is about.
fn backend_of(workspace: &Workspace, settings: &Settings) -> Option<String> {
    let of_models = Analysis::new(workspace, settings).of_reported(|model| {
        let backend = model.resolution().backend().filter(|_| model.name() == MODEL)?;
        Some(backend.name().unwrap_or(ENSEMBLE).to_owned())
    });
    of_models.into_iter().flatten().next()
}

/// The files of the model other than its config.
fn layout_of(workspace: &Workspace) -> BTreeSet<String> {
    let models = workspace.repositories.iter().flat_map(|repository| &repository.models);
    let own = models.filter(|model| model.name.as_deref() == Some(MODEL));
    let entries = own.flat_map(|model| model.listing.entries());
    let files = entries.filter(|entry| matches!(entry.kind, EntryKind::File(_)) && entry.path != "config.pbtxt");
    files.map(|entry| format!("{MODEL}/{}", entry.path)).collect()
}

/// Leaves out what is found in the other files of a case.
fn only_own(mut report: Report, workspace: &Workspace) -> Report {
    report.diagnostics.retain(|found| match &found.place {
        Place::Text { file, .. } => workspace.file(*file).path.ends_with(format!("models/{MODEL}/config.pbtxt")),
        Place::Entry(path) | Place::Line { path, .. } => path.starts_with(Path::new("models").join(MODEL)),
    });
    report
}

/// The line of the config that a finding is at. What is found of a folder or a file is marked in the layout,
/// which counts as line 0, or else on the first line.
fn line_of(found: &Diagnostic, case: &Case) -> usize {
    match &found.place {
        Place::Text { span, .. } => {
            let config = case.config.as_deref().unwrap_or_default();
            Source::new(config.into()).line_column(span.start).line
        }
        Place::Entry(_) | Place::Line { .. } => {
            usize::from(case.config.is_some() && case.expected.iter().all(|(line, _)| *line > 0))
        }
    }
}

fn are_on_one_place(a: &Diagnostic, b: &Diagnostic) -> bool {
    match (&a.place, &b.place) {
        (Place::Text { file: a_file, span: a }, Place::Text { file: b_file, span: b }) => {
            a_file == b_file && (a == b || a.start < b.end && b.start < a.end)
        }
        (a, b) => a == b,
    }
}

/// The settings of a page, with the rules on that are off by default.
fn all_on(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    for rule in tritonlint::rules::all().into_iter().filter(|rule| !rule.category.is_on_by_default()) {
        settings.rules.entry(rule.name.to_owned()).or_insert(LevelSetting::Warning);
    }
    settings
}
