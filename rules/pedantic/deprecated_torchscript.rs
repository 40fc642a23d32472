use crate::diagnostic::Findings;
use crate::model::Model;
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
    if !model.is_torchscript() {
        return;
    }
    let selects = model.selecting();
    findings
        .add(selects.map_or(Span::empty(0), |written| written.span), "the model is a TorchScript model")
        .note("PyTorch has deprecated TorchScript, and faults in it are no longer repaired")
        .help(
            "for a new model consider ONNX, AOTInductor (`platform: \"torch_aoti\"`, from release 26.03) or the Python runtime \
             (`runtime: \"model.py\"`)",
        );
}
