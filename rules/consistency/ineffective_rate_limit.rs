use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::server::RateLimit;

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
    if model.server().rate_limit != Some(RateLimit::ExecutionCount) {
        check_server(model, findings);
    }
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

/// The server looks at rates only where it is told to (core `server.cc`); not to is the default.
fn check_server(model: Model<'_>, findings: &mut Findings<'_>) {
    let mut groups = model.config().instance_group.iter();
    let Some(limiter) = groups.find_map(|group| group.value.rate_limiter.written()) else { return };
    let Some(field) = model.tree().field_of(limiter.node) else { return };
    let finding = match model.server().rate_limit {
        Some(_) => findings.add(field.name_span(), "the server limits no rates, as the settings say"),
        None => {
            findings.add(field.name_span(), "a server limits rates only if it is started for it").level(Level::Info)
        }
    };
    finding.note("without `--rate-limit=execution_count` instances wait for no resources and have no priorities").help(
        "start the server with `--rate-limit=execution_count`, and say so by `rate-limit` under `[server]` in the \
             settings, or delete `rate_limiter`",
    );
}
