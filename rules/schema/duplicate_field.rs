use super::Spans;
use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::SchemaErrorKind;
use crate::syntax::{Field, Span, SyntaxErrorKind, Tree};

pub(super) static RULE: Rule = Rule {
    name: "duplicate-field",
    category: Category::Schema,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("duplicate_field.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let tree = model.tree();
    let alternatives = alternatives(tree);
    for error in model.schema_errors() {
        let SchemaErrorKind::Duplicate { field, first, second, is_refused } = error.kind else { continue };
        let (Some(first), Some(second)) = (tree.field(first), tree.field(second)) else { continue };
        if alternatives.has_within(first.name_span().end, second.name_span().start) {
            continue;
        }
        let finding = findings
            .add(error.span, format!("`{}` is given twice", field.name))
            .label(first.name_span(), "first given here");
        if is_refused {
            let finding = finding.note("the field takes one value, and the server's parser refuses the file here");
            match removed_if_same(tree, first, second) {
                Some(span) => finding.fix(Applicability::Safe, "delete the repetition", [(span, String::new())]),
                None => finding.help("keep one of the two"),
            };
        } else {
            let finding = finding.level(Level::Warning).note(
                "the first value is the default of its type, which the server cannot tell from a field that is left \
                 out: it takes the second value without a word",
            );
            match field_removal(tree, first) {
                Some(span) => finding.fix(Applicability::Safe, "delete the first", [(span, String::new())]),
                None => finding.help("keep one of the two"),
            };
        }
    }
}

/// The second field, if it repeats the first to the letter.
fn removed_if_same(tree: &Tree, first: Field<'_>, second: Field<'_>) -> Option<Span> {
    let text = |field: Field<'_>| Some(tree.source().slice(field.value()?.span()));
    (text(first)? == text(second)?).then(|| field_removal(tree, second))?
}

/// Whether the two may be the sides of a merge conflict or the branches of a template: then not the
/// repetition is wrong, and another rule reports what is.
pub(super) fn alternatives(tree: &Tree) -> Spans {
    let between = tree.errors().iter().filter(|error| match error.kind {
        SyntaxErrorKind::ConflictMarker => true,
        SyntaxErrorKind::Template => tree.source().slice(error.span).starts_with("{%"),
        _ => false,
    });
    Spans::new(between.map(|error| error.span))
}
