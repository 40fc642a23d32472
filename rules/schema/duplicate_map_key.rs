use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::SchemaErrorKind;

pub(super) static RULE: Rule = Rule {
    name: "duplicate-map-key",
    category: Category::Schema,
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("duplicate_map_key.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.schema_errors() {
        let SchemaErrorKind::DuplicateMapKey { field, key, first, first_entry } = &error.kind else { continue };
        let finding = findings
            .add(error.span, format!("the key `{key}` of `{}` is given twice", field.name))
            .label(*first, "first given here")
            .note("of several entries with the same key the server takes the last, without a word");
        match removal(model.tree(), *first_entry) {
            Some(span) => finding.fix(Applicability::Safe, "delete the entry without effect", [(span, String::new())]),
            None => finding.help("delete the entry that is not wanted"),
        };
    }
}
