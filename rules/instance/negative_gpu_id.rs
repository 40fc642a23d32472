use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "negative-gpu-id",
    category: Category::Instance,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("negative_gpu_id.md"),
    check,
};

/// The server asks in `ValidateInstanceGroup` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // An ensemble may have no groups at all.
    if model.resolution().backend() == Some(&Backend::Ensemble) {
        return;
    }
    for group in model.config().instance_group.iter() {
        // Of other kinds the list is refused, whatever is in it.
        if !matches!(group.kind.get(), Some(InstanceGroupKind::Auto | InstanceGroupKind::Gpu)) {
            continue;
        }
        for gpu in group.gpus.iter().filter(|gpu| gpu.value < 0) {
            findings
                .add(gpu.span, format!("there is no GPU {}", gpu.value))
                .note(
                    "GPUs count from 0, and no negative number stands for all or none of them; the server refuses a \
                     group with a GPU that it does not have",
                )
                .help("for all GPUs leave `gpus` out, and for none write KIND_CPU and leave `gpus` out");
        }
    }
}
