use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::nearest;
use crate::schema::vocabulary::ModelConfig;
use crate::syntax::{FieldName, Span};

pub(super) static RULE: Rule = Rule {
    name: "torchscript-model-without-tensors",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: None,
    page: include_str!("torchscript_model_without_tensors.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `ValidateInputs` and `ValidateOutputs`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_torchscript = model.is_torchscript();
    // Without a config that is what is missing.
    if !is_torchscript || model.file().is_none() || model.tree().refusals() > 0 {
        return;
    }
    let selects = model.selecting();
    let place = selects.map_or(Span::empty(0), |written| written.span);
    let has_inputs = !config.input.is_empty() || !config.input.is_intact();
    let has_outputs = !config.output.is_empty() || !config.output.is_intact();
    for (field, is_there) in [("input", has_inputs), ("output", has_outputs)] {
        if !is_there && !is_misspelt(model, field) {
            findings
                .add(place, format!("a TorchScript model without an {field}"))
                .note(
                    "a TorchScript archive does not say what its tensors are called: the PyTorch back-end completes \
                     nothing, and fails to load the model",
                )
                .help(format!("write `{field}` with name, data_type and dims of each tensor"));
        }
    }
}

/// Whether a field of a name that nobody knows was meant for that one; `unknown-field` reports it.
fn is_misspelt(model: Model<'_>, field: &str) -> bool {
    model.tree().document().fields().any(|written| match written.name() {
        FieldName::Plain(name) => ModelConfig::DESCRIPTOR.field(name).is_none() && nearest(name, [field]).is_some(),
        FieldName::Extension(_) | FieldName::Missing => false,
    })
}
