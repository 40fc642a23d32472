use super::Spans;
use super::duplicate_field::alternatives;
use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::SchemaErrorKind;

pub(super) static RULE: Rule = Rule {
    name: "duplicate-map-key",
    category: Category::Schema,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("duplicate_map_key.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let tree = model.tree();
    let (alternatives, refused) = (alternatives(tree), refused(model));
    for error in model.schema_errors() {
        let SchemaErrorKind::DuplicateMapKey { field, key, first, first_entry } = &error.kind else { continue };
        if alternatives.has_within(first.end, error.span.start) {
            continue;
        }
        let is_first_refused = tree.message(*first_entry).is_none_or(|entry| {
            let span = entry.span();
            refused.has_within(span.start, span.end)
        });
        let key = if key.is_empty() { "the empty key".to_owned() } else { format!("the key `{key}`") };
        let finding = findings
            .add(error.span, format!("{key} of `{}` is given twice", field.name))
            .label(*first, "first given here")
            .note("of several entries with the same key the server takes the last, without a word");
        match removal(tree, *first_entry).filter(|_| !is_first_refused) {
            Some(span) => finding.fix(Applicability::Safe, "delete the entry without effect", [(span, String::new())]),
            None => finding.help("delete the entry that is not wanted"),
        };
    }
}

/// What the server refuses.
fn refused(model: Model<'_>) -> Spans {
    let schema = model.schema_errors().iter().filter(|error| error.kind.is_refused()).map(|error| error.span);
    let syntax = model.tree().errors().iter().filter(|error| error.kind.is_refused()).map(|error| error.span);
    Spans::new(schema.chain(syntax))
}
