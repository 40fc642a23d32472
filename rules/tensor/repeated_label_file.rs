use std::collections::BTreeMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "repeated-label-file",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("repeated_label_file.md"),
    check,
};

/// The server keeps label files by output, `LabelProvider::AddLabels`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for output in model.config().output.iter() {
        let Some(name) = output.name.text() else { continue };
        let Some(file) = output.label_filename.written().filter(|file| !file.value.is_empty()) else { continue };
        let Some(before) = first.get(name) else {
            first.insert(name, file.span);
            continue;
        };
        findings
            .add(file.span, format!("the output `{name}` has a label file already"))
            .label(*before, "the first one")
            .note("two outputs have this name, and the server refuses a second label file for it")
            .help("give the output the name that the model has for it, or delete it");
    }
}
