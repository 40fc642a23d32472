use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "needless-preferred-batch-size",
    category: Category::Pedantic,
    backends: &[],
    level: Level::Info,
    fix: Some(Applicability::Unsafe),
    page: include_str!("needless_preferred_batch_size.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // Plans have optimization profiles, which are what preferred sizes are for.
    if matches!(model.resolution().backend(), None | Some(Backend::TensorRt)) {
        return;
    }
    let tree = model.tree();
    let Some(batching) = model.config().dynamic_batching.written() else { return };
    let mut fields: Vec<_> = batching.preferred_batch_size.iter().filter_map(|size| tree.field_of(size.node)).collect();
    fields.dedup_by_key(|field| field.id());
    let Some(first) = fields.first() else { return };
    let finding = findings
        .add(first.span_without_separator(), "preferred batch sizes for a model that may not need them")
        .note("with them the scheduler waits for just these sizes; without, it forms the largest batch that it can")
        .help("delete them, unless measurements show that the model runs much better at these sizes");
    let removals: Option<Vec<_>> = fields.iter().map(|field| field_removal(tree, *field)).collect();
    if let Some(spans) = removals {
        let edits = spans.into_iter().map(|span| (span, String::new()));
        finding.fix(Applicability::Unsafe, "delete `preferred_batch_size`", edits);
    }
}
