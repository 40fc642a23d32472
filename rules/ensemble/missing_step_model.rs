use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "missing-step-model",
    category: Category::Ensemble,
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("missing_step_model.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(ensemble) = model.config().ensemble_scheduling.written() else { return };
    let repository = model.repository();
    for step in ensemble.step.iter() {
        let Some(name) = step.model_name.written().filter(|name| !name.value.is_empty()) else { continue };
        if repository.model(&name.value).is_some() {
            continue;
        }
        let mut finding = findings
            .add(name.span, format!("no model `{}` is in the repository", name.value))
            .note("the server does not load an ensemble one of whose models is not available");
        if !repository.is_complete() {
            finding = finding.level(Level::Warning).note(
                "models are missing their files here, so this model may be missing too and still be deployed; with \
                 `repository.complete = \"yes\"` in the settings this is an error",
            );
        }
        let others = repository.model_names().into_iter().filter(|other| Some(*other) != model.directory_name());
        match nearest(&name.value, others) {
            Some(meant) => {
                let replacement = quoted(meant, model.tree().source().slice(name.span));
                finding.help(format!("did you mean `{meant}`?")).fix(
                    Applicability::Unsafe,
                    format!("write `{meant}`"),
                    [(name.span, replacement)],
                );
            }
            None => {
                finding.help("add the model, or correct the name: it is that of the model's folder");
            }
        }
    }
}
