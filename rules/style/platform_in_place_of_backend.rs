use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::formats;

pub(super) static RULE: Rule = Rule {
    name: "platform-in-place-of-backend",
    category: Category::Style,
    backends: &["onnxruntime", "pytorch", "tensorrt"],
    level: Level::Info,
    fix: Some(Applicability::Unsafe),
    page: include_str!("platform_in_place_of_backend.md"),
    check,
};

/// Where a platform says no more than the back-end would, the documentation of the server prefers `backend`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if !matches!(model.resolution().backend(), Some(Backend::OnnxRuntime | Backend::PyTorch(_) | Backend::TensorRt))
        || !config.backend.is_absent()
    {
        return;
    }
    let Some(platform) = config.platform.written() else { return };
    let Some((backend, _)) =
        formats().find(|(_, format)| format.platform == Some(platform.value.as_str()) && !format.needs_platform)
    else {
        return;
    };
    let Some(field) = model.tree().field_of(platform.node) else { return };
    let written = quoted(backend.name, model.tree().source().slice(platform.span));
    findings
        .add(platform.span, format!("`platform` stands for the back-end `{}`", backend.name))
        .note("`backend` names it for every back-end; platforms are left from the time when there were no others")
        .help(format!("write `backend: {written}`"))
        .fix(
            Applicability::Unsafe,
            format!("write `backend: {written}`"),
            [(field.name_span(), "backend".to_owned()), (platform.span, written)],
        );
}
