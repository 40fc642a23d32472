use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "deprecated-torchscript",
    category: Category::Pedantic,
    backends: &["pytorch"],
    level: Level::Info,
    fix: None,
    page: include_str!("deprecated_torchscript.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::PyTorch(PyTorchRuntime::TorchScript)) {
        return;
    }
    let config = model.config();
    let selects = [&config.backend, &config.platform].into_iter().find_map(|field| field.written());
    findings
        .add(selects.map_or(Span::empty(0), |written| written.span), "the model is a TorchScript model")
        .note("PyTorch has deprecated TorchScript, and faults in it are no longer repaired")
        .help(
            "for a new model consider ONNX, AOTInductor (`platform: \"torch_aoti\"`, from release 26.03) or the Python runtime \
             (`runtime: \"model.py\"`)",
        );
}
