use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::{NodeId, Span};

pub(super) static RULE: Rule = Rule {
    name: "unsupported-vllm-setting",
    category: Category::Backend,
    backends: &["vllm"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unsupported_vllm_setting.md"),
    check,
};

/// `vllm_backend` `src/model.py`, `auto_complete_config` and `_init_engine_args`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_vllm = matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "vllm");
    if !is_vllm {
        return;
    }
    let config = model.config();
    if let Some(batch) = config.max_batch_size.written().filter(|batch| batch.value > 0) {
        let help = "leave `max_batch_size` out: the engine batches by itself";
        report(model, findings, batch.node, batch.span, "the vLLM back-end takes no batches", help);
    }
    let Some(policy) = config.model_transaction_policy.written() else { return };
    if policy.decoupled.get() == Some(false) {
        let span = policy.decoupled.written().map_or(policy.span, |decoupled| decoupled.span);
        let help = "leave `model_transaction_policy` out, or write `decoupled: true`";
        report(model, findings, policy.node, span, "the vLLM back-end is decoupled, and cannot be otherwise", help);
    }
}

fn report(model: Model<'_>, findings: &mut Findings<'_>, node: NodeId, span: Span, message: &str, help: &str) {
    let finding = findings
        .add(span, message)
        .note("what the config says is compared with what the back-end needs, and the model fails to load")
        .help(help);
    let Some(field) = model.tree().field_of(node) else { return };
    if let Some(removal) = field_removal(model.tree(), field) {
        finding.fix(Applicability::Safe, "delete the field", [(removal, String::new())]);
    }
}
