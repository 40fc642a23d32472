use crate::diagnostic::{FileChange, Findings};
use crate::model::{CONFIG_FILE, Model};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "misnamed-config-file",
    category: Category::Layout,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("misnamed_config_file.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(path) = model.misnamed_config() else { return };
    let folder = &model.directory().path;
    let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
    let is_misplaced = name.contains('/');
    let message = if is_misplaced {
        format!("`{name}` is not read: the config lies in the model's folder, not in that of a version")
    } else {
        format!("`{name}` is not read: the config is called `{CONFIG_FILE}`")
    };
    let finding = findings.add_entry(&name, message);
    let to = folder.join(CONFIG_FILE);
    let is_loadable = model.resolution().backend().is_some();
    let finding = if is_loadable {
        finding.note("the server makes a config from the model's files; nothing that is written counts")
    } else {
        finding.note("without a config nothing says which back-end loads the model")
    };
    // A model that loads as it is would be another one with the config.
    let applicability = if is_loadable { Applicability::Unsafe } else { Applicability::Safe };
    let (help, title) = if is_misplaced {
        ("move it up into the model's folder".into(), format!("move `{name}` into the model's folder"))
    } else {
        (format!("rename it to `{CONFIG_FILE}`"), format!("rename `{name}` to `{CONFIG_FILE}`"))
    };
    let finding = finding.help(help);
    // A link would lead elsewhere from another folder, and what lies behind one may be there for others too.
    if !model.listing().is_linked(&name) {
        let change = FileChange::Rename { from: path.to_path_buf(), to };
        finding.file_fix(applicability, title, change);
    }
}
