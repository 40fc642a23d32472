use super::forward::scripts;
use super::parameter;
use crate::artifact::torchscript::{Certainty, TorchScript, Write};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "state-kept-in-module",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("state_kept_in_module.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        let Some(write) = telling(script) else { continue };
        let mut attributes: Vec<_> = script.writes.iter().map(|write| write.attribute.as_str()).collect();
        attributes.sort_unstable();
        attributes.dedup();
        let (shown, more) = attributes.split_at(attributes.len().min(3));
        let shown: Vec<_> = shown.iter().map(|attribute| format!("`self.{attribute}`")).collect();
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        let consequence = consequence(model);
        // What is written on some calls only is mostly a cache, of tables by length and the like.
        let level = match (&consequence, write.certainty) {
            (Some(Consequence { survives_caches: true, .. }), _) | (Some(_), Certainty::Always) => Level::Warning,
            _ => Level::Info,
        };
        let mut finding = findings
            .add_entry(&file.path, format!("the model keeps {}{more} from one request for the next", shown.join(", ")))
            .level(level);
        if let Some(Consequence { words, .. }) = consequence.filter(|_| level == Level::Warning) {
            finding = finding.note(words);
        }
        finding
            .note(if write.certainty == Certainty::Always {
                "requests come from any client in any order: a later one may get a wrong result, or a shape error where its \
                 length is another"
            } else {
                "only some requests write it; unless it is a table that each of them would fill in the same way, results depend \
                 on the requests before"
            })
            .note(format!("for example in {}", write.place))
            .help(
                "take the state as an input and return it; with `sequence_batching { state … }` the server keeps it for each \
                 sequence",
            );
    }
}

/// The write that says most. What a batch norm in training mode changes is not meant as state, and has a rule of its own.
fn telling(script: &TorchScript) -> Option<&Write> {
    let is_statistic = |write: &Write| {
        let name = write.attribute.rsplit('.').next().unwrap_or_default();
        !script.trains.is_empty() && matches!(name, "running_mean" | "running_var" | "num_batches_tracked")
    };
    script.writes.iter().filter(|write| !is_statistic(write)).max_by_key(|write| write.certainty)
}

/// What the config adds to it.
struct Consequence {
    words: String,
    /// Whether it matters also for what is the same after every request.
    survives_caches: bool,
}

fn consequence(model: Model<'_>) -> Option<Consequence> {
    let config = model.config();
    let groups = &config.instance_group;
    let per_group = |group: &crate::schema::vocabulary::ModelInstanceGroup| {
        let count = usize::try_from(group.count.get().unwrap_or(1).max(1)).unwrap_or(usize::MAX);
        count.saturating_mul(group.gpus.len().max(1))
    };
    let instances = groups.iter().map(|group| per_group(group)).fold(0_usize, usize::saturating_add);
    let is_shared = parameter(config, "ENABLE_WEIGHT_SHARING") == Some(true);
    let of = |words: &str| Some(Consequence { words: words.to_owned(), survives_caches: false });
    if instances > 1 && is_shared {
        return Some(Consequence {
            words: format!(
                "ENABLE_WEIGHT_SHARING is on: {instances} instances write to the same attributes at the same time"
            ),
            survives_caches: true,
        });
    }
    if instances > 1 {
        let words = format!("each of the {instances} instances keeps its own, and a request goes to any of them");
        return Some(Consequence { words, survives_caches: false });
    }
    if !config.sequence_batching.is_absent() {
        return of("sequences that run at the same time share it: it is kept for each instance, not for each sequence");
    }
    if config.max_batch_size.get().is_some_and(|size| size > 1) {
        return of("requests that are batched together share it");
    }
    None
}
