use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model, Version};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::{ENSEMBLE, called, find, names};
use crate::schema::nearest;
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "unknown-backend",
    category: Category::Backend,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unknown_backend.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    match &model.server().backends {
        Some(installed) => check_installed(model, installed, findings),
        None => check_known(model, findings),
    }
}

/// Where it is known which there are: the server asks in `TritonModel::GetBackendLibraryProperties`.
fn check_installed(model: Model<'_>, installed: &[String], findings: &mut Findings<'_>) {
    let Some(name) = model.resolution().backend().and_then(Backend::name) else { return };
    if model.file().is_none() || installed.iter().any(|other| other == name) || loads_own_library(model, name) {
        return;
    }
    let config = model.config();
    let backend = config.backend.written().filter(|backend| !backend.value.is_empty());
    let selecting = backend.or(config.platform.written()).or(config.default_model_filename.written());
    let finding = findings
        .add(
            selecting.map_or(Span::empty(0), |selecting| selecting.span),
            format!("the server has no back-end `{name}`"),
        )
        .level(Level::Error)
        .note(format!("`backends` under `[server]` in the settings lists what it has: {}", installed.join(", ")));
    let is_there = |other: &&str| installed.iter().any(|installed| installed == other);
    match (meant(name).filter(is_there), backend) {
        (Some(meant), Some(written)) => {
            let replacement = quoted(meant, model.tree().source().slice(written.span));
            finding.did_you_mean(meant, Applicability::Unsafe, (written.span, replacement));
        }
        _ => {
            finding.help("install it, or correct the config");
        }
    }
}

/// Where it is not known which there are.
fn check_known(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(Backend::Other(name)) = model.resolution().backend() else { return };
    let Some(written) = model.config().backend.written() else { return };
    // Back-ends of one's own are legitimate: only what looks like a slip is worth a word.
    if find(name).is_some() || brings_library(model, name) {
        return;
    }
    let source = model.tree().source();
    let config = model.config();
    if name == ENSEMBLE && (config.ensemble_scheduling.written().is_some() || config.platform.text() == Some(ENSEMBLE))
    {
        // `ensemble-with-backend` reports it.
        return;
    }
    if name == ENSEMBLE {
        findings
            .add(written.span, "`ensemble` is a platform and no back-end")
            .note("the server looks for the library of a back-end of that name, which does not exist")
            .help("write `platform: \"ensemble\"` and `ensemble_scheduling` with the steps of the ensemble");
        return;
    }
    let Some(meant) = meant(name) else { return };
    let replacement = quoted(meant, source.slice(written.span));
    findings
        .add(written.span, format!("`{name}` is not a back-end that comes with the server"))
        .note(format!(
            "the model loads only where a back-end `{name}` is installed, with `libtriton_{name}.so` or `model.py`"
        ))
        .did_you_mean(meant, Applicability::Unsafe, (written.span, replacement));
}

/// So many slips of the pen make one name of another. With more it is a name of its own, such as that
/// of a back-end that somebody derived from another one.
const MOST_SLIPS: usize = 2;

fn meant(name: &str) -> Option<&'static str> {
    let is_slip = |backend: &&str| strsim::damerau_levenshtein(&name.to_ascii_lowercase(), backend) <= MOST_SLIPS;
    called(name).map(|backend| backend.name).or_else(|| nearest(name, names()).filter(is_slip))
}

/// Whether the model's folder or one of its versions holds the library of that back-end.
fn brings_library(model: Model<'_>, name: &str) -> bool {
    let library = library_of(model, name);
    holds_library(model, &library) || model.versions().iter().any(|version| holds(model, version, &library))
}

/// Whether every version that the server loads finds that library: in its own folder or in the model's.
fn loads_own_library(model: Model<'_>, name: &str) -> bool {
    let library = library_of(model, name);
    let selected = model.selected_versions();
    let is_loaded = |version: &&Version| selected.as_ref().is_none_or(|selected| selected.contains(&version.number));
    let mut loaded = model.versions().iter().filter(is_loaded).peekable();
    holds_library(model, &library) || (loaded.peek().is_some() && loaded.all(|version| holds(model, version, &library)))
}

fn holds_library(model: Model<'_>, library: &str) -> bool {
    model.listing().get(library).is_some()
}

fn holds(model: Model<'_>, version: &Version, library: &str) -> bool {
    holds_library(model, &format!("{}/{library}", version.canonical_folder()))
}

/// The library of that back-end, or the one that `runtime` names in its place.
fn library_of(model: Model<'_>, name: &str) -> String {
    match model.config().runtime.text() {
        Some("") | None => format!("libtriton_{name}.so"),
        Some(runtime) => runtime.to_owned(),
    }
}
