//! JUnit: a suite a file, a failed test a finding; a file without findings is a test that passes.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::place::{Located, located, rooted_file};
use super::{Run, Sources, text};

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let mut files: BTreeMap<String, Vec<Located<'_>>> = BTreeMap::new();
    for (file, _) in run.workspace.files().filter(|(_, file)| file.is_reported) {
        files.entry(rooted_file(run, file)).or_default();
    }
    for located in located(run, sources) {
        files.entry(located.path.clone()).or_default().push(located);
    }
    let mut report = Report::new("tritonlint");
    for (path, findings) in files {
        let mut suite = TestSuite::new(path.clone());
        if findings.is_empty() {
            let mut case = TestCase::new("tritonlint", TestCaseStatus::success());
            case.set_classname(path);
            suite.add_test_case(case);
        } else {
            suite.add_test_cases(findings.iter().map(case));
        }
        report.add_test_suite(suite);
    }
    // Writing to a string cannot fail.
    text::visible(&report.to_string().unwrap_or_default()) + "\n"
}

fn case(located: &Located<'_>) -> TestCase {
    let found = located.found;
    let place = located.range.map(|range| format!(":{}", range.start)).unwrap_or_default();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(found.message.clone());
    status.set_type(found.level.to_string());
    let remarks = found.notes.iter().chain(&found.help).map(String::as_str);
    let head = format!("{}{place}: {}", located.path, found.message);
    status.set_description(std::iter::once(head.as_str()).chain(remarks).collect::<Vec<_>>().join("\n"));
    let mut case = TestCase::new(format!("{}{place}", found.rule.name), status);
    case.set_classname(located.path.clone());
    if let Some(range) = located.range {
        case.extra.insert("line".into(), range.start.line.to_string().into());
        case.extra.insert("column".into(), range.start.column.to_string().into());
    }
    case
}
