use super::written_accelerators;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::parameter::accelerator::List;
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "repeated-accelerator",
    category: Category::Backend,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("repeated_accelerator.md"),
    check,
};

/// The back-end goes through the list and appends each (`onnxruntime_backend` `src/onnxruntime.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let mut seen: Vec<(List, &str, Span)> = Vec::new();
    for (list, written) in written_accelerators(model) {
        let Some(name) = written.name.written() else { continue };
        if let Some((.., first)) = seen.iter().find(|(other, text, _)| *other == list && *text == name.value) {
            findings
                .add(name.span, format!("the accelerator `{}` is there twice", name.value))
                .label(*first, "the first time")
                .note(
                    "the back-end sets it up twice, with the parameters of each, and the library decides which counts",
                )
                .help("delete one of them");
        } else {
            seen.push((list, &name.value, name.span));
        }
    }
}
