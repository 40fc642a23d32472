use super::inputs_by_name;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "control-also-input",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("control_also_input.md"),
    check,
};

/// Nothing compares the two (core `model_config_utils.cc`); what the scheduler sets replaces what the client
/// sent.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(sequences) = config.sequence_batching.written() else { return };
    let inputs = inputs_by_name(config);
    for control in sequences.control_input.iter().filter_map(|control| control.name.written()) {
        let Some(input) = inputs.get(control.value.as_str()) else { continue };
        findings
            .add(input.span, format!("`{}` is listed as an input, and the scheduler sets it", input.value))
            .label(control.span, "a control of the sequence batcher")
            .note("clients then have to send the tensor, and what they send is replaced")
            .help("leave it out of `input`");
    }
}
