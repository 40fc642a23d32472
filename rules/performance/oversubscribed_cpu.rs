use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "oversubscribed-cpu",
    category: Category::Performance,
    level: Level::Warning,
    fix: None,
    page: include_str!("oversubscribed_cpu.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let limit = match model.resolution().backend() {
        Some(Backend::OnnxRuntime) => "intra_op_thread_count",
        Some(Backend::PyTorch(PyTorchRuntime::TorchScript)) => "INTRA_OP_THREAD_COUNT",
        _ => return,
    };
    if !config.parameters.is_intact() || config.parameters.get(limit).is_some() {
        return;
    }
    let most = findings.options().oversubscribed_cpu.max_instances;
    let share_cores = |count: i32| u64::try_from(count).is_ok_and(|count| count > most.max(1));
    for group in config.instance_group.iter() {
        let is_on_cpu = group.kind.get() == Some(InstanceGroupKind::Cpu);
        let Some(count) = group.count.written().filter(|count| is_on_cpu && share_cores(count.value)) else { continue };
        let Some(kind) = group.kind.written() else { continue };
        findings
            .add(
                count.span,
                format!("{} instances on the CPU, each with as many threads as there are cores", count.value),
            )
            .label(kind.span, "they share the cores")
            .note("where several requests are run at once their threads displace each other, and each takes longer")
            .help(format!(
                "set the parameter {limit} to the number of cores divided by the instances, or use one instance"
            ));
    }
}
