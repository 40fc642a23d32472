use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "redundant-name",
    category: Category::Pedantic,
    backends: &[],
    level: Level::Info,
    fix: Some(Applicability::Safe),
    page: include_str!("redundant_name.md"),
    check,
};

/// The server fills in the name of the folder (core `model_config_utils.cc`, `AutoCompleteBackendFields`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let (Some(name), Some(directory)) = (model.config().name.written(), model.directory_name()) else { return };
    if name.value != directory {
        return;
    }
    let finding = findings
        .add(name.span, "the model has the name of its folder anyway")
        .note("written here, it has to be changed along with the folder, or the model does not load")
        .help("delete `name`");
    if let Some(span) = model.tree().field_of(name.node).and_then(|field| field_removal(model.tree(), field)) {
        finding.fix(Applicability::Safe, "delete `name`", [(span, String::new())]);
    }
}
