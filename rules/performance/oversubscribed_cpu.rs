use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime, Survey};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{InstanceGroupKind, ModelInstanceGroup};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "oversubscribed-cpu",
    category: Category::Performance,
    backends: &["onnxruntime", "pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("oversubscribed_cpu.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(key) = limit_key(model) else { return };
    let config = model.config();
    if !config.parameters.is_intact() {
        return;
    }
    match (config.parameters.get(key), model.server().cpus) {
        (None, _) => unlimited(model, key, findings),
        (Some(_), Some(cores)) => limited(model, cores, findings),
        (Some(_), None) => {}
    }
}

/// The parameter that limits the threads of an operator, of the back-ends that use as many as there are cores.
fn limit_key(model: Model<'_>) -> Option<&'static str> {
    match model.resolution().backend() {
        Some(Backend::OnnxRuntime) => Some("intra_op_thread_count"),
        Some(Backend::PyTorch(PyTorchRuntime::TorchScript)) => Some("INTRA_OP_THREAD_COUNT"),
        _ => None,
    }
}

/// The instances of an ONNX Runtime model on the CPU whose `count` is left out (core `model_config_utils.cc`,
/// `SetDefaultInstanceCount`).
const ONNX_RUNTIME: i32 = 2;

fn unlimited(model: Model<'_>, key: &str, findings: &mut Findings<'_>) {
    let most = findings.options().oversubscribed_cpu.max_instances.max(1);
    let share_cores = |count: i32| u64::try_from(count).is_ok_and(|count| count > most);
    for group in on_cpu(model) {
        let Some(count) = group.count.written().filter(|count| share_cores(count.value)) else { continue };
        let Some(kind) = group.kind.written() else { continue };
        let finding = findings
            .add(
                count.span,
                format!("{} instances on the CPU, each with as many threads as there are cores", count.value),
            )
            .label(kind.span, "they share the cores")
            .note(DISPLACE);
        let is_default = model.resolution().backend() == Some(&Backend::OnnxRuntime) && count.value == ONNX_RUNTIME;
        let finding = if is_default {
            finding.level(Level::Info).note("the server makes as many where `count` is left out")
        } else {
            finding
        };
        finding.help(format!(
            "set the parameter {key} to the number of cores divided by the instances, or use one instance"
        ));
    }
}

const DISPLACE: &str =
    "where several requests are run at once their threads displace each other, and each takes longer";

fn limited(model: Model<'_>, cores: u32, findings: &mut Findings<'_>) {
    let Some(limit) = Limit::of(model) else { return };
    let (instances, threads, all) = (limit.instances, limit.threads, limit.all());
    if all > u64::from(cores) {
        findings
            .add(limit.span, format!("{instances} instances with {threads} threads each, for {cores} cores"))
            .note(DISPLACE)
            .help("make instances times threads no more than there are cores");
    } else if model.server().loads_all() {
        sum_of_models(model, limit.span, cores, findings);
    }
}

/// The models of a repository together, reported at the first of them.
fn sum_of_models(model: Model<'_>, span: Span, cores: u32, findings: &mut Findings<'_>) {
    let survey = model.repository().survey::<Threads>();
    let Threads { first, models, all } = &*survey;
    if first.as_deref() != model.directory_name() {
        return;
    }
    if *all > u64::from(cores) {
        findings
            .add(span, format!("{models} models have {all} threads together, for {cores} cores"))
            .level(Level::Info)
            .note("that matters where they are busy at the same time: then their threads displace each other")
            .help("give those that run together fewer threads or instances");
    }
}

/// The threads of all models of a repository that limit them.
#[derive(Default)]
struct Threads {
    first: Option<String>,
    models: usize,
    all: u64,
}

impl Survey for Threads {
    type Answer = u64;
    const WORD: &'static str = "parameters";

    fn ask(model: Model<'_>) -> Option<Self::Answer> {
        Limit::of(model).map(|limit| limit.all())
    }

    fn note(&mut self, name: &str, threads: Self::Answer) {
        self.first.get_or_insert_with(|| name.to_owned());
        self.models += 1;
        self.all = self.all.saturating_add(threads);
    }
}

/// How many threads a model that limits them has.
struct Limit {
    span: Span,
    instances: u64,
    threads: u64,
}

impl Limit {
    /// None of a model that does not limit them, or has no instances on the CPU.
    fn of(model: Model<'_>) -> Option<Self> {
        let value = model.config().parameters.get(limit_key(model)?)?.value.written()?;
        let text = value.value.string_value.written()?;
        let threads = text.value.parse().ok().filter(|threads| *threads > 0)?;
        let counts = on_cpu(model).map(|group| u64::try_from(group.count.get().unwrap_or(1)).unwrap_or(0).max(1));
        let instances = counts.sum();
        (instances > 0).then_some(Self { span: text.span, instances, threads })
    }

    fn all(&self) -> u64 {
        self.instances.saturating_mul(self.threads)
    }
}

fn on_cpu(model: Model<'_>) -> impl Iterator<Item = &ModelInstanceGroup> {
    let groups = model.config().instance_group.iter();
    groups.filter(|group| group.kind.get() == Some(InstanceGroupKind::Cpu)).map(|group| &group.value)
}
