use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Repeated;

pub(super) static RULE: Rule = Rule {
    name: "preferred-batch-size-above-max",
    category: Category::Batching,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("preferred_batch_size_above_max.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if let Some(batching) = config.dynamic_batching.written() {
        check_sizes(model, &batching.preferred_batch_size, findings);
    }
    let oldest = config.sequence_batching.written().and_then(|sequences| sequences.value.oldest.written());
    if let Some(oldest) = oldest {
        check_sizes(model, &oldest.preferred_batch_size, findings);
    }
}

fn check_sizes(model: Model<'_>, sizes: &Repeated<i32>, findings: &mut Findings<'_>) {
    let max_batch_size = &model.config().max_batch_size;
    let Some(max) = max_batch_size.get() else { return };
    for size in sizes.iter().filter(|size| size.value > max) {
        let mut finding =
            findings.add(size.span, format!("preferred batch size {} is above max_batch_size {max}", size.value));
        finding = match max_batch_size.written() {
            Some(written) => finding.label(written.span, "the largest batch"),
            None => finding.note("max_batch_size is left out, which means 0: the model takes no batches"),
        };
        finding = finding
            .note("the server compares with the value in the file, before any back-end can complete it, and refuses it")
            .help(if max > 0 {
                "lower the preferred size, or raise max_batch_size if the model can take it"
            } else {
                "set max_batch_size to the largest batch that the model takes; if it takes none, do not batch"
            });
        // Without batches a preferred size means nothing, and what to do about it is not clear.
        if max > 0
            && let Some(span) = removal(model.tree(), size.node)
        {
            finding.fix(Applicability::Unsafe, "delete the preferred size", [(span, String::new())]);
        }
    }
}
