use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "negative-max-batch-size",
    category: Category::Batching,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("negative_max_batch_size.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(max) = model.config().max_batch_size.written() else { return };
    if max.value < 0 {
        findings
            .add(max.span, format!("max_batch_size is {}, below 0", max.value))
            .note("-1 does not mean \"any\" here, as it does in dims: the server refuses every negative value")
            .help("write the largest batch that the model takes, or 0 if its tensors have no batch dimension");
    }
}
