use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unindexed-sequence-tensor",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: None,
    page: include_str!("unindexed_sequence_tensor.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `GetNamingConvention` and
/// `ValidateBooleanSequenceControl`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::PyTorch(PyTorchRuntime::TorchScript)) {
        return;
    }
    let config = model.config();
    let Some(sequences) = config.sequence_batching.written() else { return };
    let inputs = config.input.iter().map(|input| ("input", &input.name));
    let outputs = config.output.iter().map(|output| ("output", &output.name));
    let controls = sequences.control_input.iter().map(|control| ("control input", &control.name));
    let states = sequences
        .state
        .iter()
        .flat_map(|state| [("state input", &state.input_name), ("state output", &state.output_name)]);
    for (role, name) in inputs.chain(outputs).chain(controls).chain(states) {
        let Some(written) = name.written().filter(|name| !name.value.is_empty() && !is_indexed(&name.value)) else {
            continue;
        };
        findings
            .add(written.span, format!("the {role} `{}` has no index, and the model has sequences", written.value))
            .note(
                "with `sequence_batching` the back-end goes by the numbers behind `__` alone: what is before the first \
                 `__` does not matter, and what follows it has to be digits",
            )
            .help(format!("rename it to something like `{}`", example(role)));
    }
}

fn is_indexed(name: &str) -> bool {
    name.split_once("__").is_some_and(|(_, index)| index.bytes().all(|byte| byte.is_ascii_digit()))
}

fn example(role: &str) -> &'static str {
    if role.ends_with("output") { "OUTPUT__0" } else { "INPUT__0" }
}
