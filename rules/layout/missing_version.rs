use std::collections::BTreeMap;

use crate::diagnostic::{FileChange, Findings};
use crate::edit::{NewValue, removal, set_field};
use crate::model::{Backend, CONFIG_FILE, EntryKind, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Spanned;
use crate::schema::vocabulary::VersionPolicySpecific;
use crate::syntax::{Field, Span};

use super::malformed_version_folder::needs_files;

pub(super) static RULE: Rule = Rule {
    name: "missing-version",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("missing_version.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // A model that is refused before its versions are looked at has findings enough.
    if model.file().is_none() || model.resolution().backend().is_none() {
        return;
    }
    check_policy(model, findings);
    check_repeated(model, findings);
    if model.selected_versions().is_none_or(|selected| !selected.is_empty()) {
        return;
    }
    let is_complete = model.repository().is_complete();
    let name = model.name();
    if model.versions().is_empty() {
        let correction = correction(model);
        // The model's file in the wrong place tells that none comes from elsewhere.
        let is_misplaced = matches!(correction, Some((.., FileChange::Rename { .. })));
        if !is_complete && !is_misplaced {
            return;
        }
        let finding = findings
            .add_folder(format!("`{name}` has no version folder"))
            .note("the server loads versions, which are folders with a number for a name, and without one no model")
            .help(match model.resolution().backend() {
                Some(Backend::Ensemble) => "an ensemble needs a version folder too, if only an empty one: add `1`",
                _ => "put the model's files into a folder `1`",
            });
        let finding = finding.unless_complete("a version");
        if let Some((applicability, title, change)) = correction {
            let applicability = if is_complete { applicability } else { Applicability::Unsafe };
            finding.file_fix(applicability, title, change);
        }
        return;
    }
    if !is_complete {
        return;
    }
    let specific = model.config().version_policy.written().and_then(|policy| policy.value.specific.written());
    if let Some(specific) = specific.filter(|specific| !specific.versions.is_empty()) {
        let present: Vec<_> = model.versions().iter().map(|version| version.number.to_string()).collect();
        let finding = findings
            .add(specific.versions[0].span, format!("none of the versions that the policy names is there in `{name}`"))
            .note("the server loads only those of them that there are, and without any version no model")
            .help(format!("name one of those that there are: {}", present.join(", ")));
        if let Some((title, edit)) = newest(model, specific) {
            finding.fix(Applicability::Unsafe, title, [edit]);
        }
    }
}

/// Names the newest version that there is, which is the one that is loaded by default.
fn newest(model: Model<'_>, specific: &Spanned<VersionPolicySpecific>) -> Option<(String, (Span, String))> {
    let newest = model.versions().last()?.number;
    let message = model.tree().message(specific.node)?;
    let edit = set_field(message, "versions", &NewValue::Scalar(&format!("[ {newest} ]")))?;
    Some((format!("name version {newest}"), edit))
}

/// The folder of an ensemble, or the model file moved into one. None where it is not clear that version
/// 1 is meant, or which file.
fn correction(model: Model<'_>) -> Option<(Applicability, String, FileChange)> {
    let folder = &model.directory().path;
    let has_other_policy = model.config().version_policy.written().is_some();
    let has_other_folder = model.listing().folders().any(|name| !name.starts_with('.'));
    if has_other_policy || has_other_folder {
        return None;
    }
    let backend = model.resolution().backend()?;
    if *backend == Backend::Ensemble {
        // A folder alone gets lost in version control and in object stores.
        let change = FileChange::Create(folder.join("1").join(".gitkeep"));
        return Some((Applicability::Safe, "make the folder `1`".into(), change));
    }
    let written = model.config().default_model_filename.text().filter(|name| !name.is_empty());
    let file = written.or_else(|| backend.default_filename()).filter(|name| !name.contains('/'))?;
    // A link would lead elsewhere from another folder.
    if !matches!(model.listing().get(file), Some(EntryKind::File(_))) || model.listing().is_linked(file) {
        return None;
    }
    // Other files may have to go along: code that is imported, weights that are referred to.
    let is_alone = model.listing().children("").all(|(name, _)| {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        [CONFIG_FILE, file].contains(&name) || name.starts_with('.') || ["md", "txt"].contains(&ending)
    });
    let applicability = if is_alone { Applicability::Safe } else { Applicability::Unsafe };
    let change = FileChange::Rename { from: folder.join(file), to: folder.join("1").join(file) };
    Some((applicability, format!("move `{file}` into a folder `1`"), change))
}

/// A policy that selects no version, whatever there is.
fn check_policy(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(policy) = model.config().version_policy.written() else { return };
    if let Some(latest) = policy.latest.written()
        && latest.num_versions.get() == Some(0)
    {
        let span = latest.num_versions.written().map(|written| written.span);
        let span = span.or_else(|| Some(model.tree().field_of(latest.node)?.name_span()));
        let finding = findings
            .add(span.unwrap_or(policy.span), "the version policy selects the latest 0 versions")
            .note(if latest.num_versions.is_absent() {
                "`num_versions` is left out, which means 0; the server loads no version, and so refuses the model"
            } else {
                "the server loads no version, and so refuses the model"
            })
            .help("write `num_versions: 1`, or leave `version_policy` out, which means the same");
        let message = model.tree().message(latest.node);
        if let Some(edit) = message.and_then(|message| set_field(message, "num_versions", &NewValue::Scalar("1"))) {
            finding.fix(Applicability::Unsafe, "write `num_versions: 1`", [edit]);
        }
    }
    if let Some(specific) = policy.specific.written()
        && specific.versions.is_empty()
        && specific.versions.is_intact()
    {
        let span = model.tree().field_of(specific.node).map_or(policy.span, Field::name_span);
        let finding = findings
            .add(span, "the version policy names no version")
            .note("the server loads the versions that `specific` names, and so none; it refuses the model")
            .help("name them in `versions`, or leave `version_policy` out for the latest version");
        if let Some((title, edit)) = newest(model, specific) {
            finding.fix(Applicability::Unsafe, title, [edit]);
        }
    }
}

/// A version that is not there and named twice: at the second time the server takes it for one that is,
/// and goes on to load it.
fn check_repeated(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.repository().is_complete() || !needs_files(model) {
        return;
    }
    let specific = model.config().version_policy.written().and_then(|policy| policy.value.specific.written());
    let mut seen = BTreeMap::new();
    for version in specific.into_iter().flat_map(|specific| specific.value.versions.iter()) {
        let number = version.value;
        if model.versions().iter().any(|present| present.number == number) {
            continue;
        }
        if let Some(first) = seen.insert(number, version.span) {
            let finding = findings
                .add(version.span, format!("the policy names version {number} twice, and there is none"))
                .label(first, "the first time")
                .note(
                    "a version that is not there the server leaves out once; named again, it tries to load it, and \
                     fails",
                )
                .help("name versions that there are");
            if let Some(span) = removal(model.tree(), version.node) {
                finding.fix(Applicability::Unsafe, "name it once", [(span, String::new())]);
            }
        }
    }
}
