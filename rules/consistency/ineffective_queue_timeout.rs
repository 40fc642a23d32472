use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{ModelQueuePolicy, TimeoutAction};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-queue-timeout",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_queue_timeout.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(batching) = model.config().dynamic_batching.written() else { return };
    if let Some(policy) = batching.default_queue_policy.written() {
        check_policy(policy, findings);
    }
    // Where there are no levels, another rule says that their policies are not used.
    if batching.priority_levels.get() != Some(0) {
        for policy in batching.priority_queue_policy.in_force().filter_map(|entry| entry.value.written()) {
            check_policy(policy, findings);
        }
    }
}

/// See `PolicyQueue::Enqueue` of core's `scheduler_utils.cc`.
fn check_policy(policy: &ModelQueuePolicy, findings: &mut Findings<'_>) {
    if policy.default_timeout_microseconds.get() != Some(0) {
        return;
    }
    if let Some(overriding) = policy.allow_timeout_override.written().filter(|overriding| overriding.value) {
        findings
            .add(overriding.span, "no request can override the timeout: there is none")
            .note(
                "the timeout of a request counts only where it is shorter than default_timeout_microseconds, and with \
                 that at 0 none is",
            )
            .help("set default_timeout_microseconds to the longest time that a request may wait");
    }
    if let Some(action) = policy.timeout_action.written().filter(|action| action.value == TimeoutAction::Delay) {
        findings
            .add(action.span, "requests are never delayed: they do not time out")
            .note("default_timeout_microseconds is 0 or left out, which means no timeout")
            .help("set default_timeout_microseconds, or delete the action");
    }
}
