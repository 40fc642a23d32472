use crate::diagnostic::Findings;
use crate::model::{Backend, CONFIG_FILE, Completion, MeantConfig, Model, Presence};
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "missing-config",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("missing_config.md"),
    check,
};

/// The server reads the file in `ModelRepositoryManager::InitializeModelInfo`, and asks for what nobody
/// provided in `Model::Init`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !is_without_config(model) || model.versions().is_empty() {
        return;
    }
    let name = model.name();
    let note = match (model.server().auto_complete_config, model.resolution().backend()) {
        (false, _) => "auto-complete is off, and the server then loads no model without one",
        (true, Some(backend)) if completes_nothing(backend) => {
            "the server finds out which back-end runs the model, but that one cannot tell its inputs and outputs \
             from the model's file"
        }
        _ => return,
    };
    let finding = findings.add(Span::empty(0), format!("`{name}` has no {CONFIG_FILE}")).note(note);
    let finding = finding.help(match model.meant_config() {
        Some(MeantConfig::Misnamed(file)) => {
            format!("rename `{file}` to {CONFIG_FILE}: the server reads no other name")
        }
        Some(MeantConfig::Foreign(file)) => format!("write what `{file}` says as text into a {CONFIG_FILE}"),
        None => format!("write a {CONFIG_FILE} with the inputs and outputs of the model"),
    });
    finding.unless_complete("the config");
}

/// Whether there is nothing that the server could take for the config of the model.
pub(super) fn is_without_config(model: Model<'_>) -> bool {
    let directory = model.directory();
    model.file().is_none()
        && directory.presence != Presence::BrokenLink
        && directory.custom_configs.is_empty()
        && model.listing().get(CONFIG_FILE).is_none()
}

/// Whether a back-end leaves it to the config to say what the model takes.
pub(super) fn completes_nothing(backend: &Backend) -> bool {
    *backend != Backend::Ensemble && backend.completion() == Completion::None
}
