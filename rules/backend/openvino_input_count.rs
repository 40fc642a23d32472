use crate::artifact::Artifact;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "openvino-input-count",
    category: Category::Backend,
    backends: &["openvino"],
    level: Level::Error,
    fix: None,
    page: include_str!("openvino_input_count.md"),
    check,
};

/// `openvino_backend` `src/openvino.cc`, `ValidateInputs`. A config without inputs is completed.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_plain = config.sequence_batching.is_absent() && config.batch_input.is_empty() && config.input.is_intact();
    let Some(last) = config.input.last().filter(|_| is_plain) else { return };
    if model.resolution().backend() != Some(&Backend::OpenVino) || model.tree().refusals() > 0 {
        return;
    }
    for file in model.model_files() {
        let Some(Artifact::OpenVino(openvino)) = file.artifact() else { continue };
        let (here, there) = (config.input.len(), openvino.inputs.len());
        if here == there {
            continue;
        }
        let is_declared = |name: &String| config.input.iter().any(|input| input.name.text() == Some(name));
        let lacking: Vec<_> = (openvino.inputs.iter())
            .filter(|input| !input.names.iter().any(is_declared))
            .filter_map(|input| input.names.first())
            .map(|name| format!("`{name}`"))
            .collect();
        let inputs = if here == 1 { "input" } else { "inputs" };
        let finding = findings
            .add(last.span, format!("the config has {here} {inputs}, and `{}` has {there}", file.path))
            .note("the back-end counts them when it loads the model, and fails");
        if lacking.is_empty() {
            finding.help("leave out what the model does not have");
        } else {
            finding.help(format!("add {}", lacking.join(", ")));
        }
    }
}
