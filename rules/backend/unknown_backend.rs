use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::BACKENDS;
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "unknown-backend",
    category: Category::Backend,
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unknown_backend.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(Backend::Other(name)) = model.resolution().backend() else { return };
    let Some(written) = model.config().backend.written() else { return };
    // Back-ends of one's own are legitimate: only what looks like a slip is worth a word.
    if BACKENDS.contains(&name.as_str()) || brings_library(model, name) {
        return;
    }
    let Some(meant) = meant(name) else { return };
    let replacement = quoted(meant, model.tree().source().slice(written.span));
    findings
        .add(written.span, format!("`{name}` is no back-end that comes with the server"))
        .note(format!("the server looks for a library `libtriton_{name}.so`, and fails to load the model without it"))
        .help(format!("did you mean `{meant}`?"))
        .fix(Applicability::Unsafe, format!("write `{meant}`"), [(written.span, replacement)]);
}

fn meant(name: &str) -> Option<&'static str> {
    let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map(|(_, backend)| *backend);
    alias.or_else(|| nearest(name, BACKENDS))
}

/// Platforms, and names of the frameworks, in place of the back-ends' names.
const ALIASES: [(&str, &str); 17] = [
    ("onnx", "onnxruntime"),
    ("onnxruntime_onnx", "onnxruntime"),
    ("ort", "onnxruntime"),
    ("torch", "pytorch"),
    ("libtorch", "pytorch"),
    ("pytorch_libtorch", "pytorch"),
    ("torchscript", "pytorch"),
    ("trt", "tensorrt"),
    ("tensorrt_plan", "tensorrt"),
    ("tensorrt_llm", "tensorrtllm"),
    ("trtllm", "tensorrtllm"),
    ("tensorflow_savedmodel", "tensorflow"),
    ("tensorflow_graphdef", "tensorflow"),
    ("tf", "tensorflow"),
    ("py", "python"),
    ("xgboost", "fil"),
    ("lightgbm", "fil"),
];

/// Whether the model's folder or one of its versions holds the library of that back-end.
fn brings_library(model: Model<'_>, name: &str) -> bool {
    let library = format!("libtriton_{name}.so");
    let folders = model.versions().iter().map(|version| format!("{}/{library}", version.folder));
    folders.chain([library.clone()]).any(|path| model.listing().get(&path).is_some())
}
