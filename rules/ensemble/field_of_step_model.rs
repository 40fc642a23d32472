use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::FieldName;

pub(super) static RULE: Rule = Rule {
    name: "field-of-step-model",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("field_of_step_model.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let (config, tree) = (model.config(), model.tree());
    // The server comes to these fields only once it has steps before it.
    if config.ensemble_scheduling.written().is_none() || model.resolution().backend() != Some(&Backend::Ensemble) {
        return;
    }
    let refused = [
        ("instance_group", !config.instance_group.is_empty(), "an ensemble has no instances of its own"),
        ("optimization", config.optimization.written().is_some(), "an ensemble executes nothing itself"),
        ("model_warmup", !config.model_warmup.is_empty(), "an ensemble has nothing to warm up"),
    ];
    for field in tree.document().fields() {
        let FieldName::Plain(name) = field.name() else { continue };
        let Some((name, _, reason)) = refused.iter().find(|(refused, is_set, _)| *refused == name && *is_set) else {
            continue;
        };
        let finding = findings
            .add(field.name_span(), format!("`{name}` in an ensemble"))
            .note(format!("{reason}, and the server refuses one with this field, also if nothing is in it"))
            .help(format!("leave `{name}` out; it belongs in the configs of the models that the steps run"));
        if let Some(span) = field_removal(tree, field) {
            finding.fix(Applicability::Safe, format!("delete `{name}`"), [(span, String::new())]);
        }
    }
}
