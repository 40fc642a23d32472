use crate::diagnostic::Findings;
use crate::model::{Model, Resolution};
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "undetermined-backend",
    category: Category::Backend,
    level: Level::Error,
    fix: None,
    page: include_str!("undetermined_backend.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    match model.resolution() {
        Resolution::UnknownFilename(filename) => {
            let Some(written) = model.config().default_model_filename.written() else { return };
            findings
                .add(written.span, format!("nothing says which back-end loads `{filename}`"))
                .note(
                    "without `backend` and `platform` the server goes by the name of the model file, and this is not \
                     the default name of any back-end",
                )
                .help("write `backend`, for example `backend: \"onnxruntime\"`");
        }
        Resolution::NoModelFile(folder) => no_model_file(model, folder.as_deref(), findings),
        _ => {}
    }
}

/// Neither the config nor the folder's name says what the model is, so its files have to.
fn no_model_file(model: Model<'_>, folder: Option<&str>, findings: &mut Findings<'_>) {
    if model.file().is_none() && model.versions().is_empty() {
        // Nothing but a folder: whether it is a model at all is another question.
        return;
    }
    let held = folder.map(|folder| files_in(model, folder)).unwrap_or_default();
    if held.is_empty() && !model.repository().is_complete() {
        // The model's files are not here, as in a checkout without weights; they may well decide.
        return;
    }
    let seen = match folder {
        None => "the model has no version folder".to_owned(),
        Some(folder) if held.is_empty() => format!("`{folder}`, the first folder by name, is empty"),
        Some(folder) => format!("`{folder}`, the first folder by name, holds {}", held.join(", ")),
    };
    let name = model.name();
    findings
        .add(Span::empty(0), format!("nothing says which back-end runs `{name}`"))
        .note(format!(
            "without `backend`, `platform` and `default_model_filename` the server looks for the default model file \
             of a back-end, and {seen}"
        ))
        .help("write `backend`, for example `backend: \"python\"`");
}

fn files_in(model: Model<'_>, folder: &str) -> Vec<String> {
    // Files whose names begin with a dot keep folders in version control; they are no models.
    let names = model.listing().children(folder).map(|(name, _)| name).filter(|name| !name.starts_with('.'));
    names.map(|name| format!("`{name}`")).collect()
}
