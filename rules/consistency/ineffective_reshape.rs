use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::ModelTensorReshape;
use crate::schema::{Optional, Repeated};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-reshape",
    category: Category::Consistency,
    backends: &[],
    level: Level::Info,
    fix: Some(Applicability::Safe),
    page: include_str!("ineffective_reshape.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    for input in config.input.iter() {
        check_tensor(model, &input.dims, &input.reshape, findings);
    }
    for output in config.output.iter() {
        check_tensor(model, &output.dims, &output.reshape, findings);
    }
}

fn check_tensor(
    model: Model<'_>,
    dims: &Repeated<i64>,
    reshape: &Optional<ModelTensorReshape>,
    findings: &mut Findings<'_>,
) {
    let Some(reshape) = reshape.written() else { return };
    let is_same = dims.is_intact()
        && reshape.shape.is_intact()
        && dims.iter().map(|dim| dim.value).eq(reshape.shape.iter().map(|dim| dim.value));
    let Some(field) = model.tree().field_of(reshape.node).filter(|_| is_same && !dims.is_empty()) else { return };
    let finding =
        findings.add(field.name_span(), "the reshape is to the same shape").help("delete it: it changes nothing");
    if let Some(span) = field_removal(model.tree(), field) {
        finding.fix(Applicability::Safe, "delete `reshape`", [(span, String::new())]);
    }
}
