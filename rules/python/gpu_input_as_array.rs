use super::sources;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

const KEY: &str = "FORCE_CPU_ONLY_INPUT_TENSORS";

pub(super) static RULE: Rule = Rule {
    name: "gpu-input-as-array",
    category: Category::Python,
    backends: &["python"],
    level: Level::Warning,
    fix: None,
    page: include_str!("gpu_input_as_array.md"),
    check,
};

/// `python_backend` `src/pb_tensor.cc`, `PbTensor::AsNumpy`; `src/python_be.cc`, `ModelInstanceState::GetInputTensor`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::Python) || model.parameter(KEY) != Some("no") {
        return;
    }
    let groups = &model.config().instance_group;
    let is_on_cpu = groups.is_intact()
        && !groups.is_empty()
        && groups.iter().all(|group| group.kind.get() == Some(InstanceGroupKind::Cpu));
    let Some(entry) = model.config().parameters.get(KEY).filter(|_| !is_on_cpu) else { return };
    for (file, python) in sources(model) {
        // Arrays may also be made of what other models answer.
        let takes_inputs = !python.inputs.constant.is_empty() || python.inputs.computed.is_some();
        let is_careful = python.asks_for_device.is_some() || python.as_dlpack.is_some() || !python.calls.is_empty();
        let Some(line) = python.as_numpy.filter(|_| takes_inputs && !is_careful) else { continue };
        findings
            .add(entry.span, "inputs may come on a GPU, and the code makes NumPy arrays of them")
            .note(format!(
                "`as_numpy` fails for a tensor on a GPU (`{}`, line {line}): one from another step of an ensemble, or in CUDA \
                 shared memory",
                file.path
            ))
            .help(format!("leave {KEY} out, or take the inputs by DLPack where `is_cpu` says no"));
    }
}
