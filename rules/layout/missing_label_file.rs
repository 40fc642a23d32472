use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{CONFIG_FILE, EntryKind, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "missing-label-file",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("missing_label_file.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !is_listed(model) {
        return;
    }
    for output in model.config().output.iter() {
        let Some(filename) = output.label_filename.written() else { continue };
        let Some(path) = model.listing().path_below("", &filename.value) else { continue };
        match model.listing().get(&path) {
            None | Some(EntryKind::BrokenLink) => {}
            Some(EntryKind::Folder) => {
                findings
                    .add(filename.span, format!("`{}` is a folder, not a file", filename.value))
                    .note("the server tries to read it, and ends at once, with all of its models")
                    .help("name a file with one label a line");
                continue;
            }
            Some(_) => continue,
        }
        let finding = findings
            .add(filename.span, format!("the label file `{}` does not exist", filename.value))
            .note("the server reads it from the model's folder when it loads the model, which fails without it");
        // Labels are fetched with the weights by some: only what is deployed can lack them.
        let finding = if model.repository().is_complete() { finding } else { finding.told_as(Level::Warning) };
        // Labels often lie with the weights by mistake.
        let moved = model.versions().iter().map(|version| format!("{}/{path}", version.folder));
        let moved = moved.into_iter().find(|path| model.listing().get(path).is_some());
        let files = model.listing().children("").filter(|(_, kind)| matches!(kind, EntryKind::File(_)));
        let files = files.map(|(name, _)| name).filter(|name| *name != CONFIG_FILE);
        match moved.as_deref().or_else(|| nearest(&path, files)) {
            Some(meant) => {
                let replacement = quoted(meant, model.tree().source().slice(filename.span));
                // The same name, in the only version that there is or will be: no other file can be meant.
                let is_only = moved.is_some() && model.versions().len() == 1 && model.repository().is_complete();
                let applicability = if is_only { Applicability::Safe } else { Applicability::Unsafe };
                finding.did_you_mean(meant, applicability, (filename.span, replacement));
            }
            None => {
                finding.help("add the file, or leave `label_filename` out if no client asks for classes");
            }
        }
    }
}

/// Whether the files of the model are here: more than its config, and what only describes it.
fn is_listed(model: Model<'_>) -> bool {
    let is_deployed = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        !path.split('/').any(|part| part.starts_with('.'))
            && !path.starts_with("configs/")
            && ![".pbtxt", ".md", ".sh"].iter().any(|ending| name.to_ascii_lowercase().ends_with(ending))
    };
    model.repository().is_complete()
        || model.listing().entries().iter().any(|entry| entry.kind.is_filled_file() && is_deployed(&entry.path))
}
