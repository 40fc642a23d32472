use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "partly-captured-batches",
    category: Category::Performance,
    backends: &["tensorrt"],
    level: Level::Info,
    fix: None,
    page: include_str!("partly_captured_batches.md"),
    check,
};

/// `tensorrt_backend` captures batch 1, the preferred sizes and the largest one.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if model.resolution().backend() != Some(&Backend::TensorRt) {
        return;
    }
    let (Some(batching), Some(optimization)) = (config.dynamic_batching.written(), config.optimization.written())
    else {
        return;
    };
    let Some(cuda) = optimization.value.cuda.written() else { return };
    let Some(graphs) = cuda.value.graphs.written().filter(|graphs| graphs.value) else { return };
    let Some(largest) = config.max_batch_size.get().filter(|largest| *largest > 2) else { return };
    if cuda.graph_spec.is_empty() && batching.preferred_batch_size.is_empty() {
        findings
            .add(graphs.span, format!("CUDA graphs are captured for the batch sizes 1 and {largest} only"))
            .note("batches in between run without one, and the scheduler makes them more often than full ones")
            .help("list the sizes in `graph_spec`");
    }
}
