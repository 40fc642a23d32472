use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unnamed-control-input",
    category: Category::Sequence,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("unnamed_control_input.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    for input in sequences.control_input.iter().filter(|input| input.name.text() == Some("")) {
        let (span, message) = match input.name.written() {
            Some(name) => (name.span, "the name of a control input is empty"),
            None => (input.span, "a control input has no name"),
        };
        findings
            .add(span, message)
            .note("the server hands each control to the model as a tensor, and refuses one without a name")
            .help("name the input tensor of the model that takes the control");
    }
}
