use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unused-priorities",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("unused_priorities.md"),
    check,
};

/// See `PriorityQueue` of core's `scheduler_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(batching) = model.config().dynamic_batching.written() else { return };
    let levels = &batching.priority_levels;
    if levels.get() != Some(0) {
        return;
    }
    let unused = |finding: crate::diagnostic::Finding<'_>| {
        let finding = match levels.written() {
            Some(written) => finding.label(written.span, "no levels"),
            None => finding,
        };
        finding
            .note("without priority_levels all requests wait in one queue, with default_queue_policy")
            .help("set priority_levels to the number of levels, or delete this");
    };
    if let Some(default) = batching.default_priority_level.written().filter(|default| default.value > 0) {
        unused(findings.add(default.span, "default_priority_level has no effect: there are no priority levels"));
    }
    for entry in batching.priority_queue_policy.in_force() {
        unused(findings.add(entry.span, "this queue policy is never used: there are no priority levels"));
    }
}
