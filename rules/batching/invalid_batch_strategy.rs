use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "invalid-batch-strategy",
    category: Category::Batching,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_batch_strategy.md"),
    check,
};

const KEY: &str = "TRITON_BATCH_STRATEGY_PATH";

/// The server asks in `TritonModel::SetBatchingStrategy` and its caller.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if matches!(model.resolution().backend(), None | Some(Backend::Ensemble)) || !config.parameters.is_intact() {
        return;
    }
    let Some(entry) = config.parameters.get(KEY) else { return };
    let key = entry.key.written().map_or(entry.span, |key| key.span);
    if let Some(sequences) = config.sequence_batching.written() {
        findings
            .add(key, format!("`{KEY}` in a model with sequence_batching"))
            .label(sequences.span, "decides itself what forms a batch")
            .note("a batching strategy decides which requests form a batch; the server refuses one for sequences")
            .help("delete the parameter, or use dynamic_batching");
        return;
    }
    let value = entry.value.written().map(|value| &value.value.string_value);
    let Some(path) = value.map_or(Some(""), |value| value.text()) else { return };
    let span = value.and_then(|value| value.written()).map_or(entry.span, |written| written.span);
    if path.is_empty() {
        findings
            .add(span, format!("`{KEY}` is empty"))
            .note("the server looks for the library at this path, and fails to load the model")
            .help("write the path of the library, or delete the parameter");
    } else if !path.starts_with('/') {
        findings
            .add(span, format!("`{path}` is not looked for in the model's folder"))
            .level(Level::Warning)
            .note("a relative path begins where the server was started, and has to end inside the model's folder")
            .help(
                "write the whole path; a `batchstrategy.so` in the version folder or the model's is found without any",
            );
    }
}
