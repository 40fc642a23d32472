use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "invalid-metric-tag",
    category: Category::Serving,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_metric_tag.md"),
    check,
};

/// `Model::Init` has `MetricModelReporter::Create` make the metrics of every model, also where none are
/// served. Labels are named in `MetricModelReporter::GetMetricLabels`, and checked by `CheckLabelName`
/// of the Prometheus client.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for tag in model.config().metric_tags.in_force() {
        let Some(key) = tag.key.text() else { continue };
        let is_outside = |character: &char| !character.is_ascii_alphanumeric() && *character != '_';
        let reason = match key.chars().find(is_outside) {
            Some(character) => format!("it has a `{}` in it", character.escape_debug()),
            None if key.starts_with('_') => "it begins with `_`".to_owned(),
            None => continue,
        };
        let span = tag.key.written().map_or(tag.span, |key| key.span);
        findings
            .add(span, format!("the metric tag `{key}` cannot be a label: {reason}"))
            .note(
                "the server puts a `_` before the key and makes a Prometheus label of it, which holds letters, digits \
                 and `_` only and does not begin with two `_`; with any other the server exits",
            )
            .help("use letters, digits and `_`, and begin with a letter or digit");
    }
}
