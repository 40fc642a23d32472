use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "conflicting-process-settings",
    category: Category::Pytorch,
    level: Level::Warning,
    fix: None,
    page: include_str!("conflicting_process_settings.md"),
    check,
};

/// The switches that each execution sets for the whole process (`pytorch_backend`
/// `src/pt/model_instance_state.cc`).
const SWITCHES: [&str; 4] = ["ENABLE_JIT_EXECUTOR", "ENABLE_JIT_PROFILING", "ENABLE_TENSOR_FUSER", "DISABLE_CUDNN"];

/// The counts that the first model to be loaded sets for all.
const COUNTS: [&str; 2] = ["INTRA_OP_THREAD_COUNT", "INTER_OP_THREAD_COUNT"];

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !is_torchscript(model) {
        return;
    }
    let repository = model.repository();
    for key in SWITCHES.into_iter().chain(COUNTS) {
        let Some(own) = model.parameter(key) else { continue };
        let Some(entry) = model.config().parameters.get(key) else { continue };
        let others = repository.model_names().filter(|name| Some(*name) != model.directory_name());
        let differs = |other: &Model<'_>| {
            is_torchscript(*other) && other.parameter(key).is_some_and(|value| meaning(value) != meaning(own))
        };
        let Some(other) = others.filter_map(|name| repository.model(name)).find(differs) else { continue };
        let finding = findings.add(
            entry.key.written().map_or(entry.span, |key| key.span),
            format!("`{key}` is `{own}` here and `{}` in `{}`", other.parameter(key).unwrap_or_default(), other.name()),
        );
        if COUNTS.contains(&key) {
            finding
                .note("it holds for the whole server, and the model that is loaded first decides")
                .help("give all TorchScript models the same value");
        } else {
            finding
                .note("it holds for the whole server, and each request sets it anew for whatever runs at that moment")
                .help("give all TorchScript models the same value, or run them in two servers");
        }
    }
}

fn is_torchscript(model: Model<'_>) -> bool {
    model.resolution().backend() == Some(&Backend::PyTorch(PyTorchRuntime::TorchScript))
}

/// The same text for all spellings of a value.
fn meaning(value: &str) -> String {
    match value.to_ascii_lowercase().as_str() {
        "true" | "on" | "1" => "1".to_owned(),
        "false" | "off" | "0" => "0".to_owned(),
        other => other.to_owned(),
    }
}
