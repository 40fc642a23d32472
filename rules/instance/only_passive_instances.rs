use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "only-passive-instances",
    category: Category::Instance,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("only_passive_instances.md"),
    check,
};

/// Passive instances are never given to the scheduler (core `backend_model.cc`,
/// `TritonModel::SetConfiguredScheduler`, and `backend_model_instance.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let groups = &model.config().instance_group;
    if groups.is_empty() || !groups.is_intact() || groups.iter().any(|group| group.passive.get() != Some(true)) {
        return;
    }
    let mut passive = groups.iter().filter_map(|group| group.passive.written());
    let Some(first) = passive.next() else { return };
    let mut finding = findings.add(first.span, "every instance of the model is passive");
    for other in passive {
        finding = finding.label(other.span, "passive too");
    }
    finding
        .note("a passive instance is loaded and never given a request, so every request waits for ever")
        .help("leave `passive` out of at least one group");
}
