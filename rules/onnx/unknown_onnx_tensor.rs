use std::collections::BTreeSet;

use super::{Declared, Loaded, Role, declared, loaded, names};
use crate::artifact::onnx::Value;
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "unknown-onnx-tensor",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_onnx_tensor.md"),
    check,
};

/// `CheckAllowedModelInput` and `CheckAllowedModelOutput` of the back-ends' common repository, which
/// `onnxruntime_backend` `src/onnxruntime.cc` calls.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let declared = declared(model);
    for loaded in loaded(model) {
        for role in [Role::Input, Role::Output] {
            check_side(model, &declared, role, loaded, findings);
        }
    }
}

fn check_side(model: Model<'_>, all: &[Declared<'_>], role: Role, loaded: Loaded<'_>, findings: &mut Findings<'_>) {
    let declared: Vec<_> = all.iter().filter(|tensor| tensor.role == role).collect();
    let unknown: Vec<_> = declared.iter().filter(|tensor| tensor.value(loaded.onnx).is_none()).collect();
    if unknown.is_empty() {
        return;
    }
    let others = match role {
        Role::Input => implied_inputs(model),
        Role::Output => BTreeSet::new(),
    };
    let is_free = |value: &&Value| {
        !others.contains(value.name.as_str()) && declared.iter().all(|tensor| tensor.name != value.name)
    };
    let values = match role {
        Role::Input => &loaded.onnx.inputs,
        Role::Output => &loaded.onnx.outputs,
    };
    let free: Vec<_> = values.iter().filter(is_free).collect();
    for tensor in &unknown {
        let which = loaded.which();
        let mut finding =
            findings.add(tensor.name_span, format!("{which} has no {role} `{}`", tensor.name)).note(format!(
                "its {role}s are {}; the back-end fails to load a model whose config has others",
                names(values.iter().map(|value| value.name.as_str()))
            ));
        let (meant, is_certain) = if let ([_], [only]) = (unknown.as_slice(), free.as_slice()) {
            (Some(*only), fits(tensor, only))
        } else {
            let meant = nearest(tensor.name, free.iter().map(|value| value.name.as_str()));
            let meant = free.iter().find(|value| meant == Some(&value.name)).copied();
            let is_spelling = meant.is_some_and(|value| value.name.eq_ignore_ascii_case(tensor.name));
            (meant, is_spelling && meant.is_some_and(|value| fits(tensor, value)))
        };
        let Some(meant) = meant.filter(|_| loaded.is_only) else { continue };
        if is_referred_to(model, tensor.name) {
            finding = finding.note("other fields of the config name it, too");
            finding.help(format!("did you mean `{}`?", meant.name));
            continue;
        }
        let applicability = if is_certain { Applicability::Safe } else { Applicability::Unsafe };
        let replacement = quoted(&meant.name, model.tree().source().slice(tensor.name_span));
        finding.did_you_mean(&meant.name, applicability, (tensor.name_span, replacement));
    }
}

/// The inputs of the model that the server makes up.
fn implied_inputs(model: Model<'_>) -> BTreeSet<&str> {
    let config = model.config();
    let of_batches =
        config.batch_input.iter().flat_map(|input| input.target_name.iter()).map(|name| name.value.as_str());
    let sequences = config.sequence_batching.written().into_iter();
    let of_sequences = sequences.flat_map(|sequences| {
        let controls = sequences.control_input.iter().filter_map(|control| control.name.text());
        controls.chain(sequences.state.iter().filter_map(|state| state.input_name.text()))
    });
    of_batches.chain(of_sequences).collect()
}

/// Whether all but the name of a tensor is as the model has it.
fn fits(declared: &Declared<'_>, value: &Value) -> bool {
    let Some(tensor) = value.tensor() else { return false };
    let rank = declared.dims.len();
    let is_of_rank = tensor.dims.as_ref().is_some_and(|dims| dims.len() == rank || dims.len() == rank + 1);
    is_of_rank && declared.data_type.written().map(|written| written.value) == tensor.element.data_type()
}

/// Whether another field of the config names a tensor.
fn is_referred_to(model: Model<'_>, name: &str) -> bool {
    let config = model.config();
    let of_inputs = config.batch_input.iter().flat_map(|batch| batch.source_input.iter());
    let of_outputs =
        config.batch_output.iter().flat_map(|batch| batch.source_input.iter().chain(batch.target_name.iter()));
    let is_warmed = || config.model_warmup.iter().any(|sample| sample.inputs.get(name).is_some());
    of_inputs.chain(of_outputs).any(|other| other.value == name) || is_warmed()
}
