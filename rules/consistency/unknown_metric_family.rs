use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unknown-metric-family",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("unknown_metric_family.md"),
    check,
};

/// The only family that can be configured (core `metric_model_reporter.cc`).
const FAMILY: &str = "nv_inference_first_response_histogram_ms";

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(metrics) = model.config().model_metrics.written() else { return };
    for control in metrics.metric_control.iter() {
        let Some(identifier) = control.metric_identifier.written() else { continue };
        let Some(family) = identifier.family.written().filter(|family| !family.is_empty()) else { continue };
        if family.value != FAMILY {
            findings
                .add(family.span, format!("the server has no settings for the metric `{}`", family.value))
                .note("it logs a warning at load and leaves all metrics as they are")
                .help(format!("the one metric whose buckets can be set is `{FAMILY}`"));
        }
    }
}
