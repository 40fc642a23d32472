use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "few-candidate-sequences",
    category: Category::Performance,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("few_candidate_sequences.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let oldest = config.sequence_batching.written().and_then(|sequences| sequences.value.oldest.written());
    let candidates = oldest.and_then(|oldest| oldest.max_candidate_sequences.written());
    let Some(candidates) = candidates.filter(|candidates| candidates.value > 0) else { return };
    let Some(max) = config.max_batch_size.written().filter(|max| max.value > candidates.value) else { return };
    findings
        .add(candidates.span, format!("batches of {} are the largest, though max_batch_size is {}", candidates.value, max.value))
        .label(max.span, "the largest batch")
        .note("a batch holds one request of each candidate sequence at most, so it is never fuller than there are candidates")
        .help("raise max_candidate_sequences to max_batch_size or above");
}
