use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::ModelDynamicBatching;

pub(super) static RULE: Rule = Rule {
    name: "priority-level-out-of-range",
    category: Category::Batching,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("priority_level_out_of_range.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(batching) = model.config().dynamic_batching.written() else { return };
    // Without levels the server reads neither the default level nor the keys of the policies.
    let Some(levels) = batching.priority_levels.written().filter(|levels| levels.value > 0) else { return };
    let range = format!("the levels run from 1, the most urgent, to priority_levels, which is {}", levels.value);
    check_default(batching, levels.value, &range, findings);
    for entry in batching.priority_queue_policy.in_force() {
        let Some(key) = entry.key.value().filter(|&&key| is_outside(key, levels.value)) else { continue };
        let message = match entry.key.written() {
            Some(_) => format!("priority_queue_policy has an entry for level {key}, which does not exist"),
            None => "an entry of priority_queue_policy has no key, which means level 0, and there is none".to_owned(),
        };
        findings
            .add(entry.key.written().map_or(entry.span, |written| written.span), message)
            .label(levels.span, "the number of levels")
            .note(range.as_str())
            .help("give the entry the number of a level, or raise priority_levels");
    }
}

fn check_default(batching: &ModelDynamicBatching, levels: u64, range: &str, findings: &mut Findings<'_>) {
    let field = &batching.default_priority_level;
    let Some(&default) = field.value().filter(|&&default| is_outside(default, levels)) else { return };
    if let Some(written) = field.written() {
        findings
            .add(written.span, format!("default_priority_level {default} is not one of the {levels} levels"))
            .note(range)
            .help("name the level of requests that do not ask for one");
    } else if let Some(written) = batching.priority_levels.written() {
        findings
            .add(written.span, format!("there are {levels} priority levels, but default_priority_level is left out"))
            .note(format!("left out it means level 0; {range}"))
            .help("add default_priority_level: the level of requests that do not ask for one");
    }
}

fn is_outside(level: u64, levels: u64) -> bool {
    level == 0 || level > levels
}
