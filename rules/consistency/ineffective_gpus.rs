use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-gpus",
    category: Category::Consistency,
    backends: &["tensorrtllm"],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_gpus.md"),
    check,
};

/// The executor of TensorRT-LLM takes the devices from its own parameter
/// (`inflight_batcher_llm/src/model_instance_state.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_trtllm = matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "tensorrtllm");
    if !is_trtllm {
        return;
    }
    for gpus in model.config().instance_group.iter().map(|group| &group.gpus).filter(|gpus| !gpus.is_empty()) {
        let Some(field) = model.tree().field_of(gpus[0].node) else { continue };
        findings
            .add(field.name_span(), "`gpus` does not decide where the engine runs")
            .note("the TensorRT-LLM back-end takes the devices of an instance from the parameter `gpu_device_ids`")
            .help("write the parameter `gpu_device_ids`, and leave `gpus` out");
    }
}
