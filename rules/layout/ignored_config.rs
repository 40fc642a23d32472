use super::missing_config::{completes_nothing, is_without_config};
use crate::diagnostic::Findings;
use crate::model::{CONFIG_FILE, MeantConfig, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ignored-config",
    category: Category::Layout,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ignored_config.md"),
    check,
};

/// The server reads one name in one place, `ModelRepositoryManager::InitializeModelInfo`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // A model without a config may have one under this name.
    if model.file() != model.directory().config() || model.misnamed_config().is_some() {
        return;
    }
    for version in model.versions() {
        let path = format!("{}/{CONFIG_FILE}", version.folder);
        if model.listing().get(&path).is_some() {
            let finding = findings
                .add_entry(&path, format!("a {CONFIG_FILE} in the folder of a version is not read"))
                .note("all versions of a model have one config, in the model's folder");
            if model.file().is_some() {
                finding.help("remove it, or move what it says to the model's config");
            } else {
                finding.help("move it up into the model's folder");
            }
        }
    }
    // Where the server cannot do without a config another rule says so.
    let is_completed = model.server().auto_complete_config
        && model.resolution().backend().is_some_and(|backend| !completes_nothing(backend));
    if is_without_config(model)
        && is_completed
        && !model.versions().is_empty()
        && let Some(meant) = model.meant_config()
    {
        let (name, help) = match meant {
            MeantConfig::Misnamed(name) => (name, format!("rename it to {CONFIG_FILE}")),
            MeantConfig::Foreign(name) => (name, format!("write what it says as text into a {CONFIG_FILE}")),
        };
        findings
            .add_entry(name, format!("`{name}` is not read: the config is called {CONFIG_FILE}"))
            .note("the server loads the model with what its back-end makes up, as if there were no config")
            .help(help);
    }
}
