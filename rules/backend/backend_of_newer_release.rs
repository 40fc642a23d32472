use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "backend-of-newer-release",
    category: Category::Backend,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("backend_of_newer_release.md"),
    check,
};

/// The containers of older releases do not hold its library.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let server = model.server();
    // Where it is said which back-ends there are, another rule looks.
    let Some(version) = server.version.filter(|_| server.backends.is_none()) else { return };
    let Some(written) = model.config().backend.written() else { return };
    let Some(backend) = model.resolution().backend().and_then(Backend::descriptor) else { return };
    if let Some(since) = backend.since.filter(|since| version < *since) {
        findings
            .add(
                written.span,
                format!("the server is {version}, and the {} back-end is there from {since} on", backend.title),
            )
            .note(
                "the model loads only where the back-end was installed besides; the settings say how old the server is",
            )
            .help("update the server, or list what is installed in `backends` under `[server]`");
    }
}
