use super::loaded;
use crate::diagnostic::Findings;
use crate::model::{EntryKind, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "missing-weights-file",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: None,
    page: include_str!("missing_weights_file.md"),
    check,
};

/// Smaller files may stand for the real ones: they are empty, or pointers of Git LFS.
const SMALLEST: u64 = 1024;

/// ONNX Runtime's `tensorprotoutils.cc`, `GetExtDataFromTensorProto`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for loaded in loaded(model) {
        let Some((folder, _)) = loaded.file.path.rsplit_once('/') else { continue };
        let place = &loaded.file.path;
        for (location, size) in loaded.onnx.files_beside() {
            let Some(path) = listed_path(folder, location) else { continue };
            match model.listing().get(&path) {
                Some(EntryKind::File(Some(found))) if found < size && found >= SMALLEST => {
                    findings
                        .add_entry(&path, format!("the file has {found} bytes, and the model wants {size}"))
                        .note("weights of the ONNX model are in it, at places that the file does not have")
                        .help("copy the file again along with the model: the two belong together");
                }
                None | Some(EntryKind::BrokenLink) => {
                    let finding = findings
                        .add_entry(place, format!("weights of the model are in `{location}`, which is not beside it"))
                        .help("put the file there, by the name that it had when the model was exported");
                    finding
                        .note("ONNX Runtime reads it when it loads the model, and fails")
                        .unless_complete("the file");
                }
                Some(_) => {}
            }
        }
    }
}

/// The path of a file in the model's folder; none if it lies deeper than listings go.
fn listed_path(folder: &str, location: &str) -> Option<String> {
    let parts: Vec<_> = location.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).collect();
    (1..=2).contains(&parts.len()).then(|| format!("{folder}/{}", parts.join("/")))
}
