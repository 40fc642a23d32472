use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::ModelConfig;
use crate::schema::{EnumDescriptor, FieldDescriptor, Visitor, walk};
use crate::syntax::{Field, Scalar};

pub(super) static RULE: Rule = Rule {
    name: "enum-value-by-number",
    category: Category::Style,
    backends: &[],
    level: Level::Info,
    fix: Some(Applicability::Safe),
    page: include_str!("enum_value_by_number.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    walk(model.tree().document(), ModelConfig::DESCRIPTOR, &mut Numbers { findings });
}

struct Numbers<'n, 'f> {
    findings: &'n mut Findings<'f>,
}

impl Visitor for Numbers<'_, '_> {
    fn field(&mut self, _: Field<'_>, _: &'static FieldDescriptor) -> bool {
        true
    }

    fn enum_value(&mut self, value: Scalar<'_>, known: &'static EnumDescriptor) {
        let Ok(number) = value.text().parse::<i32>() else { return };
        // One without a name is for another rule.
        let Some(named) = known.values.iter().find(|value| value.number == number) else { return };
        self.findings
            .add(value.span(), format!("{number} is the number of `{}`", named.name))
            .note("the server takes either, and readers know the name")
            .help(format!("write `{}`", named.name))
            .fix(Applicability::Safe, format!("write `{}`", named.name), [(value.span(), named.name.to_owned())]);
    }
}
