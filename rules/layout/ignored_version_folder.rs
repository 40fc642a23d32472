use crate::diagnostic::{FileChange, Findings};
use crate::model::{Model, VersionName};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ignored-version-folder",
    category: Category::Layout,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("ignored_version_folder.md"),
    check,
};

/// The server goes by the names of the folders (core `model_lifecycle.cc`, `VersionsToLoad`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.file().is_none() {
        return;
    }
    for folder in model.listing().folders() {
        let Some(number) = meant(folder) else { continue };
        let mut contents = model.listing().children(folder);
        if !contents.any(|(name, _)| !name.starts_with('.')) {
            continue;
        }
        let why = match VersionName::of(folder) {
            VersionName::LeadingZero => "the server passes over folders whose names begin with a zero",
            _ => "the server passes over folders whose names do not begin with a number",
        };
        let finding = findings.add_entry(folder, format!("the folder `{folder}` is no version")).note(why);
        if model.listing().get(&number).is_some() {
            finding.help("remove it, or give it a number that is free");
            continue;
        }
        let finding = finding.help(format!("rename it to `{number}`"));
        let is_one_of_several =
            model.listing().folders().filter(|other| meant(other).as_ref() == Some(&number)).count() > 1;
        if !is_one_of_several {
            // Beside another version it may be switched off on purpose.
            let is_only = VersionName::of(folder) == VersionName::LeadingZero && model.versions().is_empty();
            let path = &model.directory().path;
            finding.file_fix(
                if is_only { Applicability::Safe } else { Applicability::Unsafe },
                format!("rename the folder `{folder}` to `{number}`"),
                FileChange::Rename { from: path.join(folder), to: path.join(&number) },
            );
        }
    }
}

/// The name under which a folder would be the version that it was meant to be.
fn meant(folder: &str) -> Option<String> {
    let digits = match VersionName::of(folder) {
        VersionName::LeadingZero => folder.trim_start_matches('0'),
        VersionName::NotANumber if folder == "latest" => "1",
        VersionName::NotANumber => folder.strip_prefix(['v', 'V'])?,
        _ => return None,
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.to_owned())
}
