use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{InstanceGroupKind, ModelConfig};

pub(super) static RULE: Rule = Rule {
    name: "unsupported-instance-kind",
    category: Category::Instance,
    backends: &["openvino", "tensorrt"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unsupported_instance_kind.md"),
    check,
};

/// The back-ends ask when they make an instance, `ModelInstanceState::ModelInstanceState`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    for group in config.instance_group.iter() {
        let Some(kind) = group.kind.written() else { continue };
        let (backend, meant) = match (model.resolution().backend(), kind.value) {
            (Some(Backend::TensorRt), InstanceGroupKind::Cpu) => ("TensorRT", InstanceGroupKind::Gpu),
            (Some(Backend::TensorRt), InstanceGroupKind::Model) if !may_span_devices(config) => {
                ("TensorRT", InstanceGroupKind::Gpu)
            }
            (Some(Backend::OpenVino), InstanceGroupKind::Gpu) => ("OpenVINO", InstanceGroupKind::Cpu),
            _ => continue,
        };
        let finding = findings
            .add(kind.span, format!("the {backend} back-end makes no instances of {}", kind.value))
            .note(format!("it makes instances of {meant} only, and fails to load the model"))
            .help(format!("write {meant}"));
        // With another kind the list of GPUs would be wrong, or mean something.
        if group.gpus.is_empty() && group.gpus.is_intact() {
            let edit = (kind.span, meant.to_string());
            finding.fix(Applicability::Unsafe, format!("write {meant}"), [edit]);
        }
    }
}

/// Whether one engine may run on several GPUs at once, for which newer releases want `KIND_MODEL`.
fn may_span_devices(config: &ModelConfig) -> bool {
    if !config.parameters.is_intact() {
        return true;
    }
    let Some(entry) = config.parameters.get("enable_multi_device") else { return false };
    let text = entry.value.written().map_or(Some(""), |value| value.value.string_value.text());
    text.is_none_or(|text| text == "1" || text.eq_ignore_ascii_case("true"))
}
