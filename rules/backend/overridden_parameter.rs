use super::known_accelerators;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "overridden-parameter",
    category: Category::Backend,
    backends: &["fil", "onnxruntime", "tensorrt"],
    level: Level::Warning,
    fix: None,
    page: include_str!("overridden_parameter.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.config().parameters.is_intact() {
        return;
    }
    match model.resolution().backend() {
        Some(Backend::OnnxRuntime) => cuda_options(model, findings),
        Some(Backend::TensorRt) => multi_device(model, findings),
        Some(Backend::Other(name)) if name == "fil" => fil(model, findings),
        _ => {}
    }
}

/// The options that the back-end sets from `parameters`, present or not, after those of the accelerator.
const CUDA_OPTIONS: [&str; 4] =
    ["cudnn_conv_algo_search", "gpu_mem_limit", "arena_extend_strategy", "do_copy_in_default_stream"];

fn cuda_options(model: Model<'_>, findings: &mut Findings<'_>) {
    for (written, _) in known_accelerators(model).filter(|(_, accelerator)| accelerator.name == "cuda") {
        for entry in written.parameters.in_force() {
            let Some(key) = entry.key.written().filter(|key| CUDA_OPTIONS.contains(&key.value.as_str())) else {
                continue;
            };
            let by = if model.config().parameters.get(&key.value).is_some() { "entry there" } else { "default" };
            findings
                .add(key.span, format!("`{}` has no effect here: `parameters` of the model overrides it", key.value))
                .note(format!(
                    "the ONNX Runtime back-end sets this option a second time, from `parameters` of the model, and the \
                     {by} wins; its documentation says otherwise"
                ))
                .help(format!("set `{}` in `parameters` of the model, where some values have other names", key.value));
        }
    }
}

fn multi_device(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.config().parameters.get("enable_multi_device").is_some() {
        return;
    }
    for key in ["multi_device_gpus", "multi_device_per_rank_engines"] {
        let entry = model.config().parameters.get(key).and_then(|entry| entry.key.written());
        if let Some(entry) = entry {
            findings
                .add(entry.span, format!("`{key}` has no effect without `enable_multi_device`"))
                .note("the TensorRT back-end reads it for engines that run on several GPUs only")
                .help("set the parameter enable_multi_device to \"true\" as well");
        }
    }
}

fn fil(model: Model<'_>, findings: &mut Findings<'_>) {
    let parameters = &model.config().parameters;
    let written = |key: &str| parameters.get(key).and_then(|entry| entry.key.written());
    let (Some(new), Some(old)) = (written("is_classifier"), written("output_class")) else { return };
    // With the same value nothing is lost, and older servers read the one, newer ones the other.
    if model.parameter("is_classifier") == model.parameter("output_class") {
        return;
    }
    findings
        .add(new.span, "`is_classifier` is overridden by `output_class`")
        .label(old.span, "wins, though it is the outdated name")
        .note("the FIL back-end takes `output_class` where both are there")
        .help("leave one of the two out");
}
