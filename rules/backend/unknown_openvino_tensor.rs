use crate::artifact::Artifact;
use crate::artifact::openvino::Tensor;
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model, ModelFile};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::{Singular, nearest};

pub(super) static RULE: Rule = Rule {
    name: "unknown-openvino-tensor",
    category: Category::Backend,
    backends: &["openvino"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unknown_openvino_tensor.md"),
    check,
};

/// `openvino_backend` `src/openvino.cc`, `ValidateInputs` and `ValidateOutputs`, which compare with any one of the
/// names that a tensor has.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::OpenVino) || model.tree().refusals() > 0 {
        return;
    }
    let config = model.config();
    for file in model.model_files() {
        let Some(Artifact::OpenVino(openvino)) = file.artifact() else { continue };
        let inputs: Vec<_> = config.input.iter().map(|input| &input.name).collect();
        let outputs: Vec<_> = config.output.iter().map(|output| &output.name).collect();
        check_side(model, file, "input", &inputs, &openvino.inputs, findings);
        check_side(model, file, "output", &outputs, &openvino.outputs, findings);
    }
}

fn check_side(
    model: Model<'_>,
    file: &ModelFile,
    role: &str,
    declared: &[&Singular<String>],
    tensors: &[Tensor],
    findings: &mut Findings<'_>,
) {
    // Older formats do not say the names.
    if tensors.is_empty() || tensors.iter().any(|tensor| tensor.names.is_empty()) {
        return;
    }
    let names = || tensors.iter().flat_map(|tensor| tensor.names.iter().map(String::as_str));
    let is_declared = |name: &str| declared.iter().any(|declared| declared.text() == Some(name));
    for name in declared.iter().filter_map(|name| name.written()) {
        if names().any(|known| known == name.value) {
            continue;
        }
        let listed: Vec<_> = names().take(10).map(|name| format!("`{name}`")).collect();
        let finding = findings.add(name.span, format!("`{}` has no {role} `{}`", file.path, name.value)).note(format!(
            "its {role}s are {}; the back-end fails to load a model whose config has others",
            listed.join(", ")
        ));
        let free: Vec<_> = tensors.iter().filter(|tensor| !tensor.names.iter().any(|name| is_declared(name))).collect();
        let meant = match free.as_slice() {
            [only] if only.names.len() == 1 => only.names.first().map(String::as_str),
            _ => nearest(&name.value, free.iter().flat_map(|tensor| tensor.names.iter().map(String::as_str))),
        };
        if let Some(meant) = meant {
            let replacement = quoted(meant, model.tree().source().slice(name.span));
            finding.did_you_mean(meant, Applicability::Unsafe, (name.span, replacement));
        }
    }
}
