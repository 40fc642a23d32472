use std::collections::HashMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "repeated-output-name",
    category: Category::Tensor,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("repeated_output_name.md"),
    check,
};

/// `Model::Init` of core's `model.cc` puts the outputs into a map without asking whether one is there.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let mut seen = HashMap::new();
    for output in model.config().output.iter() {
        let Some(name) = output.name.written() else { continue };
        let has_labels = output.label_filename.text().is_some_and(|file| !file.is_empty());
        let Some((first, first_has_some)) = seen.insert(name.value.as_str(), (name.span, has_labels)) else { continue };
        // The server refuses two label files for one name, which is told as such.
        if has_labels && first_has_some {
            continue;
        }
        findings
            .add(name.span, format!("a second output is called `{}`", name.value))
            .label(first, "the first")
            .note("the server takes the config, and which of the two a client gets is not defined")
            .help("give each output the name that the model has for it");
    }
}
