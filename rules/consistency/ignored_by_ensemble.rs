use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::FieldName;

/// What an ensemble's config may hold and nothing reads (core `ensemble_model.cc`, `ensemble_utils.cc`).
const UNREAD: [&str; 6] = [
    "parameters",
    "default_model_filename",
    "cc_model_filenames",
    "model_operations",
    "runtime",
    "model_transaction_policy",
];

pub(super) static RULE: Rule = Rule {
    name: "ignored-by-ensemble",
    category: Category::Consistency,
    backends: &["ensemble"],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("ignored_by_ensemble.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let (config, tree) = (model.config(), model.tree());
    if config.ensemble_scheduling.is_absent() || model.resolution().backend() != Some(&Backend::Ensemble) {
        return;
    }
    for field in tree.document().fields() {
        let FieldName::Plain(name) = field.name() else { continue };
        if !UNREAD.contains(&name) {
            continue;
        }
        let why = match name {
            "model_transaction_policy" => "the server works out from the steps whether an ensemble is decoupled",
            _ => "an ensemble loads no model and runs no back-end that would read it",
        };
        let finding = findings
            .add(field.name_span(), format!("`{name}` has no effect in an ensemble"))
            .note(why)
            .help("delete it, or move it to the model of the step that it is meant for");
        if let Some(span) = field_removal(tree, field) {
            finding.fix(Applicability::Safe, format!("delete `{name}`"), [(span, String::new())]);
        }
    }
}
