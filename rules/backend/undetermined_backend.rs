use crate::diagnostic::{Finding, Findings};
use crate::edit::{NewValue, add_field, add_field_behind, quoted};
use crate::model::{CONFIG_FILE, Model, Resolution};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::format_of;
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "undetermined-backend",
    category: Category::Backend,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("undetermined_backend.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    match model.resolution() {
        Resolution::UnknownFilename(filename) => {
            let Some(written) = model.config().default_model_filename.written() else { return };
            let finding = findings
                .add(written.span, format!("nothing says which back-end loads `{filename}`"))
                .note(
                    "without `backend` and `platform` the server goes by the name of the model file, and this is not \
                     the default name of any back-end",
                )
                .help(match field_for(filename) {
                    Some(field) => format!("write `{field}`"),
                    None => "write `backend`, for example `backend: \"onnxruntime\"`".to_owned(),
                });
            // Scripts and descriptions go with several back-ends.
            if let Some(fields) = fields_for(filename, filename).filter(|_| is_weights(filename)) {
                propose(model, &fields, finding);
            }
        }
        Resolution::NoModelFile(_) if model.config().ensemble_scheduling.written().is_some() => {
            ensemble(model, findings);
        }
        Resolution::NoModelFile(folder) => no_model_file(model, folder.as_deref(), findings),
        _ => {}
    }
}

/// Steps of an ensemble alone do not make one, and the server refuses them for any other platform.
fn ensemble(model: Model<'_>, findings: &mut Findings<'_>) {
    let tree = model.tree();
    let written = model.config().ensemble_scheduling.written();
    let Some(field) = written.and_then(|written| tree.field_of(written.node)) else { return };
    let finding = findings
        .add(field.name_span(), "nothing says that this is an ensemble")
        .note("`ensemble_scheduling` does not select the platform: the server looks for a model file, and finds none")
        .help("write `platform: \"ensemble\"`");
    if model.config().platform.is_absent() {
        let at = field.name_span().start;
        let source = tree.source();
        let gap = match (source.is_first_on_line(at), source.text().contains("\r\n")) {
            (true, true) => format!("\r\n{}", source.indentation(at)),
            (true, false) => format!("\n{}", source.indentation(at)),
            (false, _) => " ".to_owned(),
        };
        let edit = (Span::empty(at), format!("platform: \"ensemble\"{gap}"));
        finding.fix(Applicability::Safe, "write `platform: \"ensemble\"`", [edit]);
    }
}

/// Neither the config nor the folder's name says what the model is, so its files have to.
fn no_model_file(model: Model<'_>, folder: Option<&str>, findings: &mut Findings<'_>) {
    if model.file().is_none() && !model.server().auto_complete_config {
        // Without auto-complete it lacks a config, whatever its files are.
        return;
    }
    if model.file().is_none() && model.versions().is_empty() {
        // Nothing but a folder: whether it is a model at all is another question.
        return;
    }
    let held = folder.map(|folder| files_in(model, folder)).unwrap_or_default();
    if model.file().is_none() && held.is_empty() {
        // A repository may be complete without it, and so says nothing about it.
        return;
    }
    if !model.repository().is_complete() && !held.iter().any(|name| is_weights(name)) {
        // The model's files are not here, as in a checkout without weights; they may well decide.
        return;
    }
    let seen = match folder {
        None => "the model has no version folder".to_owned(),
        Some(folder) if held.is_empty() => format!("`{folder}`, the first folder by name, is empty"),
        Some(folder) => format!("`{folder}`, the first folder by name, holds {}", listed(&held)),
    };
    let name = model.name();
    let finding = findings
        .add(Span::empty(0), format!("nothing says which back-end runs `{name}`"))
        .note(format!(
            "without `backend`, `platform` and `default_model_filename` the server looks for the default model file \
             of a back-end, and {seen}"
        ))
        .help(match folder.filter(|folder| is_in_the_way(model, folder)) {
            Some(folder) => format!("write `backend`, or remove `{folder}`, which comes before the version folders"),
            None if model.file().is_none() && held.contains(&CONFIG_FILE) => {
                format!(
                    "move `{CONFIG_FILE}` out of the version into the model's folder: the server reads it there only"
                )
            }
            None => what_to_write(&held),
        });
    if let Some(fields) = of_versions(model) {
        propose(model, &fields, finding);
    }
}

/// The fields for the one model file that every version holds, and nothing else.
fn of_versions(model: Model<'_>) -> Option<Vec<(&'static str, String)>> {
    let mut versions = model.versions().iter().map(|version| files_in(model, &version.folder));
    let first = versions.next()?;
    let [file] = first.as_slice() else { return None };
    (is_weights(file) && versions.all(|held| held == first)).then(|| fields_for(file, ""))?
}

/// What the config has to say for a back-end to load the file, beyond the name of it that is written.
fn fields_for(file: &str, written: &str) -> Option<Vec<(&'static str, String)>> {
    let (backend, format) = format_of(file)?;
    let of_backend = match format.platform {
        Some(platform) if format.needs_platform => ("platform", platform.to_owned()),
        _ => ("backend", backend.name.to_owned()),
    };
    let is_named = file == written || file == format.filename;
    let name = (!is_named).then(|| ("default_model_filename", file.to_owned()));
    Some([of_backend].into_iter().chain(name).collect())
}

/// Writes the fields. The model does not load without them, so it cannot do anything else than before but load.
fn propose(model: Model<'_>, fields: &[(&'static str, String)], finding: Finding<'_>) {
    let config = model.config();
    // What is written and empty would have to be replaced.
    if !config.backend.is_absent() || !config.platform.is_absent() {
        return;
    }
    let tree = model.tree();
    let behind = [&config.default_model_filename, &config.name].into_iter().find_map(|name| name.written());
    let behind = behind.and_then(|name| tree.field_of(name.node));
    let words: Vec<_> = fields.iter().map(|(name, value)| format!("`{name}: \"{value}\"`")).collect();
    let edits = fields.iter().map(|(name, value)| {
        let value = quoted(value, "");
        match behind {
            Some(field) => Some(add_field_behind(tree, field, name, &NewValue::Scalar(&value))),
            None => add_field(tree.document(), name, &NewValue::Scalar(&value)),
        }
    });
    if let Some(edits) = edits.collect::<Option<Vec<_>>>() {
        finding.fix(Applicability::Safe, format!("write {}", words.join(" and ")), edits);
    }
}

/// Whether the server looks into that folder in place of a version.
fn is_in_the_way(model: Model<'_>, folder: &str) -> bool {
    !model.versions().is_empty() && model.versions().iter().all(|version| version.folder != folder)
}

fn what_to_write(files: &[&str]) -> String {
    let mut fields = files.iter().filter_map(|file| field_for(file));
    match (files, fields.next()) {
        ([file], Some(field)) => format!("write `{field}` and `default_model_filename: \"{file}\"`"),
        (_, Some(field)) if fields.all(|other| other == field) => {
            format!("write `{field}`, and the name of the model file as `default_model_filename`")
        }
        _ => "write `backend`, for example `backend: \"python\"`".to_owned(),
    }
}

fn files_in<'m>(model: Model<'m>, folder: &'m str) -> Vec<&'m str> {
    // Files whose names begin with a dot keep folders in version control; they are no models.
    model.listing().children(folder).map(|(name, _)| name).filter(|name| !name.starts_with('.')).collect()
}

fn listed(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Whether a file of that name is a model: scripts and descriptions also lie beside one.
fn is_weights(file: &str) -> bool {
    let extension = file.rsplit_once('.').map(|(_, extension)| extension);
    field_for(file).is_some() && !matches!(extension, Some("py" | "xml"))
}

/// The field that says what runs a file of that name.
fn field_for(file: &str) -> Option<String> {
    let (backend, format) = format_of(file)?;
    Some(match format.platform {
        Some(platform) if format.needs_platform => format!("platform: \"{platform}\""),
        _ => format!("backend: \"{}\"", backend.name),
    })
}
