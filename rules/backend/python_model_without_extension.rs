use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "python-model-without-extension",
    category: Category::Backend,
    backends: &["python"],
    level: Level::Error,
    fix: None,
    page: include_str!("python_model_without_extension.md"),
    check,
};

/// The stub takes the last three characters off and imports the rest (`python_backend` `src/pb_stub.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::Python) {
        return;
    }
    let Some(written) = model.config().default_model_filename.written() else { return };
    if written.value.is_empty() || written.value.rsplit_once('.').is_some_and(|(_, extension)| extension == "py") {
        return;
    }
    findings
        .add(written.span, format!("the Python back-end cannot import `{}`", written.value))
        .note("it loads a module of Python code, whose name has to end in `.py`")
        .help("leave `default_model_filename` out, and let `model.py` read the other file");
}
