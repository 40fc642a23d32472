use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Model, Resolution};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::PLATFORMS;
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "unknown-platform",
    category: Category::Backend,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_platform.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(written) = model.config().platform.written() else { return };
    // `libtorch` selects the back-end, but is then refused as a platform of it.
    let is_refused = matches!(model.resolution(), Resolution::UnknownPlatform(_)) || written.value == "libtorch";
    if !is_refused {
        return;
    }
    let name = &written.value;
    let finding = findings
        .add(written.span, format!("`{name}` is no platform"))
        .note("the server refuses a model whose platform it does not know and whose `backend` is left out");
    match meant(name) {
        Some(Meant::Platform(platform)) => {
            let replacement = quoted(platform, model.tree().source().slice(written.span));
            finding.help(format!("did you mean `{platform}`?")).fix(
                Applicability::Safe,
                format!("write `{platform}`"),
                [(written.span, replacement)],
            );
        }
        Some(Meant::Backend(backend)) => {
            let finding = finding.help(format!("`{backend}` is a back-end: write `backend: \"{backend}\"`"));
            if let Some(field) = model.tree().field_of(written.node) {
                let value = quoted(backend, model.tree().source().slice(written.span));
                let edits = [(field.name_span(), "backend".to_owned()), (written.span, value)];
                finding.fix(Applicability::Safe, format!("write `backend: \"{backend}\"`"), edits);
            }
        }
        None => {
            let names: Vec<_> = PLATFORMS.iter().map(|platform| format!("`{platform}`")).collect();
            finding.help(format!("platforms are {}; for any other model write `backend`", names.join(", ")));
        }
    }
}

/// What a wrong platform was meant to be.
enum Meant {
    Platform(&'static str),
    Backend(&'static str),
}

fn meant(name: &str) -> Option<Meant> {
    let name = name.to_ascii_lowercase();
    let platform = match name.as_str() {
        "onnxruntime" | "onnx" | "ort" => Some("onnxruntime_onnx"),
        "pytorch" | "torch" | "libtorch" | "torchscript" => Some("pytorch_libtorch"),
        "tensorrt" | "trt" | "plan" => Some("tensorrt_plan"),
        "savedmodel" => Some("tensorflow_savedmodel"),
        "graphdef" => Some("tensorflow_graphdef"),
        _ => None,
    };
    if let Some(platform) = platform {
        return Some(Meant::Platform(platform));
    }
    // These have no platform.
    if let Some(backend) = nearest(&name, ["python", "openvino", "dali", "fil", "vllm", "tensorrtllm", "identity"]) {
        return Some(Meant::Backend(backend));
    }
    nearest(&name, PLATFORMS).map(Meant::Platform)
}
