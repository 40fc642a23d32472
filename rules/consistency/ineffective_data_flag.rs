use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ineffective-data-flag",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("ineffective_data_flag.md"),
    check,
};

/// The server asks which of the fields is there, and not for its value (core
/// `backend_model_instance.cc`, `GenerateWarmupData`; `sequence_state.cc`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let warmup = config.model_warmup.iter().flat_map(|sample| sample.value.inputs.in_force());
    let flags = warmup.filter_map(|entry| entry.value.written()).flat_map(|input| {
        [(&input.zero_data, "zero_data", "zeros"), (&input.random_data, "random_data", "random values")]
    });
    let states = config.sequence_batching.written().map(|sequences| sequences.value.state.iter());
    let initial = states.into_iter().flatten().flat_map(|state| state.value.initial_state.iter());
    let zeros = initial.map(|state| (&state.value.zero_data, "zero_data", "zeros"));
    for (flag, name, contents) in flags.chain(zeros) {
        let Some(flag) = flag.written().filter(|flag| !flag.value) else { continue };
        findings
            .add(flag.span, format!("`{name}: false` means {contents} all the same"))
            .note("the server goes by which of the fields is written, and not by its value")
            .help("name the contents that are meant, and no other");
    }
}
