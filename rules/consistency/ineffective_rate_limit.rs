use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-rate-limit",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_rate_limit.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for limiter in model.config().instance_group.iter().filter_map(|group| group.rate_limiter.written()) {
        for resource in limiter.resources.iter().filter(|resource| resource.count.get() == Some(0)) {
            let span = resource.count.written().map_or(resource.span, |count| count.span);
            findings
                .add(
                    span,
                    format!("an execution takes none of the resource `{}`", resource.name.text().unwrap_or_default()),
                )
                .note("a count of 0, which is also what a count left out means, holds nobody back")
                .help("write how many units one execution takes, or delete the resource");
        }
    }
}
