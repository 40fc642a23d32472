use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Findings;
use crate::model::{Backend, Model, Survey};
use crate::rule::{Category, Level, Rule};
use crate::schema::Spanned;
use crate::schema::vocabulary::{InstanceGroupKind, ModelInstanceGroup, RateLimiterResource};
use crate::server::{RateLimit, ResourceDevice};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "unavailable-rate-limit-resource",
    category: Category::Instance,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("unavailable_rate_limit_resource.md"),
    check,
};

/// The server asks in `RateLimiter::ResourceManager::UpdateResourceLimits`, if it limits rates at all.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_limited = match model.server().rate_limit {
        Some(RateLimit::Off) => return,
        Some(RateLimit::ExecutionCount) => true,
        None => false,
    };
    if model.resolution().backend() == Some(&Backend::Ensemble) {
        return;
    }
    let mut first: BTreeMap<&str, (bool, Span)> = BTreeMap::new();
    for group in model.config().instance_group.iter() {
        let mut resources: Vec<_> = resources_of(group).into_iter().collect();
        resources.sort_by_key(|(_, resource)| resource.span.start);
        for ((name, is_global), resource) in resources {
            let span = resource.name.written().map_or(resource.span, |name| name.span);
            match first.get(name) {
                Some((before, label)) if *before != is_global => {
                    let finding = findings
                        .add(span, format!("the resource `{name}` is {} here", scope(is_global)))
                        .label(*label, format!("and {} here", scope(*before)))
                        .note("the server refuses a resource that is both, in whichever models")
                        .help("write `global` in the same way everywhere, or give one of them another name");
                    if !is_limited {
                        finding.level(Level::Warning).note(ONLY_WHERE_LIMITED);
                    }
                }
                Some(_) => {}
                None => {
                    check_others(model, name, is_global, span, findings);
                    first.insert(name, (is_global, span));
                }
            }
            if is_limited {
                check_limit(model, group, resource, findings);
            }
        }
    }
}

const ONLY_WHERE_LIMITED: &str = "only with `--rate-limit=execution_count` resources are looked at; `rate-limit` under \
                                  `[server]` in the settings decides";

fn scope(is_global: bool) -> &'static str {
    if is_global { "global" } else { "one of each device" }
}

/// The resources that the server takes from a group: of several with one name and scope the last.
fn resources_of(group: &ModelInstanceGroup) -> BTreeMap<(&str, bool), &Spanned<RateLimiterResource>> {
    let limiter = group.rate_limiter.written();
    let resources = limiter.into_iter().flat_map(|limiter| limiter.value.resources.iter());
    resources.filter_map(|resource| Some(((resource.name.text()?, resource.global.get()?), resource))).collect()
}

/// The models that use a resource in a scope, by its name and whether it is global. The first two are enough
/// to know of another one.
#[derive(Default)]
struct Users(BTreeMap<(String, bool), Vec<String>>);

impl Survey for Users {
    type Answer = BTreeSet<(String, bool)>;
    const WORD: &'static str = "rate_limiter";

    fn ask(model: Model<'_>) -> Option<Self::Answer> {
        let groups = model.config().instance_group.iter();
        let resources = groups.flat_map(|group| resources_of(group).into_keys());
        Some(resources.map(|(name, is_global)| (name.to_owned(), is_global)).collect())
    }

    fn note(&mut self, name: &str, resources: Self::Answer) {
        for resource in resources {
            let users = self.0.entry(resource).or_default();
            if users.len() < 2 {
                users.push(name.to_owned());
            }
        }
    }
}

/// Another model that has the resource in the other scope: the server refuses whichever it loads last.
fn check_others(model: Model<'_>, name: &str, is_global: bool, span: Span, findings: &mut Findings<'_>) {
    let users = model.repository().survey::<Users>();
    let mut others = users.0.get(&(name.to_owned(), !is_global)).into_iter().flatten();
    if let Some(other) = others.find(|other| Some(other.as_str()) != model.directory_name()) {
        findings
            .add(
                span,
                format!("the resource `{name}` is {} here and {} in `{other}`", scope(is_global), scope(!is_global)),
            )
            .level(Level::Warning)
            .note("with `--rate-limit=execution_count` the server refuses whichever of the two it loads last")
            .help("write `global` in the same way everywhere, or give one of them another name");
    }
}

fn check_limit(
    model: Model<'_>,
    group: &ModelInstanceGroup,
    resource: &Spanned<RateLimiterResource>,
    findings: &mut Findings<'_>,
) {
    let (Some(name), Some(count)) = (resource.name.text(), resource.count.get()) else { return };
    let Some(is_global) = resource.global.get() else { return };
    let limits = devices_of(group, is_global).into_iter().filter_map(|device| model.server().limit(name, device));
    let Some(limit) = limits.min().filter(|limit| u64::from(count) > *limit) else { return };
    let written = resource.count.written().map_or(resource.span, |count| count.span);
    findings
        .add(written, format!("an instance needs {count} of the resource `{name}`, and there are {limit}"))
        .note(
            "`rate-limit-resource` under `[server]` in the settings says what the server has; what it does not list is \
             not there, and an instance that could never run is refused",
        )
        .help("ask for less, or give the server more with `--rate-limit-resource`");
}

/// The devices whose resources the instances of a group use. What runs on no GPU counts to the first.
fn devices_of(group: &ModelInstanceGroup, is_global: bool) -> Vec<ResourceDevice> {
    match group.kind.get() {
        _ if is_global => vec![ResourceDevice::Global],
        Some(InstanceGroupKind::Cpu | InstanceGroupKind::Model) => vec![ResourceDevice::Gpu(0)],
        Some(InstanceGroupKind::Gpu) if !group.gpus.is_empty() => {
            let gpus = group.gpus.iter().filter_map(|gpu| u32::try_from(gpu.value).ok());
            gpus.map(ResourceDevice::Gpu).collect()
        }
        _ => vec![ResourceDevice::Unknown],
    }
}
