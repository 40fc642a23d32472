use super::loaded;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "weights-outside-model",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Warning,
    fix: None,
    page: include_str!("weights_outside_model.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for loaded in loaded(model) {
        for location in loaded.onnx.files_elsewhere() {
            findings
                .add_entry(&loaded.file.path, format!("weights of the model are in `{location}`, outside its folder"))
                .note(
                    "the server copies the folder of the model only where the repository is remote, and newer versions \
                     of ONNX Runtime refuse to read files outside of it",
                )
                .help("save the model again with its weights beside it");
        }
    }
}
