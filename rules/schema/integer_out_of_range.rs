use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::{FieldType, SchemaErrorKind};

pub(super) static RULE: Rule = Rule {
    name: "integer-out-of-range",
    category: Category::Schema,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("integer_out_of_range.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.schema_errors() {
        let SchemaErrorKind::OutOfRange { field, ty } = error.kind else { continue };
        let Some((least, most)) = ty.range() else { continue };
        let found = model.tree().source().slice(error.span);
        let message = if least == 0 && found.starts_with('-') {
            format!("`{}` takes no negative number", field.name)
        } else {
            format!("{found} is out of range for `{}`", field.name)
        };
        let note = match field.ty {
            FieldType::Enum(descriptor) => {
                format!("the numbers of {} are of type {}, from {least} to {most}", descriptor.name, ty.name())
            }
            _ => format!("the field is of type {}, from {least} to {most}", ty.name()),
        };
        findings.add(error.span, message).note(note);
    }
}
