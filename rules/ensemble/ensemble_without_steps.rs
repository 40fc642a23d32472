use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ensemble-without-steps",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("ensemble_without_steps.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let (config, tree) = (model.config(), model.tree());
    let help = "write a `step` for each model that the ensemble runs";
    if let Some(ensemble) = config.ensemble_scheduling.written() {
        let field = tree.field_of(ensemble.node).filter(|_| ensemble.step.is_empty() && ensemble.step.is_intact());
        if let Some(field) = field {
            findings
                .add(field.name_span(), "`ensemble_scheduling` has no `step`")
                .note("the server refuses an ensemble that runs no model")
                .help(help);
        }
        return;
    }
    let Some(platform) = config.platform.written() else { return };
    if config.ensemble_scheduling.is_absent() && model.resolution().backend() == Some(&Backend::Ensemble) {
        let mut finding = findings
            .add(platform.span, "an ensemble without `ensemble_scheduling`")
            .note("its steps are all that an ensemble consists of, and the server refuses one that has none");
        let batching = config.dynamic_batching.written().map(|batching| batching.node);
        if let Some(field) = batching.and_then(|node| tree.field_of(node)) {
            finding = finding.label(field.name_span(), "excludes `ensemble_scheduling`");
        }
        finding.help(help);
    }
}
