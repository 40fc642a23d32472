use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::FieldName;

pub(super) static RULE: Rule = Rule {
    name: "split-instance-groups",
    category: Category::Instance,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("split_instance_groups.md"),
    check,
};

/// The parser appends what a further block of a repeated field holds.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let fields = model.tree().document().fields().enumerate();
    let mut groups = fields.filter(|(_, field)| field.name() == FieldName::Plain("instance_group"));
    let Some((mut last, first)) = groups.next() else { return };
    for (at, field) in groups {
        if at > last + 1 {
            findings
                .add(field.name_span(), "a second `instance_group`, further down")
                .label(first.name_span(), "the first one")
                .note("it does not replace the first: the server makes the instances of both")
                .help("delete one of them, or put the groups together if both are meant");
        }
        last = at;
    }
}
