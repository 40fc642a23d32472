use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-thread-count",
    category: Category::Consistency,
    backends: &["onnxruntime"],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_thread_count.md"),
    check,
};

/// ONNX Runtime has the second pool for parallel execution only.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_onnx = model.resolution().backend() == Some(&Backend::OnnxRuntime);
    let Some(count) = model.parameter("inter_op_thread_count").filter(|_| is_onnx) else { return };
    let config = model.config();
    if !config.parameters.is_intact() || count.trim().parse::<i64>().is_ok_and(|count| count <= 0) {
        return;
    }
    if model.parameter("execution_mode").is_some_and(|mode| mode.trim_start() != "0") {
        return;
    }
    let Some(key) = config.parameters.get("inter_op_thread_count").and_then(|entry| entry.key.written()) else {
        return;
    };
    findings
        .add(key.span, "`inter_op_thread_count` has no effect: operators run one after the other")
        .note("only with `execution_mode` 1 does ONNX Runtime run several operators at once")
        .help("delete it, or add the parameter `execution_mode` with the value 1");
}
