use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::DataType;

pub(super) static RULE: Rule = Rule {
    name: "random-warmup-values",
    category: Category::Serving,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("random_warmup_values.md"),
    check,
};

/// The values are the bytes of `rand()`, or empty strings (`GenerateWarmupData` of core's
/// `backend_model_instance.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let samples = model.config().model_warmup.iter();
    for entry in samples.flat_map(|sample| sample.value.inputs.in_force()) {
        let Some(input) = entry.value.written() else { continue };
        let Some(random) = input.random_data.written().filter(|_| input.input_data_file.is_absent()) else { continue };
        let Some(field) = model.tree().field_of(random.node) else { continue };
        let name = entry.key.text().unwrap_or_default();
        let (message, note) = match input.data_type.get() {
            Some(DataType::Int32 | DataType::Int64 | DataType::Uint32 | DataType::Uint64) => (
                format!("random integers for `{name}` are any of their type"),
                "as an index, a length or a token they are out of range nearly always, and may end the server rather \
                 than fail",
            ),
            Some(DataType::String) => {
                (format!("random strings for `{name}` are all empty"), "the server makes no random text")
            }
            _ => continue,
        };
        let finding = findings
            .add(field.span_without_separator(), message)
            .note(note)
            .help("use zero_data, or an input_data_file with values that requests have");
        if input.zero_data.is_absent() {
            let edit = (field.span_without_separator(), "zero_data: true".to_owned());
            finding.fix(Applicability::Unsafe, "write `zero_data: true`", [edit]);
        }
    }
}
