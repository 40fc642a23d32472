//! The code quality report of GitLab.

use serde_json::{Value, json};

use super::place::located;
use super::{Run, Sources};
use crate::rule::Level;

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let issues = located(run, sources).into_iter().map(|located| {
        let found = located.found;
        let severity = match found.level {
            Level::Error => "major",
            Level::Warning => "minor",
            Level::Info => "info",
        };
        let place = match located.range {
            Some(range) => json!({ "path": located.path, "positions": { "begin": range.start, "end": range.end } }),
            None => json!({ "path": located.path, "lines": { "begin": 1 } }),
        };
        json!({
            "type": "issue",
            "check_name": found.rule.name,
            "description": found.message,
            "severity": severity,
            "fingerprint": located.fingerprint,
            "location": place,
        })
    });
    format!("{:#}\n", issues.collect::<Value>())
}
