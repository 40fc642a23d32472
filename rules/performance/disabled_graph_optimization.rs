use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "disabled-graph-optimization",
    category: Category::Performance,
    backends: &["onnxruntime"],
    level: Level::Warning,
    fix: None,
    page: include_str!("disabled_graph_optimization.md"),
    check,
};

/// See `onnxruntime.cc` of the ONNX Runtime back-end, where 2 selects `ORT_DISABLE_ALL`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::OnnxRuntime) {
        return;
    }
    let graph = model.config().optimization.written().and_then(|optimization| optimization.value.graph.written());
    let Some(level) = graph.and_then(|graph| graph.level.written()).filter(|level| level.value == 2) else { return };
    findings
        .add(level.span, "graph level 2 switches all graph optimizations off")
        .note("for ONNX Runtime -1 means the basic ones, 1 the extended ones, 2 none, and any other value all of them")
        .help("leave `graph` out for all optimizations");
}
