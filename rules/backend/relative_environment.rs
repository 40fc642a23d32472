use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "relative-environment",
    category: Category::Backend,
    backends: &["python", "pytorch"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("relative_environment.md"),
    check,
};

const KEY: &str = "EXECUTION_ENV_PATH";
const VARIABLE: &str = "$$TRITON_MODEL_DIRECTORY";

/// `python_backend` `src/python_be.cc` and core `backend_model.cc` take the path as it is, or put the model's
/// folder in place of the variable.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_python =
        matches!(model.resolution().backend(), Some(Backend::Python | Backend::PyTorch(PyTorchRuntime::Python)));
    let Some(entry) = model.config().parameters.get(KEY).filter(|_| is_python) else { return };
    let Some(value) = entry.value.written().and_then(|value| value.value.string_value.written()) else { return };
    let path = value.value.as_str();
    if path.is_empty() || path.starts_with('/') {
        return;
    }
    let Some(inside) = path.strip_prefix(VARIABLE) else {
        let bare = path.trim_start_matches("./");
        let finding = findings
            .add(
                value.span,
                format!("the environment `{path}` is looked for in the folder that the server is started in"),
            )
            .note("a relative path depends on the working directory of the server, not on the model's folder")
            .help(format!("write `{VARIABLE}/{bare}` for the model's folder, or an absolute path"));
        if model.listing().get(bare).is_some() {
            let text = quoted(&format!("{VARIABLE}/{bare}"), model.tree().source().slice(value.span));
            finding.fix(Applicability::Unsafe, format!("write `{VARIABLE}/{bare}`"), [(value.span, text)]);
        }
        return;
    };
    let inside = inside.trim_matches('/');
    let is_plain = !inside.is_empty() && !inside.split('/').any(|part| matches!(part, "." | ".." | ""));
    // The listing goes down to some depth only.
    let is_listed = is_plain && inside.matches('/').count() <= 1;
    if is_listed && model.repository().is_complete() && model.listing().get(inside).is_none() {
        findings
            .add(value.span, format!("there is no `{inside}` in the model's folder"))
            .note("without its environment the model does not load")
            .help("put it there, or correct the path");
    }
}
