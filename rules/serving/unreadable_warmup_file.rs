use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::rules::data_file::DataFile;

use super::incomplete_warmup_input::inputs_in_use;

pub(super) static RULE: Rule = Rule {
    name: "unreadable-warmup-file",
    category: Category::Serving,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("unreadable_warmup_file.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for contents in inputs_in_use(model.config()).filter_map(|input| input.value.written()) {
        let Some(name) = contents.input_data_file.written() else { continue };
        let file = DataFile {
            field: "input_data_file",
            folder: "warmup",
            tensor: "input",
            otherwise: "`zero_data: true` or `random_data: true`",
            name,
            data_type: &contents.data_type,
            dims: &contents.dims,
        };
        file.check(model, findings);
    }
}
