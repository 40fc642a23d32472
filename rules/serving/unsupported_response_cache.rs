use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Spanned;

pub(super) static RULE: Rule = Rule {
    name: "unsupported-response-cache",
    category: Category::Serving,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unsupported_response_cache.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(cache) = config.response_cache.written() else { return };
    let Some(enable) = cache.enable.written().filter(|enable| enable.value) else { return };
    let policy = config.model_transaction_policy.written();
    let decoupled = policy.and_then(|policy| policy.value.decoupled.written()).filter(|decoupled| decoupled.value);
    let (message, cause) = match (config.sequence_batching.written(), decoupled) {
        (Some(sequences), _) => ("the response cache is enabled for a model with sequence_batching", sequences.span),
        (None, Some(decoupled)) => ("the response cache is enabled for a decoupled model", decoupled.span),
        (None, None) => match decoupled_step(model) {
            Some(name) => ("the response cache is enabled for an ensemble with a decoupled model", name.span),
            None => return,
        },
    };
    let finding = findings
        .add(enable.span, message)
        .label(cause, "not cacheable")
        .note(
            "the cache keeps one response for each request; here a response also depends on earlier requests, or \
             there may be any number, so the server refuses the two together",
        )
        .help("delete response_cache");
    let removal = model.tree().field_of(cache.node).and_then(|field| field_removal(model.tree(), field));
    if let Some(span) = removal {
        finding.fix(Applicability::Unsafe, "delete response_cache", [(span, String::new())]);
    }
}

/// The name of a model that makes an ensemble decoupled.
fn decoupled_step(model: Model<'_>) -> Option<&Spanned<String>> {
    let ensemble = model.config().ensemble_scheduling.written()?;
    let mut steps = ensemble.value.step.iter();
    let step = steps.find(|step| model.model_of_step(step).is_some_and(Model::is_decoupled))?;
    step.value.model_name.written()
}
