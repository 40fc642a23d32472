use super::{backend_span, sources};
use crate::diagnostic::Findings;
use crate::edit::{NewValue, removal, set_field};
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "decoupled-mismatch",
    category: Category::Python,
    backends: &["python"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("decoupled_mismatch.md"),
    check,
};

/// `python_backend` `src/pb_stub.cc`, `Stub::ProcessReturnedResponses`, and `src/response_sender.cc`,
/// `ResponseSender::UpdateStateAndCounters`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let policy = &model.config().model_transaction_policy;
    let decoupled = match policy.written() {
        Some(policy) => policy.decoupled.get(),
        None => policy.is_absent().then_some(false),
    };
    let (Some(is_decoupled), Some(Backend::Python)) = (decoupled, model.resolution().backend()) else { return };
    for (file, python) in sources(model) {
        // The code asks which of the two it is, or says so itself.
        if python.decoupled_policy.is_some() || python.class().is_none() {
            continue;
        }
        match (is_decoupled, python.response_sender) {
            (false, Some(line)) => {
                let span = policy.written().map_or_else(|| backend_span(model), |policy| policy.span);
                let finding = findings
                    .add(span, format!("`{}` sends responses by a response sender (line {line}), and the model is not decoupled", file.path))
                    .note(
                        "a model that is not decoupled may send one response to a request that way, and a second one \
                         fails; older releases refuse to hand out the sender at all",
                    )
                    .help("write `model_transaction_policy { decoupled: true }`, if the model sends any number of responses");
                if let Some(edit) = made_decoupled(model) {
                    finding.fix(Applicability::Unsafe, "make the model decoupled", [edit]);
                }
            }
            (true, None) => {
                let method = python.class().and_then(|class| class.methods.get("execute"));
                let Some(method) = method.filter(|method| method.returns_value && !method.is_decorated) else {
                    continue;
                };
                // The requests may be handed to something else.
                if python.class().is_none_or(|class| !class.is_closed) {
                    continue;
                }
                let span = policy.written().map_or_else(|| backend_span(model), |policy| policy.span);
                let finding = findings
                    .add(span, format!("the model is decoupled, and `execute` of `{}` (line {}) returns responses", file.path, method.line))
                    .note(
                        "`execute` of a decoupled model has to return None, or the request fails; responses are sent by \
                         the sender that `get_response_sender` of each request gives",
                    )
                    .help("leave `model_transaction_policy` out, or send the responses by a response sender");
                let policy = policy.written().and_then(|policy| removal(model.tree(), policy.node));
                if let Some(span) = policy {
                    finding.fix(Applicability::Unsafe, "delete `model_transaction_policy`", [(span, String::new())]);
                }
            }
            _ => {}
        }
    }
}

/// Writes that the model is decoupled, in the policy that is there or in a new one.
fn made_decoupled(model: Model<'_>) -> Option<(Span, String)> {
    let tree = model.tree();
    let decoupled = NewValue::Scalar("true");
    if let Some(policy) = model.config().model_transaction_policy.written() {
        return set_field(tree.message(policy.node)?, "decoupled", &decoupled);
    }
    let policy = NewValue::Message(vec![("decoupled", decoupled)]);
    set_field(tree.document(), "model_transaction_policy", &policy)
}
