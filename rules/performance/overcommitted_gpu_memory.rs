use std::collections::BTreeMap;

use crate::artifact::Artifact;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model, Survey};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "overcommitted-gpu-memory",
    category: Category::Performance,
    backends: &["vllm"],
    level: Level::Warning,
    fix: None,
    page: include_str!("overcommitted_gpu_memory.md"),
    check,
};

/// What an engine of vLLM takes of a GPU's memory unless `gpu_memory_utilization` says otherwise, in thousandths.
const DEFAULT: u32 = 900;

/// More names than these no message holds.
const MOST_NAMES: usize = 500;

/// An engine refuses to start where less is free than it is to take (vLLM `v1/worker/gpu_worker.py`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some((path, own)) = engines(model) else { return };
    let survey = model.server().loads_all().then(|| model.repository().survey::<Shares>());
    for (gpu, share) in own {
        let taken = survey.as_ref().and_then(|survey| survey.0.get(&gpu));
        let all = taken.map_or(0, |taken| taken.beside(model)).saturating_add(u64::from(share));
        let all = u32::try_from(all).unwrap_or(u32::MAX);
        if all <= 1000 {
            continue;
        }
        let models = taken.into_iter().flat_map(|taken| taken.models.keys());
        let others = models.filter(|name| Some(name.as_str()) != model.directory_name()).take(MOST_NAMES);
        let names: Vec<_> = others.map(|name| format!("`{name}`")).collect();
        let whose = if names.is_empty() { String::new() } else { format!(", with those of {}", names.join(", ")) };
        findings
            .add_entry(path, format!("engines are to take {} % of the memory of GPU {gpu}{whose}", all / 10))
            .note(
                "an engine of vLLM takes `gpu_memory_utilization` of a GPU when it starts, 0.9 by default, and fails where \
                 less is free; each instance is an engine of its own",
            )
            .help("give each a share so that all fit, or other GPUs, or leave `count` at 1");
        return;
    }
}

/// What the models of a repository take of each GPU.
#[derive(Default)]
struct Shares(BTreeMap<u64, Taken>);

/// What is taken of a GPU, in thousandths.
#[derive(Default)]
struct Taken {
    models: BTreeMap<String, u32>,
    all: u64,
}

impl Taken {
    /// What models other than this take.
    fn beside(&self, model: Model<'_>) -> u64 {
        let own = model.directory_name().and_then(|name| self.models.get(name)).copied().unwrap_or(0);
        self.all - u64::from(own)
    }
}

impl Survey for Shares {
    type Answer = BTreeMap<u64, u32>;
    const WORD: &'static str = "";

    fn ask(model: Model<'_>) -> Option<Self::Answer> {
        engines(model).map(|(_, shares)| shares)
    }

    fn note(&mut self, name: &str, shares: Self::Answer) {
        for (gpu, share) in shares {
            let taken = self.0.entry(gpu).or_default();
            taken.models.insert(name.to_owned(), share);
            taken.all += u64::from(share);
        }
    }
}

/// What the engines of a vLLM model take of each GPU, in thousandths, and the file that says so. None of models
/// that are no such, or whose engines are on GPUs that are not known.
fn engines(model: Model<'_>) -> Option<(&str, BTreeMap<u64, u32>)> {
    if !matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "vllm") {
        return None;
    }
    let found = model.model_files().iter().find_map(|file| match file.artifact()? {
        Artifact::Vllm(engine) => Some((file, engine)),
        _ => None,
    });
    let (file, engine) = found?;
    let size = engine.tensor_parallel_size.unwrap_or(1).checked_mul(engine.pipeline_parallel_size.unwrap_or(1))?;
    let groups = &model.config().instance_group;
    if !groups.is_intact() || size > 64 {
        return None;
    }
    let share = engine.gpu_memory_thousandths.unwrap_or(DEFAULT);
    let mut shares = BTreeMap::new();
    for group in groups.iter() {
        let count = u32::try_from(group.count.get()?).unwrap_or(0).max(1);
        // By itself an engine begins with the first GPU that it sees.
        let gpus: Vec<u64> = match group.kind.get()? {
            InstanceGroupKind::Model => (0..size).collect(),
            InstanceGroupKind::Gpu if !group.gpus.is_empty() => {
                group.gpus.iter().filter_map(|gpu| u64::try_from(gpu.value).ok()).collect()
            }
            InstanceGroupKind::Gpu => (0..u64::from(model.server().gpus.unwrap_or(1))).collect(),
            _ => return None,
        };
        for gpu in gpus {
            let taken: &mut u32 = shares.entry(gpu).or_default();
            *taken = taken.saturating_add(share.saturating_mul(count));
        }
    }
    Some((&file.path, shares))
}
