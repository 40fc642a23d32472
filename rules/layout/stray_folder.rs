use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::server::ModelControlMode;
use crate::syntax::Span;

use super::missing_config::is_without_config;

pub(super) static RULE: Rule = Rule {
    name: "stray-folder",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("stray_folder.md"),
    check,
};

/// The server takes every folder of a repository for a model, `ModelRepositoryManager::Poll`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(name) = model.directory_name() else { return };
    if !is_without_config(model) || !model.versions().is_empty() {
        return;
    }
    let level = match model.server().model_control_mode {
        Some(ModelControlMode::None | ModelControlMode::Poll) => Level::Error,
        // What lies beside the models in version control, such as `.git`, is rarely deployed with them.
        None if model.repository().is_complete() && !name.starts_with('.') => Level::Warning,
        // In explicit mode the server looks at the models only that it is told to load.
        None | Some(ModelControlMode::Explicit) => return,
    };
    let finding = findings
        .add(Span::empty(0), format!("the folder `{name}` is no model"))
        .level(level)
        .note(
            "the server takes every folder in a repository for a model; of one without a config and a version it \
             cannot tell the back-end, and with `--exit-on-error` it then ends",
        )
        .help("move the folder out of the repository, or load models by name with `--model-control-mode=explicit`");
    if model.listing().folders().next().is_some() {
        finding.note("models in a folder of the repository are not found: they must lie directly in it");
    }
}
