use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "disabled-pinned-memory",
    category: Category::Performance,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("disabled_pinned_memory.md"),
    check,
};

/// Left out, both are switched on; a message that is there counts as it is (core `model_config_utils.cc`,
/// `NormalizeModelConfig`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(optimization) = model.config().optimization.written() else { return };
    let buffers = [(&optimization.input_pinned_memory, "inputs"), (&optimization.output_pinned_memory, "outputs")];
    for (buffer, what) in buffers {
        let Some(written) = buffer.written().filter(|written| written.enable.is_absent()) else { continue };
        let Some(field) = model.tree().field_of(written.node) else { continue };
        findings
            .add(field.name_span(), format!("this switches pinned memory for {what} off"))
            .note("left out altogether it is on; the empty message means `enable: false`")
            .help("delete the message, or say what is meant: `enable: true` or `enable: false`");
    }
}
