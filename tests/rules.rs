//! Runs the pages of the rules: each is its rule's test. CONTRIBUTING.md says what a page holds.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use support::page::{Case, MODEL, cases_of};
use tritonlint::diagnostic::{Diagnostic, Place};
use tritonlint::engine::{Report, lint_with};
use tritonlint::fix::fix;
use tritonlint::model::Workspace;
use tritonlint::rule::{Applicability, Level, Rule};
use tritonlint::syntax::Source;

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
    let own = [(config.as_str(), case.config.as_str())];
    let others = case.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    workspace
        .add_in_memory(Path::new("models"), own.into_iter().chain(others).map(|(path, text)| (path, text.as_bytes())));
    let lint = |workspace: &Workspace| only_own(lint_with(&[rule], workspace, &case.settings), workspace);
    let report = lint(&workspace);
    let found: BTreeSet<_> =
        report.diagnostics.iter().map(|found| (line_of(found, &case.config), found.level)).collect();
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
        Place::Text { file, .. } => workspace.file(*file).path.ends_with(format!("{MODEL}/config.pbtxt")),
        Place::Entry(path) => path.ends_with(MODEL),
    });
    report
}

fn line_of(found: &Diagnostic, config: &str) -> usize {
    match &found.place {
        Place::Text { span, .. } => Source::new(config.into()).line_column(span.start).line,
        Place::Entry(_) => 0,
    }
}
