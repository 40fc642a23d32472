use std::collections::BTreeMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "duplicate-input-name",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("duplicate_input_name.md"),
    check,
};

/// The server counts the inputs that are not optional by their entries, and those of a request by their
/// names (`InferenceRequest::Normalize`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let inputs = &model.config().input;
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    let mut repeated = Vec::new();
    let mut required = 0;
    for input in inputs.iter() {
        let (Some(name), Some(is_optional)) = (input.name.text(), input.optional.get()) else { return };
        required += usize::from(!is_optional);
        let place = input.name.written().map_or(input.span, |name| name.span);
        if let Some(before) = first.get(name) {
            repeated.push((name, place, *before));
        } else {
            first.insert(name, place);
        }
    }
    let names = first.len();
    if !inputs.is_intact() || required <= names || first.contains_key("") {
        return;
    }
    for (name, place, before) in repeated {
        findings
            .add(place, format!("there is an input `{name}` already"))
            .fails_requests()
            .label(before, "the first one")
            .note(format!(
                "the model loads, but refuses every request: it wants {required} inputs, and a request can only hold \
                 {names}, one of each name"
            ))
            .help("give the input the name that the model has for it, or delete it");
    }
}
