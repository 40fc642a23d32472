use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "escaping-runtime",
    category: Category::Backend,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("escaping_runtime.md"),
    check,
};

/// The server asks in `TritonModel::GetBackendLibraryProperties`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(runtime) = model.config().runtime.written() else { return };
    // An ensemble has no library to look for.
    if matches!(model.resolution().backend(), None | Some(Backend::Ensemble)) || !leads_out(&runtime.value) {
        return;
    }
    findings
        .add(runtime.span, format!("the runtime `{}` leads out of the folder that it is looked for in", runtime.value))
        .note(
            "the server looks for the library in the version folder, the model's folder and the back-end's folder, and \
             refuses one that lies outside of them",
        )
        .help("write the name of the library only, and put it into one of these folders");
}

/// Whether a path goes up from where it starts. One that comes back by name is not worth an exception.
fn leads_out(path: &str) -> bool {
    let mut depth = 0_i64;
    let steps = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let depths = steps.map(|part| {
        depth += if part == ".." { -1 } else { 1 };
        depth
    });
    depths.min().is_some_and(|least| least < 0)
}
