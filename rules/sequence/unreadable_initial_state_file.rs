use crate::diagnostic::Findings;
use crate::model::{DataFileFault, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unreadable-initial-state-file",
    category: Category::Sequence,
    level: Level::Error,
    fix: None,
    page: include_str!("unreadable_initial_state_file.md"),
    check,
};

/// Where the server looks for the files.
const FOLDER: &str = "initial_state";

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    for initial in sequences.state.iter().flat_map(|state| state.initial_state.iter()) {
        let Some(file) = initial.data_file.written() else { continue };
        let Some(fault) = model.data_file_fault(FOLDER, &file.value, initial.data_type.get(), &initial.dims) else {
            continue;
        };
        match fault {
            DataFileFault::Unnamed => findings
                .add(file.span, "data_file is empty")
                .help("name a file in the folder initial_state of the model, or write `zero_data: true` in its place"),
            DataFileFault::Missing { is_certain: true } => findings
                .add(file.span, format!("there is no file `{FOLDER}/{}` in the model's folder", file.value))
                .help("add it, or write `zero_data: true` to begin with zeros"),
            DataFileFault::Missing { is_certain: false } => findings
                .add(file.span, format!("there is no file `{FOLDER}/{}` in the model's folder", file.value))
                .level(Level::Warning)
                .note(
                    "nothing says that all that is deployed is here, so the file may come from elsewhere; with \
                     `complete = \"yes\"` under `[repository]` in the settings this is an error",
                )
                .help("add it, or write `zero_data: true` to begin with zeros"),
            DataFileFault::Folder => findings
                .add(file.span, format!("`{FOLDER}/{}` is a folder, not a file", file.value))
                .help("name a file"),
            DataFileFault::TooSmall { size, needed } => findings
                .add(file.span, format!("`{FOLDER}/{}` has {size} bytes, but the state takes {needed}", file.value))
                .help("correct the file, or data_type and dims"),
        }
        .note("the server reads the file when it loads the model, which fails without it");
    }
}
