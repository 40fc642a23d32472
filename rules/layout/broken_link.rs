use crate::diagnostic::{Finding, Findings};
use crate::model::{Backend, CONFIG_FILE, EntryKind, Model, Presence};
use crate::rule::{Category, Level, Rule};
use crate::server::ModelControlMode;

pub(super) static RULE: Rule = Rule {
    name: "broken-link",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("broken_link.md"),
    check,
};

/// The server lists folders entry by entry, and gives up at one that it cannot look at
/// (core `filesystem/implementations/local.h`, `IsDirectory`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.directory().presence == Presence::BrokenLink {
        // Models that are loaded by name are not listed.
        if model.server().model_control_mode != Some(ModelControlMode::Explicit) {
            let note = "the server fails to list the repository, and loads none of its models";
            let finding = findings.add_folder(format!("the link `{}` leads nowhere", model.name()));
            explain(note, finding);
        }
        return;
    }
    for (name, kind) in model.listing().children("") {
        // That a config cannot be read was told.
        if kind == EntryKind::BrokenLink && name != CONFIG_FILE {
            let finding = findings.add_entry(name, format!("the link `{name}` leads nowhere"));
            explain("the server fails to list the model's folder, and does not load the model", finding);
        }
    }
    check_torchscript_file(model, findings);
}

/// Where the config leaves the back-end open, and no other model file tells it, the server looks at what `model.pt` in the
/// first folder of the model by name is; of the others the name is enough (core `model_config_utils.cc`,
/// `AutoCompleteBackendFields`).
fn check_torchscript_file(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_looked_at = model.is_told_by_files() && matches!(model.resolution().backend(), Some(Backend::PyTorch(_)));
    let Some(folder) = model.listing().folders().next().filter(|_| is_looked_at) else { return };
    let path = format!("{folder}/model.pt");
    if model.listing().get(&path) == Some(EntryKind::BrokenLink) {
        let finding = findings.add_entry(&path, format!("the link `{path}` leads nowhere"));
        explain("the server looks at the file to find the back-end, and does not load the model", finding);
    }
}

fn explain(note: &str, finding: Finding<'_>) {
    finding.note(note).help("remove it, or put what it leads to in its place").unless_complete("what it leads to");
}
