use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{ModelQueuePolicy, TimeoutAction};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "preserved-order-conflict",
    category: Category::Batching,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("preserved_order_conflict.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(batching) = model.config().dynamic_batching.written() else { return };
    let Some(preserved) = batching.preserve_ordering.written().filter(|preserved| preserved.value) else { return };
    if let Some(levels) = batching.priority_levels.written().filter(|levels| levels.value > 1) {
        findings
            .add(levels.span, format!("{} priority levels cannot go with preserve_ordering", levels.value))
            .label(preserved.span, "responses keep the order of the requests")
            .note("a more urgent request would overtake earlier ones, so the server allows one level only")
            .help("choose: delete preserve_ordering, or the priorities");
    }
    if let Some(policy) = batching.default_queue_policy.written() {
        check_policy(policy, "default_queue_policy", preserved.span, findings);
    }
    // The server looks at these even where there are no priority levels.
    for entry in batching.priority_queue_policy.in_force() {
        if let (Some(key), Some(policy)) = (entry.key.value(), entry.value.written()) {
            check_policy(policy, &format!("the queue policy of level {key}"), preserved.span, findings);
        }
    }
}

fn check_policy(policy: &ModelQueuePolicy, owner: &str, preserved: Span, findings: &mut Findings<'_>) {
    let action = policy.timeout_action.written().filter(|action| action.value == TimeoutAction::Delay);
    let timeout = policy.default_timeout_microseconds.written().filter(|timeout| timeout.value > 0);
    let (Some(action), Some(timeout)) = (action, timeout) else { return };
    findings
        .add(action.span, format!("the timeout action DELAY of {owner} cannot go with preserve_ordering"))
        .label(timeout.span, "requests time out")
        .label(preserved, "responses keep the order of the requests")
        .note("a request that has timed out would be served after later ones, so the server refuses the two together")
        .help("choose: delete preserve_ordering, let such requests fail (REJECT), or delete the timeout");
}
