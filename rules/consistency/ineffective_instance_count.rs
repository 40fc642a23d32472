use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-instance-count",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_instance_count.md"),
    check,
};

/// See `SetDefaultInstanceCount` of core's `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() == Some(&Backend::Ensemble) {
        return;
    }
    for group in model.config().instance_group.iter() {
        let Some(count) = group.count.written().filter(|count| count.value < 1) else { continue };
        findings
            .add(count.span, format!("a count of {} means the default, not none", count.value))
            .note("the server puts the default in its place: 1, or what the back-end prefers")
            .help("write the number of instances; to load none, leave the group out");
    }
}
