//! One line a finding: `path:line:column: level[rule] message`.

use std::fmt::Write as _;

use super::{Run, Sources, text};
use crate::diagnostic::Place;

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let mut output = String::new();
    for found in &run.report.diagnostics {
        let place = match &found.place {
            Place::Text { file, span } => {
                format!("{}:{}", sources.path(*file), sources.source(*file).line_column(span.start))
            }
            Place::Entry(path) => text::visible_path(path),
            Place::Line { path, line } => format!("{}:{line}", text::visible_path(path)),
        };
        let message = text::visible(&found.message).replace('\n', " ");
        let _ = writeln!(output, "{place}: {}[{}] {message}", found.level, found.rule.name);
    }
    output
}
