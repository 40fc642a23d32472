//! The XML of Checkstyle, which many tools read.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use super::place::{Located, located};
use super::{Run, Sources, text};

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>) -> String {
    let mut files: BTreeMap<String, Vec<Located<'_>>> = BTreeMap::new();
    for located in located(run, sources) {
        files.entry(located.path.clone()).or_default().push(located);
    }
    // Writing to a vector cannot fail.
    String::from_utf8(written(&files).unwrap_or_default()).unwrap_or_default() + "\n"
}

fn written(files: &BTreeMap<String, Vec<Located<'_>>>) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = writer.create_element("checkstyle").with_attribute(("version", "4.3"));
    if files.is_empty() {
        root.write_empty()?;
        return Ok(writer.into_inner());
    }
    root.write_inner_content(|writer| {
        for (path, findings) in files {
            let file = writer.create_element("file").with_attribute(("name", valid(path).as_str()));
            file.write_inner_content(|writer| {
                for located in findings {
                    let found = located.found;
                    let mut error = writer.create_element("error");
                    if let Some(range) = located.range {
                        error = error
                            .with_attribute(("line", range.start.line.to_string().as_str()))
                            .with_attribute(("column", range.start.column.to_string().as_str()));
                    }
                    error
                        .with_attribute(("severity", found.level.to_string().as_str()))
                        .with_attribute(("message", valid(&found.message).as_str()))
                        .with_attribute(("source", format!("tritonlint.{}", found.rule.name).as_str()))
                        .write_empty()?;
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(writer.into_inner())
}

/// Text without what XML cannot hold, not even escaped.
fn valid(text: &str) -> String {
    text::visible(text).replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}
