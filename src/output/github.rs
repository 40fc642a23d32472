//! Workflow commands that GitHub Actions shows beside the changed lines.

use std::fmt::Write as _;

use super::place::located;
use super::{Run, Sources, text};
use crate::rule::Level;

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let mut output = String::new();
    for located in located(run, sources) {
        let found = located.found;
        let command = match found.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let _ = write!(output, "::{command} title={},file={}", found.rule.name, property(&located.path));
        if let Some(range) = located.range {
            let _ = write!(output, ",line={},endLine={}", range.start.line, range.end.line);
            // Columns are taken only where they are on one line.
            if range.start.line == range.end.line {
                let _ = write!(output, ",col={},endColumn={}", range.start.column, range.end.column);
            }
        }
        let _ = writeln!(output, "::{}", data(&found.message));
    }
    output
}

/// What stands behind the command, with what would end it escaped.
fn data(text: &str) -> String {
    text::visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
