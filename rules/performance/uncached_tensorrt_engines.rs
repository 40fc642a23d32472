use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "uncached-tensorrt-engines",
    category: Category::Performance,
    backends: &["onnxruntime"],
    level: Level::Info,
    fix: None,
    page: include_str!("uncached_tensorrt_engines.md"),
    check,
};

/// The TensorRT provider of ONNX Runtime builds engines when it first sees a shape.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if model.resolution().backend() != Some(&Backend::OnnxRuntime) || !config.model_warmup.is_empty() {
        return;
    }
    let optimization = config.optimization.written();
    let accelerators = optimization.and_then(|optimization| optimization.execution_accelerators.written());
    let gpu = accelerators.into_iter().flat_map(|lists| lists.value.gpu_execution_accelerator.iter());
    for written in gpu.filter(|written| written.name.text() == Some("tensorrt")) {
        let keys = ["trt_engine_cache_enable", "trt_ep_context_file_path"];
        if !written.parameters.is_intact() || keys.iter().any(|key| written.parameters.get(*key).is_some()) {
            continue;
        }
        let Some(name) = written.name.written() else { continue };
        findings
            .add(name.span, "TensorRT engines are built when the first requests come, and anew at each start")
            .note("that takes seconds to minutes, and again for each new shape of an input")
            .help("add `model_warmup`, or set `trt_engine_cache_enable` and `trt_engine_cache_path`");
    }
}
