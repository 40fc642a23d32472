use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "cached-sequences",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Warning,
    fix: None,
    page: include_str!("cached_sequences.md"),
    check,
};

/// Of a model with sequences the server refuses the cache, and of an ensemble it looks at that one's own fields
/// only (core `model_config_utils.cc`, `ValidateModelConfig`). The key of a response is made of the model and the
/// inputs (core `cache_manager.cc`, `HashRequest`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(ensemble) = config.ensemble_scheduling.written() else { return };
    let cache = config.response_cache.written().and_then(|cache| cache.value.enable.written());
    let Some(enable) = cache.filter(|enable| enable.value) else { return };
    for step in ensemble.step.iter() {
        let Some(other) = model.model_of_step(step) else { continue };
        let (Some(name), Some(_)) = (step.model_name.written(), other.config().sequence_batching.written()) else {
            continue;
        };
        findings
            .add(enable.span, format!("responses are cached that depend on a sequence of `{}`", other.name()))
            .label(name.span, "a model with sequences")
            .note(
                "the cache goes by the inputs alone: a request of another sequence, or the same one later, gets the old \
                 response, and the model does not see it",
            )
            .help("delete `response_cache`, or enable it in the models of the other steps");
        return;
    }
}
