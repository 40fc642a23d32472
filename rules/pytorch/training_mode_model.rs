use super::forward::scripts;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "training-mode-model",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("training_mode_model.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        // Without such operators the mode makes no difference.
        let Some(place) = script.trains.first() else { continue };
        findings
            .add_entry(&file.path, "the model was saved in training mode")
            .note("the server does not call `eval()`: dropout drops values, and norms depend on what else is in the batch")
            .note(format!("for example in {place}"))
            .help("call `eval()` on the module before `torch.jit.script` or `torch.jit.trace`, and export it again");
    }
}
