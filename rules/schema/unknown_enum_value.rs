use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::{EnumDescriptor, SchemaErrorKind, nearest};

pub(super) static RULE: Rule = Rule {
    name: "unknown-enum-value",
    category: Category::Schema,
    backends: &[],
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
                let message = if descriptor.values.iter().any(|value| value.name == bare) {
                    format!("the name `{bare}` must not be in quotes")
                } else {
                    format!("`{bare}` is not a value of {}", descriptor.name)
                };
                let finding = findings.add(error.span, message);
                match meant(bare, descriptor) {
                    Some((meant, _)) if meant == bare => finding.help(format!("write `{meant}`")).fix(
                        Applicability::Safe,
                        format!("write `{meant}`"),
                        [(error.span, meant.to_owned())],
                    ),
                    Some((meant, applicability)) => {
                        finding.did_you_mean(meant, applicability, (error.span, meant.to_owned()))
                    }
                    None => finding.help(format!("it is one of {}", names(descriptor))),
                };
            }
            SchemaErrorKind::UnknownEnumNumber { descriptor, number } => {
                let finding = findings
                    .add(error.span, format!("{number} is the number of no value of {}", descriptor.name))
                    .help(format!("write one of {}", names(descriptor)));
                if CHECKED_LATER.contains(&descriptor.name) {
                    finding.note(
                        "the parser takes any number here, but the server refuses this one when it loads the model",
                    );
                } else {
                    finding.level(Level::Warning).note(
                        "the server takes any number here, and treats this one as none of the values that it knows",
                    );
                }
            }
            _ => {}
        }
    }
}

/// The enums whose unknown numbers pass the parser and stop the model from loading (core
/// `model_config_utils.cc`, `ValidateInstanceGroup` and `ValidateBatchIO`).
const CHECKED_LATER: [&str; 3] = ["ModelInstanceGroup.Kind", "BatchInput.Kind", "BatchOutput.Kind"];

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
    if WITHOUT_SIZE.contains(&short) {
        return None;
    }
    let short = SYNONYMS.iter().find(|(synonym, _)| *synonym == short).map_or(short, |(_, name)| name);
    let exact = descriptor.values.iter().find(|value| value.name.strip_prefix(prefix) == Some(short));
    if let Some(exact) = exact {
        return Some((exact.name, Applicability::Safe));
    }
    let names = descriptor.values.iter().map(|value| value.name);
    let similar = nearest(&format!("{prefix}{short}"), names)?;
    // What all values begin with says nothing about which one it is.
    let rest = similar.strip_prefix(prefix)?;
    let is_similar = strsim::damerau_levenshtein(short, rest) <= (short.len() / 4).max(1);
    (is_similar || short.ends_with(rest)).then_some((similar, Applicability::Unsafe))
}

/// Names of types that come in several sizes, of which none can be preferred.
const WITHOUT_SIZE: [&str; 5] = ["INT", "UINT", "INTEGER", "FP", "BYTE"];

/// Names of other frameworks for element types, and of a device.
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
    ("CUDA", "GPU"),
];

/// What all names of an enum begin with, up to an underscore.
fn common_prefix(descriptor: &EnumDescriptor) -> &'static str {
    let Some(first) = descriptor.values.first() else { return "" };
    let mut ends = first.name.match_indices('_').map(|(at, _)| at + 1);
    let is_shared = |end: &usize| descriptor.values.iter().all(|value| value.name.starts_with(&first.name[..*end]));
    ends.rfind(is_shared).map_or("", |end| &first.name[..end])
}
