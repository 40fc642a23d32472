//! SARIF 2.1.0, the format that code hosts take results of static analysis in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::place::{Located, Range, located, rooted, rooted_file};
use super::{Run, Sources};
use crate::diagnostic::Fix;
use crate::model::FileId;
use crate::rule::{Level, Rule};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let names: BTreeSet<_> = run.report.diagnostics.iter().map(|found| found.rule.name).collect();
    let rules: Vec<&Rule> = crate::rules::all().into_iter().filter(|rule| names.contains(rule.name)).collect();
    let results: Vec<_> = located(run, sources).iter().map(|located| result(located, &rules, run, sources)).collect();
    let problems: Vec<_> = run
        .problems
        .iter()
        .map(|problem| {
            json!({
                "level": if problem.is_failure { "error" } else { "warning" },
                "message": { "text": problem.reason },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&rooted(run, &problem.path)) } } }],
            })
        })
        .collect();
    let has_failed = run.problems.iter().any(|problem| problem.is_failure);
    let mut document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tritonlint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| description(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": !has_failed, "toolExecutionNotifications": problems }],
            "results": results,
        }],
    });
    // SARIF leaves room for what it has no words for.
    let probed: Vec<_> = run.probed.outcomes().collect();
    if !probed.is_empty() {
        document["runs"][0]["properties"] = json!({ "probe": probed });
    }
    format!("{document:#}\n")
}

fn description(rule: &Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.summary() },
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": level(rule.level) },
        "properties": { "tags": [rule.category.to_string()] },
    })
}

fn result(located: &Located<'_>, rules: &[&Rule], run: &Run<'_>, sources: &Sources<'_>) -> Value {
    let found = located.found;
    let remarks = found.notes.iter().chain(&found.help).map(String::as_str);
    let text = std::iter::once(found.message.as_str()).chain(remarks).collect::<Vec<_>>().join("\n");
    let mut place = json!({ "artifactLocation": { "uri": uri(&located.path) } });
    if let Some(range) = located.range {
        place["region"] = region(range);
    }
    let mut result = json!({
        "ruleId": found.rule.name,
        "ruleIndex": rules.iter().position(|rule| rule.name == found.rule.name),
        "level": level(found.level),
        "message": { "text": text },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { "tritonlint/v1": located.fingerprint },
    });
    if !found.labels.is_empty() {
        let labels = found.labels.iter().map(|label| {
            let range = Range::new(label.span, sources.source(label.file));
            json!({
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(&rooted_file(run, label.file)) },
                    "region": region(range),
                },
                "message": { "text": label.message },
            })
        });
        result["relatedLocations"] = labels.collect();
    }
    if let Some(fix) = &found.fix {
        result["fixes"] = json!([change(fix, run, sources)]);
    }
    result
}

fn change(fix: &Fix, run: &Run<'_>, sources: &Sources<'_>) -> Value {
    let files: BTreeSet<FileId> = fix.edits().iter().map(|edit| edit.file).collect();
    let changes: Vec<_> = files
        .into_iter()
        .map(|file| {
            let edits = fix.edits().iter().filter(|edit| edit.file == file);
            let replacements: Vec<_> = edits
                .map(|edit| {
                    let deleted = region(Range::new(edit.span, sources.source(file)));
                    json!({ "deletedRegion": deleted, "insertedContent": { "text": edit.text } })
                })
                .collect();
            json!({ "artifactLocation": { "uri": uri(&rooted_file(run, file)) }, "replacements": replacements })
        })
        .collect();
    json!({ "description": { "text": fix.title }, "artifactChanges": changes })
}

fn region(range: Range) -> Value {
    json!({
        "startLine": range.start.line,
        "startColumn": range.start.column,
        "endLine": range.end.line,
        "endColumn": range.end.column,
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

/// A path as a URI: what may not stand in one is escaped.
fn uri(path: &str) -> String {
    let escaped: String = path
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    if escaped.starts_with('/') { format!("file://{escaped}") } else { escaped }
}
