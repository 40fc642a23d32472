use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::rules::data_file::DataFile;

pub(super) static RULE: Rule = Rule {
    name: "unreadable-initial-state-file",
    category: Category::Sequence,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("unreadable_initial_state_file.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    for initial in sequences.state.iter().flat_map(|state| state.initial_state.iter()) {
        let Some(name) = initial.data_file.written() else { continue };
        let file = DataFile {
            field: "data_file",
            folder: "initial_state",
            tensor: "state",
            otherwise: "`zero_data: true`",
            name,
            data_type: &initial.data_type,
            dims: &initial.dims,
        };
        file.check(model, findings);
    }
}
