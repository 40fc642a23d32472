//! Logging commands that Azure Pipelines shows as issues.

use std::fmt::Write as _;

use super::place::located;
use super::{Run, Sources, text};
use crate::rule::Level;

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let mut output = String::new();
    for located in located(run, sources) {
        let found = located.found;
        // There is nothing below a warning.
        let kind = if found.level == Level::Error { "error" } else { "warning" };
        let _ = write!(output, "##vso[task.logissue type={kind};sourcepath={}", property(&located.path));
        if let Some(range) = located.range {
            let _ = write!(output, ";linenumber={};columnnumber={}", range.start.line, range.start.column);
        }
        let _ = writeln!(output, ";code={};]{}", found.rule.name, data(&found.message));
    }
    output
}

/// What stands behind the command, with what would end it escaped.
fn data(text: &str) -> String {
    text::visible(text).replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}
