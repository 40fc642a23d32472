use crate::diagnostic::Findings;
use crate::model::{CONFIG_FILE, EntryKind, Model};
use crate::rule::{Category, Level, Rule};
use crate::server::ModelControlMode;
use crate::syntax::Span;

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
    if model.directory().is_broken_link {
        // Models that are loaded by name are not listed.
        if model.server().model_control_mode != Some(ModelControlMode::Explicit) {
            let note = "the server fails to list the repository, and loads none of its models";
            report(model, model.name(), note, findings);
        }
        return;
    }
    for (name, kind) in model.listing().children("") {
        // That a config cannot be read was told.
        if kind == EntryKind::BrokenLink && name != CONFIG_FILE {
            report(model, name, "the server fails to list the model's folder, and does not load the model", findings);
        }
    }
}

fn report(model: Model<'_>, name: &str, note: &str, findings: &mut Findings<'_>) {
    let finding = findings
        .add(Span::empty(0), format!("the link `{name}` leads nowhere"))
        .note(note)
        .help("remove it, or put what it leads to in its place");
    if !model.repository().is_complete() {
        finding
            .level(Level::Warning)
            .note("nothing says that all that is deployed is here: it may lead somewhere there");
    }
}
