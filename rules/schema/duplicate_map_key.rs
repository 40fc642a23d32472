use super::duplicate_field::are_alternatives;
use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::SchemaErrorKind;
use crate::syntax::Span;

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
    for error in model.schema_errors() {
        let SchemaErrorKind::DuplicateMapKey { field, key, first, first_entry } = &error.kind else { continue };
        if are_alternatives(tree, *first, error.span) {
            continue;
        }
        let is_first_refused = tree.message(*first_entry).is_none_or(|entry| is_refused(model, entry.span()));
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

/// Whether the server refuses something inside these bytes.
fn is_refused(model: Model<'_>, span: Span) -> bool {
    let holds = |inner: Span| span.start <= inner.start && inner.end <= span.end;
    model.schema_errors().iter().any(|error| error.kind.is_refused() && holds(error.span))
        || model.tree().errors().iter().any(|error| error.kind.is_refused() && holds(error.span))
}
