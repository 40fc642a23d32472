use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "gpus-without-gpu-kind",
    category: Category::Instance,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("gpus_without_gpu_kind.md"),
    check,
};

/// The server asks in `ValidateInstanceGroup` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // An ensemble may have no groups at all.
    if model.resolution().backend() == Some(&Backend::Ensemble) {
        return;
    }
    let tree = model.tree();
    for group in model.config().instance_group.iter() {
        let Some(kind) = group.kind.written() else { continue };
        let why = match kind.value {
            InstanceGroupKind::Cpu => "instances of KIND_CPU run on no GPU",
            InstanceGroupKind::Model => "of KIND_MODEL the model decides itself where it runs",
            _ => continue,
        };
        let mut fields: Vec<_> = group.gpus.iter().filter_map(|gpu| tree.field_of(gpu.node)).collect();
        fields.dedup_by_key(|field| field.id());
        let Some(first) = fields.first() else { continue };
        let gpus: Vec<_> = group.gpus.iter().map(|gpu| gpu.value.to_string()).collect();
        let message = format!("a group of {} lists the GPUs {}", kind.value, gpus.join(", "));
        let finding = findings
            .add(first.span_without_separator(), message)
            .label(kind.span, "not KIND_GPU")
            .note(format!("{why}, and the server refuses a list of GPUs there"))
            .help("delete `gpus`, or write KIND_GPU");
        let removals: Option<Vec<_>> = fields.iter().map(|field| field_removal(tree, *field)).collect();
        if let Some(spans) = removals {
            let edits = spans.into_iter().map(|span| (span, String::new()));
            finding.fix(Applicability::Unsafe, "delete `gpus`", edits);
        }
    }
}
