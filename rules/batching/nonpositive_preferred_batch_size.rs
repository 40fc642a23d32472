use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Repeated;

pub(super) static RULE: Rule = Rule {
    name: "nonpositive-preferred-batch-size",
    category: Category::Batching,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("nonpositive_preferred_batch_size.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if let Some(batching) = config.dynamic_batching.written() {
        check_sizes(model, &batching.preferred_batch_size, "dynamic_batching", findings);
    }
    let oldest = config.sequence_batching.written().and_then(|sequences| sequences.value.oldest.written());
    if let Some(oldest) = oldest {
        check_sizes(model, &oldest.preferred_batch_size, "the oldest strategy", findings);
    }
}

fn check_sizes(model: Model<'_>, sizes: &Repeated<i32>, owner: &str, findings: &mut Findings<'_>) {
    for size in sizes.iter().filter(|size| size.value <= 0) {
        let finding = findings
            .add(size.span, format!("preferred batch size {} of {owner} is not positive", size.value))
            .note("the server refuses a preferred size below 1; neither 0 nor -1 means that it may choose")
            .help("delete it: without preferred sizes the server aims at max_batch_size");
        if let Some(span) = removal(model.tree(), size.node) {
            finding.fix(Applicability::Unsafe, "delete the preferred size", [(span, String::new())]);
        }
    }
}
