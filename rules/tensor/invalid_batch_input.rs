use super::is_whole;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::Names;
use crate::schema::vocabulary::{BatchInput, DataType};

pub(super) static RULE: Rule = Rule {
    name: "invalid-batch-input",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_batch_input.md"),
    check,
};

/// The server asks in `ValidateBatchIO` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let inputs = Names::of(config.input.iter().map(|input| input.name.text()));
    // Inputs that are left out may be filled in.
    let inputs = inputs.filter(|_| config.input.is_intact() && model.is_as_written());
    for entry in config.batch_input.iter().filter(|entry| is_whole(model, entry.node, BatchInput::DESCRIPTOR)) {
        let sources = &entry.source_input;
        if sources.is_intact() && sources.len() != 1 {
            let place = sources.get(1).map_or(entry.span, |second| second.span);
            let kind = entry.kind.get().unwrap_or_default();
            findings
                .add(place, format!("batch input of kind {kind} has {} source inputs", sources.len()))
                .note("the server measures exactly one input for each batch input")
                .help("name one input in `source_input`; write a `batch_input` of its own for any other");
        }
        if let Some(data_type) = entry.data_type.get()
            && !matches!(data_type, DataType::Int32 | DataType::Fp32)
        {
            let written = entry.data_type.written();
            let message = match written {
                Some(_) => format!("a batch input cannot be of {data_type}"),
                None => "a batch input has no `data_type`".to_owned(),
            };
            findings
                .add(written.map_or(entry.span, |written| written.span), message)
                .note("the server writes the numbers itself, as TYPE_INT32 or TYPE_FP32")
                .help("write the one of the two that the model takes");
        }
        let Some(inputs) = &inputs else { continue };
        for source in sources.iter().filter(|source| !inputs.has(&source.value)) {
            if !findings.has_room() {
                return;
            }
            findings
                .add(
                    source.span,
                    format!("the source `{}` of a batch input is not an input of the model", source.value),
                )
                .note("the server refuses a batch input that measures something else than a declared input")
                .help(match inputs.nearest(&source.value, |_| true) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name one of the model's inputs".to_owned(),
                });
        }
    }
}
