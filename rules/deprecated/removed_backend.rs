use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "removed-backend",
    category: Category::Deprecated,
    backends: &["tensorflow"],
    level: Level::Warning,
    fix: None,
    page: include_str!("removed_backend.md"),
    check,
};

/// A back-end is a library that the containers hold or do not (core `backend_model.cc`,
/// `GetBackendLibraryProperties`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let (server, config) = (model.server(), model.config());
    // Where it is said which back-ends there are, another rule looks.
    if server.backends.is_some() || model.file().is_none() {
        return;
    }
    let Some(backend) = model.resolution().backend().and_then(Backend::descriptor) else { return };
    let Some(removed) = backend.removed.filter(|removed| server.version.is_none_or(|version| version >= *removed))
    else {
        return;
    };
    let library = format!("libtriton_{}.so", backend.name);
    if model.listing().entries().iter().any(|entry| entry.path.ends_with(&library)) {
        return;
    }
    let selecting = [&config.backend, &config.platform, &config.default_model_filename];
    let selecting = selecting.into_iter().find_map(|field| field.written().filter(|written| !written.value.is_empty()));
    let finding = findings
        .add(
            selecting.map_or(Span::empty(0), |selecting| selecting.span),
            format!("the {} back-end is not part of the server from release {removed} on", backend.title),
        )
        .help(format!("convert the model, for example to ONNX, or stay with a release before {removed}"));
    if server.version.is_some() {
        finding.level(Level::Error).note("the settings say that the server is such a release");
    } else {
        finding.note("`version` under `[server]` in the settings says which release the server is");
    }
}
