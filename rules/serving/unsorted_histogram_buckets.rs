use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unsorted-histogram-buckets",
    category: Category::Serving,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("unsorted_histogram_buckets.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(metrics) = model.config().model_metrics.written() else { return };
    for options in metrics.metric_control.iter().filter_map(|control| control.histogram_options.written()) {
        if !options.buckets.is_intact() {
            continue;
        }
        let buckets: Vec<_> = options.buckets.iter().collect();
        for pair in buckets.windows(2).filter(|pair| pair[0].value >= pair[1].value) {
            findings
                .add(pair[1].span, format!("the bucket {} does not come after {}", pair[1].value, pair[0].value))
                .label(pair[0].span, "the bucket before it")
                .note("each number is the upper bound of a bucket; the metrics library wants them strictly ascending")
                .help("sort the bounds, and write each once");
        }
    }
}
