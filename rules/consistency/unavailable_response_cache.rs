use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unavailable-response-cache",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("unavailable_response_cache.md"),
    check,
};

/// A scheduler uses the cache if both its model and the server have it (core `dynamic_batch_scheduler.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.server().response_cache != Some(false) {
        return;
    }
    let cache = model.config().response_cache.written().and_then(|cache| cache.value.enable.written());
    if let Some(enable) = cache.filter(|enable| enable.value) {
        findings
            .add(enable.span, "nothing is cached: the server has no response cache, as the settings say")
            .note("the model loads, and every request is executed")
            .help("start the server with `--cache-config`, such as `--cache-config local,size=104857600`");
    }
}
