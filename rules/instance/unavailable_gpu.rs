use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "unavailable-gpu",
    category: Category::Instance,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unavailable_gpu.md"),
    check,
};

/// The server asks in `NormalizeInstanceGroup` and `ValidateInstanceGroup` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(count) = model.server().gpus else { return };
    // An ensemble may have no groups at all.
    if model.resolution().backend() == Some(&Backend::Ensemble) {
        return;
    }
    let has = match count {
        0 => "the server has no GPU".to_owned(),
        1 => "the server has one GPU, which is GPU 0".to_owned(),
        _ => format!("the server has {count} GPUs, which count from 0"),
    };
    for group in model.config().instance_group.iter().filter(|group| group.gpus.is_intact()) {
        let Some(kind) = group.kind.get() else { continue };
        if !matches!(kind, InstanceGroupKind::Auto | InstanceGroupKind::Gpu) {
            continue;
        }
        if let Some(kind) = group.kind.written()
            && kind.value == InstanceGroupKind::Gpu
            && group.gpus.is_empty()
            && count == 0
        {
            findings
                .add(kind.span, "instances of KIND_GPU on a server without GPUs")
                .note(format!("{has}, as the settings say, and so it refuses the model"))
                .help("write KIND_CPU, or leave `kind` out for whatever the server has")
                .fix(Applicability::Unsafe, "write KIND_CPU", [(kind.span, InstanceGroupKind::Cpu.to_string())]);
        }
        // That there are no negative ones is known without a server.
        let is_missing = |gpu: i32| u32::try_from(gpu).is_ok_and(|gpu| gpu >= count);
        for gpu in group.gpus.iter().filter(|gpu| is_missing(gpu.value)) {
            let mut finding = findings
                .add(gpu.span, format!("the server has no GPU {}", gpu.value))
                .note(format!("{has}, as the settings say, and so it refuses the model"))
                .help("name GPUs that are there, or leave `gpus` out for all of them");
            if kind == InstanceGroupKind::Auto {
                finding = finding
                    .note("without all of its GPUs a group without a kind is one of KIND_CPU, which may list none");
            }
            if let Some(span) = removal(model.tree(), gpu.node) {
                finding.fix(Applicability::Unsafe, format!("take GPU {} out", gpu.value), [(span, String::new())]);
            }
        }
    }
}
