use super::duplicate_field::alternatives;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::SchemaErrorKind;

pub(super) static RULE: Rule = Rule {
    name: "conflicting-fields",
    category: Category::Schema,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("conflicting_fields.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let alternatives = alternatives(model.tree());
    for error in model.schema_errors() {
        let SchemaErrorKind::OneofConflict { field, other, first } = error.kind else { continue };
        if alternatives.has_within(first.end, error.span.start) {
            continue;
        }
        findings
            .add(error.span, format!("`{}` excludes `{}`, which is given too", field.name, other.name))
            .label(first, format!("`{}` is given here", other.name))
            .note(format!(
                "both are members of the oneof `{}`, of which a message has one",
                field.oneof.unwrap_or_default()
            ))
            .help("keep one of the two");
    }
}
