use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::ModelInput;

pub(super) static RULE: Rule = Rule {
    name: "variable-shapes-split-batches",
    category: Category::Pedantic,
    backends: &[],
    level: Level::Info,
    fix: None,
    page: include_str!("variable_shapes_split_batches.md"),
    check,
};

/// See `enforce_equal_shape_tensors` and `has_optional_input` in core's `dynamic_batch_scheduler.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_batched = config.max_batch_size.get().is_some_and(|max| max > 1);
    let Some(batching) = config.dynamic_batching.written().filter(|_| is_batched) else { return };
    let Some(field) = model.tree().field_of(batching.node) else { return };
    let splits = |input: &&ModelInput| {
        input.allow_ragged_batch.get() == Some(false) && input.dims.iter().any(|dim| dim.value == -1)
    };
    let varying: Vec<_> = config.input.iter().filter(|input| splits(&&input.value)).collect();
    if varying.is_empty() {
        return;
    }
    let names: Vec<_> = varying.iter().map(|input| format!("`{}`", input.name.text().unwrap_or_default())).collect();
    let mut finding = findings.add(
        field.name_span(),
        format!("only requests with the same shape of {} are batched together", names.join(", ")),
    );
    for dim in varying.iter().flat_map(|input| input.dims.iter()).filter(|dim| dim.value == -1) {
        finding = finding.label(dim.span, "may differ between requests");
    }
    finding.note("a request of another shape ends the batch, so inputs of many lengths make batches of one").help(
        "let clients pad to a few lengths; or, if the model can take it, set allow_ragged_batch and say where each \
             item ends by a batch_input",
    );
}
