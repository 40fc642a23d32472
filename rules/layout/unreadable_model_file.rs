use crate::artifact::Unreadable;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unreadable-model-file",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("unreadable_model_file.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for file in model.model_files() {
        let Some(fault) = file.fault() else { continue };
        let finding = findings.add_entry(&file.path, format!("the model cannot be loaded: {fault}"));
        match fault {
            Unreadable::Truncated(_) | Unreadable::Malformed(_) => {
                finding.help("export the model again, or copy the file again: a copy may have been broken off");
            }
            Unreadable::Other(_) => {
                finding
                    .note("the back-end goes by what is in the file, not by its name")
                    .help("put the model there in the back-end's format, or name the back-end that runs this one");
            }
            // Neither says that the server would fail.
            Unreadable::TooLarge(_) | Unreadable::Io(_) => {
                finding.level(Level::Warning);
            }
            Unreadable::Empty | Unreadable::LfsPointer => {}
        }
    }
}
