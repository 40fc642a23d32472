use super::{Role, declared, loaded};
use crate::artifact::onnx::{Value, ValueKind};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unsupported-onnx-value",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: None,
    page: include_str!("unsupported_onnx_value.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime_utils.cc`, `InputOutputInitializerInfos`, which looks at what the model
/// has, whatever the config says.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let declared = declared(model);
    for loaded in loaded(model) {
        let inputs = loaded.onnx.inputs.iter().map(|value| (Role::Input, value));
        let outputs = loaded.onnx.outputs.iter().map(|value| (Role::Output, value));
        for (role, value) in inputs.chain(outputs) {
            let Some(kind) = kind(value) else { continue };
            let name = &value.name;
            let message = format!("{role} `{name}` of {} is {kind}, no tensor", loaded.which());
            let written = declared.iter().find(|tensor| tensor.role == role && tensor.name == name);
            let finding = match written {
                Some(tensor) => findings.add(tensor.name_span, message),
                None => findings.add_entry(&loaded.file.path, message),
            };
            let finding = finding.note(
                "the back-end serves tensors only, and fails to load the model, also if the config leaves it out",
            );
            let is_of_classes = role == Role::Output && matches!(value.kind, ValueKind::Sequence | ValueKind::Map);
            if is_of_classes && loaded.onnx.opset_imports.contains_key("ai.onnx.ml") {
                finding.help("export the model without ZipMap: `to_onnx(…, options={\"zipmap\": False})` of skl2onnx");
            } else {
                finding.help("export the model with tensors only");
            }
        }
    }
}

/// What a value is that is no tensor. One without a type may be anything.
fn kind(value: &Value) -> Option<&'static str> {
    match value.kind {
        ValueKind::Tensor(_) | ValueKind::Unknown => None,
        ValueKind::SparseTensor => Some("a sparse tensor"),
        ValueKind::Sequence => Some("a list"),
        ValueKind::Map => Some("a map"),
        ValueKind::Optional => Some("a value that may be none"),
        ValueKind::Opaque => Some("of a type of its own"),
    }
}
