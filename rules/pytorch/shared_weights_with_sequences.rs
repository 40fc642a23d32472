use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "shared-weights-with-sequences",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("shared_weights_with_sequences.md"),
    check,
};

/// `pytorch_backend` keeps one module a device for all instances (`src/pt/model_state.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_torchscript = model.is_torchscript();
    let Some(sequences) = config.sequence_batching.written().filter(|_| is_torchscript) else { return };
    let Some(entry) = config.parameters.get("ENABLE_WEIGHT_SHARING") else { return };
    let shares = model
        .parameter("ENABLE_WEIGHT_SHARING")
        .is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "on" | "1"));
    // What the server keeps is not in the module.
    if !shares || !sequences.state.is_empty() || !sequences.state.is_intact() {
        return;
    }
    let Some(key) = entry.key.written() else { return };
    findings
        .add(key.span, "all instances run one module, and each has sequences of its own")
        .note("what the module keeps of a sequence in its attributes is then mixed with that of others")
        .help("leave ENABLE_WEIGHT_SHARING out, or let the server keep the state");
}
