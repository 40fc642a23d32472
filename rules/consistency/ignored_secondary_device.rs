use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ignored-secondary-device",
    category: Category::Consistency,
    backends: &["onnxruntime", "openvino", "python", "pytorch", "tensorflow"],
    level: Level::Warning,
    fix: None,
    page: include_str!("ignored_secondary_device.md"),
    check,
};

/// Only the TensorRT back-end asks for them (`tensorrt_backend`, `instance_state.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    use Backend::{OnnxRuntime, OpenVino, PyTorch, Python, TensorFlow};
    // A custom back-end may read them.
    if !matches!(model.resolution().backend(), Some(OnnxRuntime | OpenVino | PyTorch(_) | Python | TensorFlow)) {
        return;
    }
    for device in model.config().instance_group.iter().flat_map(|group| group.secondary_devices.iter()) {
        findings
            .add(device.span, "a secondary device, and the back-end uses none")
            .note("only the TensorRT back-end looks at secondary_devices; for others they have no effect")
            .help("delete it");
    }
}
