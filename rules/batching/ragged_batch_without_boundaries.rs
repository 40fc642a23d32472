use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ragged-batch-without-boundaries",
    category: Category::Batching,
    backends: &["fil", "onnxruntime", "openvino", "pytorch", "tensorflow", "tensorrt"],
    level: Level::Warning,
    fix: None,
    page: include_str!("ragged_batch_without_boundaries.md"),
    check,
};

/// The server hands the back-end one flat tensor (`BackendInputCollector` of the back-ends' utilities).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_batched = config.dynamic_batching.written().is_some() || config.sequence_batching.written().is_some();
    if !is_batched || config.max_batch_size.get().is_none_or(|largest| largest <= 1) || !config.batch_input.is_intact()
    {
        return;
    }
    // Only of these it is known how they put inputs together.
    let reads_boundaries = match model.resolution().backend() {
        Some(Backend::OnnxRuntime | Backend::TensorRt | Backend::PyTorch(PyTorchRuntime::TorchScript)) => true,
        Some(Backend::OpenVino | Backend::TensorFlow | Backend::PyTorch(PyTorchRuntime::Aoti)) => false,
        Some(Backend::Other(name)) if name == "fil" => false,
        _ => return,
    };
    if reads_boundaries && !config.batch_input.is_empty() {
        return;
    }
    for input in config.input.iter() {
        let Some(ragged) = input.allow_ragged_batch.written().filter(|ragged| ragged.value) else { continue };
        if !input.dims.iter().any(|dim| dim.value == -1) {
            continue;
        }
        let name = input.name.text().unwrap_or_default();
        let finding = findings.add(ragged.span, format!("requests of different lengths are put together in `{name}`"));
        if reads_boundaries {
            finding
                .note("the model gets them end to end as one tensor, and nothing tells where one ends and the next begins")
                .help("add a `batch_input` that does, for example of the kind BATCH_ACCUMULATED_ELEMENT_COUNT");
        } else {
            finding
                .note("this back-end knows no ragged batches: it takes what lies end to end for a batch of equal items")
                .help("leave `allow_ragged_batch` out, and pad the requests");
        }
    }
}
