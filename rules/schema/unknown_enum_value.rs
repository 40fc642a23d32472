use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::{EnumDescriptor, SchemaErrorKind, nearest};

pub(super) static RULE: Rule = Rule {
    name: "unknown-enum-value",
    category: Category::Schema,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_enum_value.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.schema_errors() {
        match &error.kind {
            SchemaErrorKind::UnknownEnumValue { descriptor, name } => {
                let bare = name.trim_matches('"');
                let message = match descriptor.values.iter().any(|value| value.name == bare) {
                    true => format!("the name `{bare}` must not be in quotes"),
                    false => format!("`{bare}` is no value of {}", descriptor.name),
                };
                let finding = findings.add(error.span, message);
                match meant(bare, descriptor) {
                    Some((meant, applicability)) => finding.help(format!("did you mean `{meant}`?")).fix(
                        applicability,
                        format!("write `{meant}`"),
                        [(error.span, meant.to_owned())],
                    ),
                    None => finding.help(format!("it is one of {}", names(descriptor))),
                };
            }
            SchemaErrorKind::UnknownEnumNumber { descriptor, number } => {
                findings
                    .add(error.span, format!("{number} is the number of no value of {}", descriptor.name))
                    .level(Level::Warning)
                    .note("the server takes any number here, and treats this one as none of the values that it knows")
                    .help(format!("write one of {}", names(descriptor)));
            }
            _ => {}
        }
    }
}

fn names(descriptor: &EnumDescriptor) -> String {
    let names: Vec<_> = descriptor.values.iter().map(|value| format!("`{}`", value.name)).collect();
    names.join(", ")
}

/// The value that was meant. A name that differs in case, prefix or spelling of the type leaves no
/// doubt; a similar name does.
fn meant(name: &str, descriptor: &'static EnumDescriptor) -> Option<(&'static str, Applicability)> {
    let tail =
        name.rsplit_once("::").or_else(|| name.rsplit_once('.')).map_or(name, |(_, tail)| tail).to_ascii_uppercase();
    let prefix = common_prefix(descriptor);
    let short = tail.strip_prefix(prefix).unwrap_or(&tail);
    let short = SYNONYMS.iter().find(|(synonym, _)| *synonym == short).map_or(short, |(_, name)| name);
    let exact = descriptor.values.iter().find(|value| value.name.strip_prefix(prefix) == Some(short));
    if let Some(exact) = exact {
        return Some((exact.name, Applicability::Safe));
    }
    let names = descriptor.values.iter().map(|value| value.name);
    nearest(&format!("{prefix}{short}"), names).map(|name| (name, Applicability::Unsafe))
}

/// Names of other frameworks for element types.
const SYNONYMS: [(&str, &str); 12] = [
    ("BYTES", "STRING"),
    ("STR", "STRING"),
    ("FLOAT", "FP32"),
    ("FLOAT32", "FP32"),
    ("DOUBLE", "FP64"),
    ("FLOAT64", "FP64"),
    ("HALF", "FP16"),
    ("FLOAT16", "FP16"),
    ("BFLOAT16", "BF16"),
    ("LONG", "INT64"),
    ("BOOLEAN", "BOOL"),
    ("BYTE", "UINT8"),
];

/// What all names of an enum begin with, up to an underscore.
fn common_prefix(descriptor: &EnumDescriptor) -> &'static str {
    let Some(first) = descriptor.values.first() else { return "" };
    let ends = first.name.match_indices('_').map(|(at, _)| at + 1);
    let is_shared = |end: &usize| descriptor.values.iter().all(|value| value.name.starts_with(&first.name[..*end]));
    ends.filter(is_shared).last().map_or("", |end| &first.name[..end])
}
