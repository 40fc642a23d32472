use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Model, Survey};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "name-directory-mismatch",
    category: Category::Layout,
    backends: &[],
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
    let mut finding = findings
        .add(written.span, format!("`name` is `{}`, but the folder is `{directory}`", written.value))
        .note("the server finds models by their folders, and refuses one whose config names another");
    if model.versions().is_empty() && !model.repository().is_complete() {
        // Examples and templates lie in folders of any name, and are copied into the model's later. Then no
        // folder beside it has the name of its model either.
        let is_example = !model.repository().survey::<InOrder>().any && !are_alike(&written.value, directory);
        finding = finding.told_as(if is_example { Level::Info } else { Level::Warning }).note(
            "the folder holds no version, so the config may be meant for another folder; with \
             `complete = \"yes\"` under `[repository]` in the settings this is an error",
        );
    }
    if directory.trim() == written.value {
        finding.help("rename the folder: its name begins or ends with a blank");
        return;
    }
    let finding = finding.help(format!("leave `name` out, rename the folder, or write `{directory}`"));
    let tree = model.tree();
    // Without it the model has the name of its folder, also where the config is copied into another one.
    if let Some(span) = tree.field_of(written.node).and_then(|field| field_removal(tree, field)) {
        finding.fix(Applicability::Safe, "delete `name`", [(span, String::new())]);
    }
}

/// Whether any folder has the name of its model.
#[derive(Default)]
struct InOrder {
    any: bool,
}

impl Survey for InOrder {
    type Answer = bool;
    const WORD: &'static str = "name";

    fn ask(model: Model<'_>) -> Option<bool> {
        Some(model.config().name.text() == model.directory_name())
    }

    fn note(&mut self, _: &str, is_in_order: bool) {
        self.any |= is_in_order;
    }
}

/// Whether one of two names may well come of the other: by a slip, or by putting something before or behind it.
fn are_alike(name: &str, other: &str) -> bool {
    let (name, other) = (name.to_lowercase(), other.to_lowercase());
    name.contains(&other) || other.contains(&name) || strsim::damerau_levenshtein(&name, &other) <= 2
}
