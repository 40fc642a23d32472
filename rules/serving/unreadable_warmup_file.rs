use crate::diagnostic::Findings;
use crate::model::{DataFileFault, Model};
use crate::rule::{Category, Level, Rule};

use super::incomplete_warmup_input::inputs_in_use;

pub(super) static RULE: Rule = Rule {
    name: "unreadable-warmup-file",
    category: Category::Serving,
    level: Level::Error,
    fix: None,
    page: include_str!("unreadable_warmup_file.md"),
    check,
};

/// Where the server looks for the files.
const FOLDER: &str = "warmup";

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for contents in inputs_in_use(model.config()).filter_map(|input| input.value.written()) {
        let Some(file) = contents.input_data_file.written() else { continue };
        let Some(fault) = model.data_file_fault(FOLDER, &file.value, contents.data_type.get(), &contents.dims) else {
            continue;
        };
        match fault {
            DataFileFault::Unnamed => findings
                .add(file.span, "input_data_file is empty")
                .help("name a file in the folder warmup of the model, or write `zero_data: true` in its place"),
            DataFileFault::Missing { is_certain: true } => findings
                .add(file.span, format!("there is no file `{FOLDER}/{}` in the model's folder", file.value))
                .help("add it, or write `zero_data: true` or `random_data: true` in its place"),
            DataFileFault::Missing { is_certain: false } => findings
                .add(file.span, format!("there is no file `{FOLDER}/{}` in the model's folder", file.value))
                .level(Level::Warning)
                .note(
                    "nothing says that all that is deployed is here, so the file may come from elsewhere; with \
                     `complete = \"yes\"` under `[repository]` in the settings this is an error",
                )
                .help("add it, or write `zero_data: true` or `random_data: true` in its place"),
            DataFileFault::Folder => findings
                .add(file.span, format!("`{FOLDER}/{}` is a folder, not a file", file.value))
                .help("name a file"),
            DataFileFault::TooSmall { size, needed } => findings
                .add(file.span, format!("`{FOLDER}/{}` has {size} bytes, but the input takes {needed}", file.value))
                .help("correct the file, or data_type and dims"),
        }
        .note("the server reads the file when it loads the model, which fails without it");
    }
}
