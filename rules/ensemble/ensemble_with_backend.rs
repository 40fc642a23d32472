use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ensemble-with-backend",
    category: Category::Ensemble,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("ensemble_with_backend.md"),
    check,
};

const ENSEMBLE: &str = "ensemble";

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // A back-end that is not known has a finding of its own.
    if model.resolution().backend().is_none_or(|backend| *backend == Backend::Ensemble) {
        return;
    }
    let config = model.config();
    let steps = config.ensemble_scheduling.written();
    match config.platform.written() {
        Some(platform) if platform.value == ENSEMBLE => both(model, findings),
        _ if steps.is_some() => steps_alone(model, findings),
        _ => {}
    }
}

/// The platform of an ensemble, and something that selects a back-end.
fn both(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let (tree, is_ensemble) = (model.tree(), config.ensemble_scheduling.written().is_some());
    let backend = config.backend.written().filter(|backend| !backend.value.is_empty());
    let field = if backend.is_some() { "backend" } else { "default_model_filename" };
    let Some(value) = backend.or(config.default_model_filename.written()) else { return };
    let mut finding = findings
        .add(value.span, format!("an ensemble has no back-end, and `{field}` selects `{}`", value.value))
        .note("the server takes the platform `ensemble` only without a back-end");
    if let Some(platform) = config.platform.written() {
        finding = finding.label(platform.span, "makes it an ensemble");
    }
    if !is_ensemble {
        finding.help(format!("leave out `{field}` and write the steps of the ensemble, or leave out `platform`"));
        return;
    }
    let finding = finding.help(format!("leave `{field}` out"));
    if let Some(span) = tree.field_of(value.node).and_then(|field| field_removal(tree, field)) {
        // With steps the server takes nothing else.
        finding.fix(Applicability::Safe, format!("delete `{field}`"), [(span, String::new())]);
    }
}

/// The steps of an ensemble in a model of another platform.
fn steps_alone(model: Model<'_>, findings: &mut Findings<'_>) {
    let (config, tree) = (model.config(), model.tree());
    let Some(field) = config.ensemble_scheduling.written().and_then(|written| tree.field_of(written.node)) else {
        return;
    };
    let mut finding = findings
        .add(field.name_span(), "`ensemble_scheduling` in a model that is not an ensemble")
        .note("only a model with `platform: \"ensemble\"` and without a back-end may have it");
    let backend = config.backend.written().filter(|backend| !backend.value.is_empty());
    let platform = config.platform.written().filter(|platform| !platform.value.is_empty());
    for (value, caption) in [(platform, "another platform"), (backend, "a back-end")] {
        if let Some(value) = value {
            finding = finding.label(value.span, caption);
        }
    }
    finding = finding.help(match (platform, backend) {
        (None, None) => "write `platform: \"ensemble\"`",
        (_, None) => "write `platform: \"ensemble\"`, or leave `ensemble_scheduling` out",
        _ => "leave `backend` out and write `platform: \"ensemble\"`, or leave `ensemble_scheduling` out",
    });
    // Which of the two is meant is clear only here.
    if let (Some(backend), true) = (backend, config.platform.is_absent())
        && backend.value == ENSEMBLE
        && let Some(field) = tree.field_of(backend.node)
    {
        let edits = [(field.name_span(), "platform".to_owned())];
        finding.fix(Applicability::Unsafe, "write `platform: \"ensemble\"`", edits);
    }
}
