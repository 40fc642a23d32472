use std::collections::BTreeSet;

use crate::diagnostic::Findings;
use crate::edit::{NewValue, add_field_behind, quoted};
use crate::model::{Backend, EntryKind, Model, Version};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::nearest;
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "misnamed-model-file",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("misnamed_model_file.md"),
    check,
};

/// Each back-end looks for the file when it loads the model: `onnxruntime_backend` `src/onnxruntime.cc`,
/// `pytorch_backend` `src/model_state.cc`, `tensorrt_backend` `src/model_state.cc`, `openvino_backend`
/// `src/openvino.cc`, each in `LoadModel`; `python_backend` `src/python_be.cc`; `fil_backend` `src/model_state.h`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let (Some(filename), Some(selected)) = (model.model_file_name(), model.selected_versions()) else { return };
    if is_chosen_otherwise(model) {
        return;
    }
    let is_loaded =
        |version: &&Version| selected.contains(&version.number) && version.folder == version.canonical_folder();
    let versions: Vec<_> = model.versions().iter().filter(is_loaded).collect();
    let paths =
        versions.iter().filter_map(|version| Some((version, model.listing().path_below(&version.folder, filename)?)));
    let Some((lacking, path)) = paths.into_iter().find(|(_, path)| model.listing().get(path).is_none()) else { return };
    let candidates = candidates(model, filename, &versions);
    let is_complete = model.repository().is_complete();
    // Weights are often left out of version control. One by another name is then the model all the same.
    if !is_complete && candidates.len() != 1 {
        return;
    }
    let config = model.config();
    let written = config.default_model_filename.written();
    let selecting = model.selecting();
    let place = written.or(selecting).map_or(Span::empty(0), |field| field.span);
    let finding = findings
        .add(place, format!("there is no `{path}`"))
        .note("the back-end looks for the model by this name, and fails to load it")
        .unless_complete("the file");
    let only = candidates.first().filter(|_| candidates.len() == 1);
    let Some(only) = only else {
        let files = model.listing().children(&lacking.folder).filter(|(_, kind)| matches!(kind, EntryKind::File(_)));
        match nearest(filename, files.map(|(name, _)| name)) {
            Some(meant) => finding.help(format!("rename `{meant}` to `{filename}`")),
            None => finding.help("put the model there by this name, or name its file in `default_model_filename`"),
        };
        return;
    };
    let finding = finding.help(format!("name the file `{filename}`, or write `default_model_filename: \"{only}\"`"));
    // A module beside the model is Python, too.
    let is_certain = model.resolution().backend() != Some(&Backend::Python);
    let applicability = if is_certain { Applicability::Safe } else { Applicability::Unsafe };
    let text = quoted(only, "");
    let edit = match (written, selecting.and_then(|field| model.tree().field_of(field.node))) {
        (Some(written), _) => (written.span, text),
        (None, Some(field)) => {
            add_field_behind(model.tree(), field, "default_model_filename", &NewValue::Scalar(&text))
        }
        (None, None) => return,
    };
    finding.fix(applicability, format!("write `default_model_filename: \"{only}\"`"), [edit]);
}

/// Whether something else than the name decides what is loaded, or it may not be there yet.
fn is_chosen_otherwise(model: Model<'_>) -> bool {
    let config = model.config();
    let is_lenient = match model.resolution().backend() {
        // DALI looks for another file then, and both formats of TensorFlow are gone. FIL takes what begins with a `/`
        // for a path from the root.
        Some(Backend::Other(name)) => {
            name == "dali" || model.model_file_name().is_some_and(|name| name.starts_with('/'))
        }
        Some(Backend::TensorFlow) | None => true,
        Some(_) => false,
    };
    is_lenient
        || model.tree().refusals() > 0
        || !config.cc_model_filenames.entries().is_empty()
        || !config.model_repository_agents.is_absent()
        || config.parameters.get("multi_device_per_rank_engines").is_some()
        || !config.runtime.is_absent()
}

/// The names of files that may be the model: each of them is in the folder of every version, and ends as such
/// files do.
fn candidates<'m>(model: Model<'m>, filename: &str, versions: &[&'m Version]) -> BTreeSet<&'m str> {
    // Much else ends in these.
    if [".json", ".txt"].iter().any(|ending| filename.ends_with(ending)) {
        return BTreeSet::new();
    }
    let descriptor = model.resolution().backend().and_then(Backend::descriptor);
    let formats = descriptor.map(|descriptor| descriptor.formats).unwrap_or_default();
    let of_ending = |ending: &str| formats.iter().find(|format| format.extensions.contains(&ending));
    let ending = |name: &str| name.rsplit_once('.').map(|(_, ending)| ending.to_owned());
    let format = ending(filename).and_then(|ending| of_ending(&ending));
    let is_alike = |name: &str| match (ending(name), format) {
        (Some(ending), Some(format)) => format.extensions.contains(&ending.as_str()),
        (ending_here, None) => ending_here == ending(filename),
        (None, Some(_)) => false,
    };
    let mut common: Option<BTreeSet<&str>> = None;
    for version in versions {
        let files = model.listing().children(&version.folder);
        let here = files.filter(|(name, kind)| kind.is_filled_file() && is_alike(name)).map(|(name, _)| name);
        let here: BTreeSet<_> = here.collect();
        common = Some(match common {
            Some(common) => common.intersection(&here).copied().collect(),
            None => here,
        });
    }
    common.unwrap_or_default()
}
