use crate::diagnostic::{FileChange, Findings};
use crate::model::{Backend, Model, VersionName};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "malformed-version-folder",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("malformed_version_folder.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.file().is_none() {
        return;
    }
    for folder in model.listing().folders().filter(|folder| VersionName::of(folder) == VersionName::TooLarge) {
        // Nobody knows which version it was meant to be.
        findings
            .add_entry(folder, format!("the folder `{folder}` is a version whose number is too large"))
            .note("versions have 64 bits; at this name the server ends with an exception, with all its models")
            .help("rename the folder, for example to `1`, or move it out of the model");
    }
    if !needs_files(model) {
        return;
    }
    let Some(selected) = model.selected_versions() else { return };
    for version in model.versions().iter().filter(|version| selected.contains(&version.number)) {
        let canonical = version.canonical_folder();
        if model.versions().iter().any(|other| other.folder == canonical) {
            continue;
        }
        let finding = findings
            .add_entry(&version.folder, format!("the folder `{}` counts as version {canonical}", version.folder))
            .note(format!(
                "the server takes the number that a folder's name begins with; it then looks for the model's files in \
                 `{canonical}`, which does not exist"
            ))
            .help(format!("rename the folder to `{canonical}`, or move it out of the model"));
        let finding = finding.unless_complete(&format!("`{canonical}`"));
        let others = model.versions().iter().filter(|other| other.number == version.number).count();
        if others == 1 {
            let folder = &model.directory().path;
            finding.file_fix(
                Applicability::Unsafe,
                format!("rename the folder `{}` to `{canonical}`", version.folder),
                FileChange::Rename { from: folder.join(&version.folder), to: folder.join(&canonical) },
            );
        }
    }
}

/// Whether the back-end has something to load from the version's folder.
pub(super) fn needs_files(model: Model<'_>) -> bool {
    match model.resolution().backend() {
        None | Some(Backend::Ensemble | Backend::Other(_)) => false,
        Some(_) => true,
    }
}
