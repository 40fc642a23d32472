use crate::diagnostic::Findings;
use crate::edit::{field_removal, set_parameter};
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{InstanceGroupKind, ModelInstanceGroup};
use crate::syntax::{Field, Span};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-gpus",
    category: Category::Consistency,
    backends: &["tensorrtllm"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("ineffective_gpus.md"),
    check,
};

const KEY: &str = "gpu_device_ids";

/// The executor of TensorRT-LLM takes the devices from its own parameter
/// (`inflight_batcher_llm/src/model_instance_state.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_trtllm = matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "tensorrtllm");
    if !is_trtllm {
        return;
    }
    for group in model.config().instance_group.iter().filter(|group| !group.gpus.is_empty()) {
        let Some(field) = model.tree().field_of(group.gpus[0].node) else { continue };
        let finding = findings
            .add(field.name_span(), "`gpus` does not decide where the engine runs")
            .note("the TensorRT-LLM back-end takes the devices of an instance from the parameter `gpu_device_ids`")
            .help("write the parameter `gpu_device_ids`, and leave `gpus` out");
        if let Some(edits) = moved(model, group, field) {
            finding.fix(Applicability::Unsafe, "write the parameter `gpu_device_ids` in place of `gpus`", edits);
        }
    }
}

/// Moves the GPUs of the only group to where the back-end reads them. Without them a group of `KIND_GPU` would have
/// instances on every GPU.
fn moved(model: Model<'_>, group: &ModelInstanceGroup, gpus: Field<'_>) -> Option<Vec<(Span, String)>> {
    let (tree, config) = (model.tree(), model.config());
    let is_all = group.gpus.iter().all(|gpu| tree.field_of(gpu.node).is_some_and(|field| field.id() == gpus.id()));
    let is_only = config.instance_group.len() == 1 && config.parameters.get(KEY).is_none();
    if !is_all || !is_only || !group.gpus.is_intact() {
        return None;
    }
    let ids: Vec<_> = group.gpus.iter().map(|gpu| gpu.value.to_string()).collect();
    let mut edits = set_parameter(tree, &config.parameters, KEY, &ids.join(","))?;
    let kind = InstanceGroupKind::Cpu.to_string();
    match group.kind.written() {
        Some(written) => {
            edits.push((written.span, kind));
            edits.push((field_removal(tree, gpus)?, String::new()));
        }
        None => edits.push((gpus.span_without_separator(), format!("kind: {kind}"))),
    }
    Some(edits)
}
