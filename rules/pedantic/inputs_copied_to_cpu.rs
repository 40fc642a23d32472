use crate::artifact::Artifact;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "inputs-copied-to-cpu",
    category: Category::Pedantic,
    backends: &["python"],
    level: Level::Info,
    fix: None,
    page: include_str!("inputs_copied_to_cpu.md"),
    check,
};

/// `python_backend` `src/python_be.cc`: the default of `FORCE_CPU_ONLY_INPUT_TENSORS` is `yes`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if model.resolution().backend() != Some(&Backend::Python)
        || !config.parameters.is_intact()
        || config.parameters.get("FORCE_CPU_ONLY_INPUT_TENSORS").is_some()
    {
        return;
    }
    let sources = || {
        model.model_files().iter().filter_map(|file| match file.artifact()? {
            Artifact::Python(python) => Some((file, python)),
            _ => None,
        })
    };
    // What makes arrays of them needs them there.
    if sources().any(|(_, python)| python.as_numpy.is_some()) {
        return;
    }
    let dlpack = sources().find_map(|(file, python)| Some((file, python.as_dlpack?)));
    let kinds = config.instance_group.iter().filter_map(|group| group.kind.written());
    for kind in kinds.filter(|kind| kind.value == InstanceGroupKind::Gpu) {
        let finding = findings.add(kind.span, "the model is on a GPU, and its inputs are copied to the CPU first");
        match dlpack {
            Some((file, line)) => finding.note(format!(
                "that is the default, and the code does not need it: it takes tensors by DLPack (`{}`, line {line}), and makes \
                 no NumPy array of one",
                file.path
            )),
            None => finding
                .note("that is the default; `as_numpy` needs it, and a model that takes tensors by DLPack does not"),
        }
        .help("set the parameter FORCE_CPU_ONLY_INPUT_TENSORS to `no`, if the model takes them on the GPU");
    }
}
