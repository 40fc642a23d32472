use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::{ENSEMBLE, called, find, names};
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "unknown-backend",
    category: Category::Backend,
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unknown_backend.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
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
        .help(format!("did you mean `{meant}`?"))
        .fix(Applicability::Unsafe, format!("write `{meant}`"), [(written.span, replacement)]);
}

/// So many slips of the pen make one name of another. With more it is a name of its own, such as that
/// of a back-end that somebody derived from another one.
const MOST_SLIPS: usize = 2;

fn meant(name: &str) -> Option<&'static str> {
    let is_slip = |backend: &&str| strsim::damerau_levenshtein(&name.to_ascii_lowercase(), backend) <= MOST_SLIPS;
    called(name).map(|backend| backend.name).or_else(|| nearest(name, names()).filter(is_slip))
}

/// Whether the model's folder or one of its versions holds the library of that back-end, or the one
/// that `runtime` names in its place.
fn brings_library(model: Model<'_>, name: &str) -> bool {
    let library = match model.config().runtime.text() {
        Some("") | None => format!("libtriton_{name}.so"),
        Some(runtime) => runtime.to_owned(),
    };
    let folders = model.versions().iter().map(|version| format!("{}/{library}", version.folder));
    folders.chain([library.clone()]).any(|path| model.listing().get(&path).is_some())
}
