use super::engine::{EngineFolder, built_for, engine_folder};
use crate::artifact::json::TensorRtLlmEngine;
use crate::diagnostic::Findings;
use crate::edit::set_parameter;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "mismatched-engine",
    category: Category::Backend,
    backends: &["tensorrt", "tensorrtllm"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("mismatched_engine.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.config().parameters.is_intact() {
        return;
    }
    let Some(folder) = engine_folder(model) else { return };
    let Some(reading) = folder.read(model) else { return };
    let Some(engine) = built_for(&reading) else { return };
    check_beam_width(model, &folder, engine, findings);
    check_chunked_context(model, &folder, engine, findings);
    check_devices(model, &folder, engine, findings);
    check_batch_size(model, &folder, engine, findings);
}

/// TensorRT-LLM's `batch_manager/trtGptModel.h`, the constructor of `TrtGptModel`.
fn check_beam_width(model: Model<'_>, folder: &EngineFolder, engine: &TensorRtLlmEngine, findings: &mut Findings<'_>) {
    const KEY: &str = "max_beam_width";
    let Some(entry) = model.config().parameters.get(KEY) else { return };
    let written = model.parameter(KEY).and_then(|text| text.parse::<u64>().ok());
    let (Some(written), Some(built)) = (written, engine.max_beam_width) else { return };
    if written <= built {
        return;
    }
    let finding = findings
        .add(entry.span, format!("the engine in `{}` is built for a beam width of {built}, not {written}", folder.path))
        .note("the executor compares the two when it is made, and the model does not load")
        .help(format!("set {KEY} to \"{built}\", or build the engine with `--max_beam_width {written}`"));
    if let Some(edit) = set_parameter(model.tree(), &model.config().parameters, KEY, &built.to_string()) {
        finding.fix(Applicability::Unsafe, format!("set `{KEY}` to \"{built}\""), edit);
    }
}

/// TensorRT-LLM's `batch_manager/trtGptModelInflightBatching.cpp`, the constructor of `TrtGptModelInflightBatching`.
fn check_chunked_context(
    model: Model<'_>,
    folder: &EngineFolder,
    engine: &TensorRtLlmEngine,
    findings: &mut Findings<'_>,
) {
    const KEY: &str = "enable_chunked_context";
    let is_asked_for = matches!(model.parameter(KEY), Some("true" | "True" | "TRUE" | "1"));
    let is_in_flight =
        matches!(model.parameter("gpt_model_type"), Some("inflight_batching" | "inflight_fused_batching"));
    let Some(entry) = model.config().parameters.get(KEY).filter(|_| is_asked_for && is_in_flight) else { return };
    if engine.paged_context_attention != Some(false) {
        return;
    }
    let finding = findings
        .add(entry.span, format!("the engine in `{}` cannot split the context of a request", folder.path))
        .note("it is built without paged attention of the context, which the executor demands; the model does not load")
        .help(format!("set {KEY} to \"false\", or build the engine with `--use_paged_context_fmha enable`"));
    if let Some(edit) = set_parameter(model.tree(), &model.config().parameters, KEY, "false") {
        finding.fix(Applicability::Unsafe, format!("set `{KEY}` to \"false\""), edit);
    }
}

/// TensorRT-LLM's `runtime/worldConfig.cpp`, `WorldConfig::mpi`.
fn check_devices(model: Model<'_>, folder: &EngineFolder, engine: &TensorRtLlmEngine, findings: &mut Findings<'_>) {
    const KEY: &str = "gpu_device_ids";
    let Some(entry) = model.config().parameters.get(KEY) else { return };
    let (Some(ids), Some(needed)) = (model.parameter(KEY), engine.world_size) else { return };
    let is_number = |id: &str| id.trim().parse::<u32>().is_ok();
    let instances: Vec<Vec<&str>> = ids.split(';').map(|ids| ids.split(',').collect()).collect();
    if !instances.iter().flatten().all(|id| is_number(id)) {
        return;
    }
    if let Some(other) = instances.iter().map(Vec::len).find(|count| u64::try_from(*count) != Ok(needed)) {
        let gpus = if needed == 1 { "GPU" } else { "GPUs" };
        findings
            .add(
                entry.span,
                format!("the engine in `{}` runs on {needed} {gpus}, and an instance has {other}", folder.path),
            )
            .level(Level::Warning)
            .note("each instance needs as many GPUs as the engine has parts; the executor checks that")
            .help(format!("name {needed} {gpus} for each instance, with `;` between the instances"));
    }
}

/// The executor takes the batch size of the engine, and not that of the config
/// (`inflight_batcher_llm/src/model_instance_state.cc`, `getExecutorConfigFromParams`).
fn check_batch_size(model: Model<'_>, folder: &EngineFolder, engine: &TensorRtLlmEngine, findings: &mut Findings<'_>) {
    let (Some(written), Some(built)) = (model.config().max_batch_size.written(), engine.max_batch_size) else { return };
    if u64::try_from(written.value).is_ok_and(|size| size > built) {
        findings
            .add(
                written.span,
                format!("the engine in `{}` works on {built} requests at once, not {}", folder.path, written.value),
            )
            .level(Level::Info)
            .note("the executor goes by the engine: what is above waits in its queue")
            .help(format!("build the engine with `--max_batch_size {}`, or write {built}", written.value));
    }
}
