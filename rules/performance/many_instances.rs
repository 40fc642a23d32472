use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "many-instances",
    category: Category::Performance,
    backends: &["onnxruntime", "pytorch", "tensorflow"],
    level: Level::Warning,
    fix: None,
    page: include_str!("many_instances.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // Each instance of these holds the weights once more; those of TensorRT share an engine for each GPU.
    if !matches!(model.resolution().backend(), Some(Backend::OnnxRuntime | Backend::PyTorch(_) | Backend::TensorFlow)) {
        return;
    }
    let most = findings.options().many_instances.max_instances;
    let is_many = |count: i32| u64::try_from(count).is_ok_and(|count| count > most);
    for group in model.config().instance_group.iter() {
        let is_on_gpu = group.kind.get() == Some(InstanceGroupKind::Gpu);
        let Some(count) = group.count.written().filter(|count| is_on_gpu && is_many(count.value)) else { continue };
        let devices = match group.gpus.iter().count() {
            0 => "on every GPU".to_owned(),
            1 => "on one GPU".to_owned(),
            several => format!("on each of {several} GPUs"),
        };
        findings
            .add(count.span, format!("{} instances {devices}", count.value))
            .note("`count` is for each GPU and not for all together, and each instance holds the weights once more")
            .help("one or two instances and dynamic_batching mostly use a GPU fully; measure before adding more");
    }
}
