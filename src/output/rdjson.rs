//! The diagnostic format of reviewdog, whose columns count bytes.

use serde_json::{Value, json};

use super::place::{Range, located};
use super::{Run, Sources};
use crate::diagnostic::{Fix, Place};
use crate::rule::Level;

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let diagnostics = located(run, sources).into_iter().map(|located| {
        let found = located.found;
        let severity = match found.level {
            Level::Error => "ERROR",
            Level::Warning => "WARNING",
            Level::Info => "INFO",
        };
        let mut place = json!({ "path": located.path });
        match &found.place {
            Place::Text { file, span } => place["range"] = range(Range::in_bytes(*span, sources.source(*file))),
            Place::Line { line, .. } => place["range"] = json!({ "start": { "line": line } }),
            Place::Entry(_) => {}
        }
        let mut diagnostic = json!({
            "message": found.message,
            "location": place,
            "severity": severity,
            "code": { "value": found.rule.name },
        });
        // Several suggestions are a choice; a fix of several edits is not.
        if let Some([edit]) = found.fix.as_ref().map(Fix::edits) {
            let range = range(Range::in_bytes(edit.span, sources.source(edit.file)));
            diagnostic["suggestions"] = json!([{ "range": range, "text": edit.text }]);
        }
        diagnostic
    });
    let diagnostics: Value = diagnostics.collect();
    format!("{:#}\n", json!({ "source": { "name": "tritonlint" }, "diagnostics": diagnostics }))
}

fn range(range: Range) -> Value {
    json!({ "start": range.start, "end": range.end })
}
