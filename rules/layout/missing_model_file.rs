use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "missing-model-file",
    category: Category::Layout,
    level: Level::Error,
    fix: None,
    page: include_str!("missing_model_file.md"),
    check,
};

/// The back-ends ask for the file when they load a version; each has its own words for it.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let (Some(backend), Some(name)) = (model.resolution().backend(), model.model_file_name()) else { return };
    let Some(extensions) = extensions(backend) else { return };
    let Some(selected) = model.selected_versions() else { return };
    // These name other files for some devices.
    if model.file().is_none()
        || !model.config().cc_model_filenames.entries().is_empty()
        || model.parameter("multi_device_per_rank_engines").is_some()
    {
        return;
    }
    for version in model.versions().iter().filter(|version| selected.contains(&version.number)) {
        let is_canonical = version.folder == version.number.to_string();
        let is_there = model.listing().get(&format!("{}/{name}", version.folder)).is_some();
        if !is_canonical || is_there || name.contains('/') {
            continue;
        }
        let others: Vec<_> = model
            .listing()
            .children(&version.folder)
            .map(|(other, _)| other)
            .filter(|other| other.rsplit_once('.').is_some_and(|(_, ending)| extensions.contains(&ending)))
            .collect();
        let is_complete = model.repository().is_complete();
        if others.is_empty() && !is_complete {
            continue;
        }
        let finding =
            findings.add_entry(&version.folder, format!("there is no `{name}` in version {}", version.number));
        let finding = match model.config().default_model_filename.written() {
            Some(_) => finding.note("`default_model_filename` says that the model is in a file of that name"),
            None => finding.note("that is what the back-end loads unless `default_model_filename` names another"),
        };
        let finding = match others.as_slice() {
            [only] => finding.help(format!("rename `{only}`, or write `default_model_filename: \"{only}\"`")),
            _ => finding.help("put it there, or name the file that is there in `default_model_filename`"),
        };
        if !is_complete {
            finding.level(Level::Warning).note("it may come from elsewhere");
        }
    }
}

/// What files of a back-end's models end in; none where the back-end looks for several names.
fn extensions(backend: &Backend) -> Option<&'static [&'static str]> {
    Some(match backend {
        Backend::TensorRt => &["plan", "engine", "trt"],
        Backend::OnnxRuntime => &["onnx", "ort"],
        Backend::PyTorch(PyTorchRuntime::TorchScript) => &["pt", "pth", "torchscript"],
        Backend::PyTorch(PyTorchRuntime::Aoti) => &["pt2"],
        Backend::OpenVino => &["xml"],
        Backend::Python => &["py"],
        _ => return None,
    })
}
