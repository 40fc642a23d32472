use super::inputs_by_name;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "state-also-input",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("state_also_input.md"),
    check,
};

/// Nothing compares the two (core `model_config_utils.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(sequences) = config.sequence_batching.written() else { return };
    let inputs = inputs_by_name(config);
    for state in sequences.state.iter().filter_map(|state| state.input_name.written()) {
        let Some(input) = inputs.get(state.value.as_str()) else { continue };
        findings
            .add(input.span, format!("`{}` is listed as an input, and the server fills it with the state", input.value))
            .label(state.span, "a state that the server keeps")
            .note("clients then have to send the tensor with every request")
            .help("leave it out of `input`");
    }
}
