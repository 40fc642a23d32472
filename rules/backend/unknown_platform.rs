use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model, Resolution};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::PLATFORMS;
use crate::schema::{fold, nearest};

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
    let name = &written.value;
    if name.is_empty() || PLATFORMS.contains(&name.as_str()) {
        return;
    }
    let backend = match model.resolution() {
        Resolution::UnknownPlatform(_) => None,
        // `libtorch` selects the back-end, and is then refused as a platform of it.
        Resolution::Known(backend) => match checked(backend) {
            Some(checked) => Some(checked),
            // Other back-ends take any text here.
            None => return,
        },
        Resolution::UnknownFilename(_) | Resolution::NoModelFile(_) | Resolution::Unreadable => return,
    };
    let finding =
        findings.add(written.span, format!("`{name}` is not a platform that Triton knows")).note(match backend {
            None => {
                "where `backend` is left out the platform selects it, and the server refuses one that it does not know"
                    .into()
            }
            Some((backend, platforms)) => format!("the back-end `{backend}` takes {} only", listed(platforms)),
        });
    let fits = |platform: &str| backend.is_none_or(|(_, platforms)| platforms.contains(&platform));
    match meant(name, model) {
        Some((Meant::Platform(platform), applicability)) if fits(platform) => {
            let replacement = quoted(platform, model.tree().source().slice(written.span));
            finding.did_you_mean(platform, applicability, (written.span, replacement));
        }
        Some((Meant::Backend(meant), applicability)) if backend.is_none() => {
            let finding = finding.help(format!("`{meant}` is a back-end: write `backend: \"{meant}\"`"));
            if let Some(field) = model.tree().field_of(written.node).filter(|_| model.config().backend.is_absent()) {
                let value = quoted(meant, model.tree().source().slice(written.span));
                let edits = [(field.name_span(), "backend".to_owned()), (written.span, value)];
                finding.fix(applicability, format!("write `backend: \"{meant}\"`"), edits);
            }
        }
        _ => {
            finding.help(match backend {
                None => format!("platforms are {}; for any other model write `backend`", listed(&PLATFORMS)),
                Some(_) => "leave `platform` out".to_owned(),
            });
        }
    }
}

/// The back-ends whose platform the server compares with its list, and what it takes for each (core
/// `model_config_utils.cc`, `ValidateModelConfig`).
pub(super) fn checked(backend: &Backend) -> Option<(&'static str, &'static [&'static str])> {
    match backend {
        Backend::TensorRt => Some(("tensorrt", &["tensorrt_plan"])),
        Backend::OnnxRuntime => Some(("onnxruntime", &["onnxruntime_onnx"])),
        Backend::PyTorch(_) => Some(("pytorch", &["pytorch_libtorch", "torch_aoti"])),
        Backend::TensorFlow => Some(("tensorflow", &["tensorflow_graphdef", "tensorflow_savedmodel"])),
        Backend::Ensemble | Backend::OpenVino | Backend::Python | Backend::Other(_) => None,
    }
}

pub(super) fn listed(platforms: &[&str]) -> String {
    let names: Vec<_> = platforms.iter().map(|platform| format!("`{platform}`")).collect();
    names.join(", ")
}

/// What a wrong platform was meant to be.
enum Meant {
    Platform(&'static str),
    Backend(&'static str),
}

/// Back-ends that have no platform.
const BACKENDS: [&str; 7] = ["python", "openvino", "dali", "fil", "vllm", "tensorrtllm", "identity"];

/// The name of a framework, and another spelling or one slip, leave no doubt; a similar name does.
fn meant(name: &str, model: Model<'_>) -> Option<(Meant, Applicability)> {
    let name = fold(name);
    let platform = match name.as_str() {
        "onnxruntime" | "onnx" | "ort" => Some("onnxruntime_onnx"),
        "pytorch" | "torch" if is_package(model) => Some("torch_aoti"),
        "pytorch" | "torch" | "libtorch" | "torchscript" => Some("pytorch_libtorch"),
        "tensorrt" | "trt" | "plan" => Some("tensorrt_plan"),
        "savedmodel" => Some("tensorflow_savedmodel"),
        "graphdef" => Some("tensorflow_graphdef"),
        _ => None,
    };
    if let Some(platform) = platform {
        return Some((Meant::Platform(platform), Applicability::Safe));
    }
    let similar = nearest(&name, PLATFORMS.into_iter().chain(BACKENDS))?;
    let slips = strsim::damerau_levenshtein(&name, &fold(similar));
    // One letter makes another word of a short one.
    let is_clear = slips == 0 || (slips == 1 && name.len() > 4);
    let applicability = if is_clear { Applicability::Safe } else { Applicability::Unsafe };
    let meant = if BACKENDS.contains(&similar) { Meant::Backend(similar) } else { Meant::Platform(similar) };
    Some((meant, applicability))
}

/// Whether the model is an AOTInductor package and no TorchScript archive.
fn is_package(model: Model<'_>) -> bool {
    let holds = |name: &str| {
        model.versions().iter().any(|version| model.listing().get(&format!("{}/{name}", version.folder)).is_some())
    };
    match model.config().default_model_filename.text() {
        Some("") | None => holds("model.pt2") && !holds("model.pt"),
        Some(filename) => filename.rsplit_once('.').is_some_and(|(_, extension)| extension == "pt2"),
    }
}
