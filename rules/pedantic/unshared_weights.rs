use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unshared-weights",
    category: Category::Pedantic,
    backends: &["pytorch"],
    level: Level::Info,
    fix: None,
    page: include_str!("unshared_weights.md"),
    check,
};

/// `pytorch_backend` loads a module for each instance (`src/pt/model_state.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if !model.is_torchscript()
        || !config.parameters.is_intact()
        || config.parameters.get("ENABLE_WEIGHT_SHARING").is_some()
        || !config.sequence_batching.is_absent()
    {
        return;
    }
    for count in config.instance_group.iter().filter_map(|group| group.count.written()).filter(|count| count.value > 1)
    {
        findings
            .add(count.span, format!("the weights of the model are loaded {} times", count.value))
            .note("each instance has its own copy, on each GPU")
            .help("set the parameter ENABLE_WEIGHT_SHARING to true, if `forward` changes nothing in the module");
    }
}
