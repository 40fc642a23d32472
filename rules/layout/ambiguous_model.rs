use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ambiguous-model",
    category: Category::Layout,
    backends: &[],
    level: Level::Info,
    fix: None,
    page: include_str!("ambiguous_model.md"),
    check,
};

/// The server compares the names in `ModelRepositoryManager::Poll`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(name) = model.directory_name() else { return };
    // Custom configs are further faces of the same model.
    if model.file() != model.directory().config() || !model.is_elsewhere(name) {
        return;
    }
    findings
        .add_folder(format!("another of the repositories has a model `{name}`, too"))
        .note(
            "a server that is given both repositories loads neither of the two, unless it is given --model-namespacing",
        )
        .help("rename one of them, if both repositories are for the same server");
}
