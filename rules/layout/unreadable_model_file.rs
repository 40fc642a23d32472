use crate::artifact::Unreadable;
use crate::diagnostic::Findings;
use crate::model::{Backend, EntryKind, Model, ModelFile, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unreadable-model-file",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("unreadable_model_file.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for file in model.model_files() {
        check_kind(model, file, findings);
        let Some(fault) = file.fault().filter(|fault| !is_replaced(model, file, fault)) else { continue };
        let message = match fault {
            // These do not say that the server would fail.
            Unreadable::TooLarge(_) | Unreadable::Io(_) => format!("it is not known what the model is: {fault}"),
            _ => format!("the model cannot be loaded: {fault}"),
        };
        let finding = findings.add_entry(&file.path, message);
        match fault {
            Unreadable::Truncated(_) | Unreadable::Malformed(_) => {
                finding.help("export the model again, or copy the file again: a copy may have been broken off");
            }
            Unreadable::Other(_) => {
                finding
                    .note("the back-end goes by what is in the file, not by its name")
                    .help("put the model there in the back-end's format, or name the back-end that runs this one");
            }
            Unreadable::TooLarge(_) => {
                finding.level(Level::Info).note("the limit is one of tritonlint; what goes by the file is not checked");
            }
            Unreadable::Io(_) => {
                finding.level(Level::Warning);
            }
            Unreadable::Empty | Unreadable::LfsPointer => {}
        }
    }
}

/// Whether the back-end has something else to load. That of DALI takes what is no serialized pipeline for Python code, and
/// tries `dali.py` last (its `dali_model.h`, `LoadModel`).
fn is_replaced(model: Model<'_>, file: &ModelFile, fault: &Unreadable) -> bool {
    if !matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "dali") {
        return false;
    }
    let folder = file.path.split_once('/').map_or("", |(folder, _)| folder);
    matches!(fault, Unreadable::Other(_)) || model.listing().get(&format!("{folder}/dali.py")).is_some()
}

/// Whether there is a file at all. Nothing else is opened here: a pipe has no end.
fn check_kind(model: Model<'_>, file: &ModelFile, findings: &mut Findings<'_>) {
    // Others take a folder, too: a saved model, or one that has the file in it.
    let wants_file = matches!(
        model.resolution().backend(),
        Some(Backend::PyTorch(PyTorchRuntime::TorchScript) | Backend::TensorRt | Backend::Python)
    );
    match file.kind {
        EntryKind::Folder if wants_file => {
            findings
                .add_entry(&file.path, "the model cannot be loaded: it is a folder, not a file")
                .help("put the model's file in the folder of the version, by this name");
        }
        EntryKind::Other => {
            findings
                .add_entry(&file.path, "the model file is no regular file: a pipe, a socket or a device")
                .level(Level::Warning)
                .note("whatever reads a pipe waits until something is written to it, so that the model may never load")
                .help("put a file there");
        }
        _ => {}
    }
}
