use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::MESSAGES;
use crate::schema::{MessageDescriptor, SchemaErrorKind, nearest};

pub(super) static RULE: Rule = Rule {
    name: "unknown-field",
    category: Category::Schema,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_field.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.schema_errors() {
        let SchemaErrorKind::UnknownField { message, name } = &error.kind else { continue };
        let finding = findings.add(error.span, format!("{} has no field `{name}`", message.name));
        if let Some(meant) = meant(name, message) {
            finding.help(format!("did you mean `{meant}`?")).fix(
                Applicability::Safe,
                format!("write `{meant}`"),
                [(error.span, meant.to_owned())],
            );
        } else if let Some(owner) = owner(name) {
            finding.help(format!("`{name}` is a field of {owner}"));
        } else if name.starts_with('[') {
            finding.help("a model configuration has no extensions: delete the field");
        } else {
            let names: Vec<_> = message.fields.iter().map(|field| format!("`{}`", field.name)).collect();
            finding.help(format!("its fields are {}", names.join(", ")));
        }
    }
}

/// The field of the message that was meant.
fn meant(name: &str, message: &MessageDescriptor) -> Option<&'static str> {
    let synonym = SYNONYMS.iter().find(|(synonym, field)| *synonym == name && message.field(field).is_some());
    synonym.map(|(_, field)| *field).or_else(|| {
        let is_elsewhere = owner(name).is_some();
        // A real field in the wrong place is not a misspelling of another one.
        (!is_elsewhere).then(|| nearest(name, message.fields.iter().map(|field| field.name)))?
    })
}

/// Names of other formats, such as the server's own REST interface.
const SYNONYMS: [(&str, &str); 4] =
    [("shape", "dims"), ("dtype", "data_type"), ("type", "data_type"), ("instances", "count")];

/// The message, if there is just one, that has a field of that name.
fn owner(name: &str) -> Option<&'static str> {
    let mut owners = MESSAGES.iter().filter(|message| message.field(name).is_some());
    let owner = owners.next()?;
    owners.next().is_none().then_some(owner.name)
}
