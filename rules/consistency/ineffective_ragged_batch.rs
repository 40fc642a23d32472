use crate::diagnostic::Findings;
use crate::model::{Backend, Completion, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-ragged-batch",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_ragged_batch.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let has_scheduler = !config.dynamic_batching.is_absent() || !config.sequence_batching.is_absent();
    // Auto-complete may add the scheduler, or raise max_batch_size.
    let is_ensemble = model.resolution().backend() == Some(&Backend::Ensemble);
    // TensorRT-LLM forms batches itself, and its own templates have the flag.
    let batches_itself = matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "tensorrtllm");
    let is_certain = model.is_as_written() && !is_ensemble && !batches_itself;
    let takes_batches = config.max_batch_size.get().is_none_or(|max| max > 1);
    for input in config.input.iter() {
        let Some(ragged) = input.allow_ragged_batch.written().filter(|ragged| ragged.value) else { continue };
        let varies = !input.dims.is_intact() || input.dims.is_empty() || input.dims.iter().any(|dim| dim.value == -1);
        if !varies && model.completion() != Completion::Unknown {
            let mut finding = findings.add(ragged.span, "a ragged batch of an input whose shape is fixed");
            if let (Some(first), Some(last)) = (input.dims.iter().next(), input.dims.iter().last()) {
                finding = finding.label(first.span.to(last.span), "never varies");
            }
            finding
                .note("items that all have the same shape make no ragged batch")
                .help("delete allow_ragged_batch, or write -1 for the dimension that varies");
        } else if is_certain && !(has_scheduler && takes_batches) {
            findings
                .add(ragged.span, "a ragged batch, and the server forms no batches of this model")
                .note(if has_scheduler {
                    "max_batch_size is 1 or less"
                } else {
                    "there is neither dynamic_batching nor sequence_batching"
                })
                .help(
                    "delete allow_ragged_batch, or let the server batch: max_batch_size above 1 and dynamic_batching",
                );
        }
    }
}
