use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "name-directory-mismatch",
    category: Category::Layout,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("name_directory_mismatch.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let (Some(written), Some(directory)) = (model.config().name.written(), model.directory_name()) else { return };
    // An empty name is as good as none: the server fills in that of the folder.
    if written.value == directory || written.value.is_empty() {
        return;
    }
    let replacement = quoted(directory, model.tree().source().slice(written.span));
    findings
        .add(written.span, format!("the model is named `{}`, but its folder `{directory}`", written.value))
        .note("the server finds models by their folders, and refuses one whose config names another")
        .help(format!("write `{directory}`, rename the folder, or leave `name` out"))
        .fix(Applicability::Safe, format!("name it `{directory}`"), [(written.span, replacement)]);
}
