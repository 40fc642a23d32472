use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::Spanned;
use crate::schema::vocabulary::MetricControl;

pub(super) static RULE: Rule = Rule {
    name: "incomplete-metric-control",
    category: Category::Serving,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("incomplete_metric_control.md"),
    check,
};

// Core `model_config_utils.cc`, `ValidateModelMetrics`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(metrics) = model.config().model_metrics.written() else { return };
    for control in metrics.metric_control.iter() {
        check_identifier(control, findings);
        check_options(control, findings);
    }
}

fn check_identifier(control: &Spanned<MetricControl>, findings: &mut Findings<'_>) {
    let identifier = control.metric_identifier.written();
    let (span, message) = match identifier {
        None if control.metric_identifier.is_absent() => (control.span, "a metric_control has no metric_identifier"),
        Some(identifier) if identifier.family.text() == Some("") => {
            let span = identifier.family.written().map_or(identifier.span, |family| family.span);
            (span, "a metric_identifier has no family")
        }
        _ => return,
    };
    findings
        .add(span, message)
        .note("the server cannot tell which metric is meant, and refuses the model")
        .help("name the metric: `metric_identifier { family: \"nv_inference_first_response_histogram_ms\" }`");
}

fn check_options(control: &Spanned<MetricControl>, findings: &mut Findings<'_>) {
    let (span, message) = match control.histogram_options.written() {
        None if control.histogram_options.is_absent() => (control.span, "a metric_control has no histogram_options"),
        Some(options) if options.buckets.is_empty() && options.buckets.is_intact() => {
            (options.span, "histogram_options has no buckets")
        }
        _ => return,
    };
    findings
        .add(span, message)
        .note("the buckets of a histogram are all that can be set so far, and the server wants at least one")
        .help("write the upper bounds of the buckets: `histogram_options { buckets: [ 10, 100, 1000 ] }`");
}
