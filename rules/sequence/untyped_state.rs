use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "untyped-state",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("untyped_state.md"),
    check,
};

/// `ValidateModelConfig` of core's `model_config_utils.cc` does not look at the type.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    for state in sequences.state.iter().filter(|state| state.data_type.is_absent()) {
        let name = state.output_name.written();
        findings
            .add(
                name.map_or(state.span, |name| name.span),
                format!("the state `{}` has no data type", name.map_or("", |name| name.as_str())),
            )
            .note("the server loads the model, and fails or works with a buffer of no size once a sequence begins")
            .help("add `data_type` with the type of the two tensors");
    }
}
