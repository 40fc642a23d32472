use std::collections::HashMap;

use super::forward::{Bound, Convention, bind_inputs, bind_outputs, index, is_torchscript, scripts, takes_dictionary};
use crate::artifact::torchscript::{Signature, Type};
use crate::diagnostic::Findings;
use crate::model::{Model, ModelFile};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{DataType, ModelConfig};

pub(super) static RULE: Rule = Rule {
    name: "misbound-tensor",
    category: Category::Pytorch,
    level: Level::Warning,
    fix: None,
    page: include_str!("misbound_tensor.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `GetNamingConvention`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !is_torchscript(model) || model.tree().refusals() > 0 {
        return;
    }
    let mut has_file = false;
    for (file, script) in scripts(model) {
        let Some(forward) = &script.forward else { continue };
        let is_first = !std::mem::replace(&mut has_file, true);
        if takes_dictionary(forward) {
            continue;
        }
        if let Some((convention, bound)) = bind_inputs(model.config(), forward) {
            if is_first {
                check_indexes("input", "argument", convention, &bound, findings);
            }
            check_names(model.config(), file, forward, &bound, findings);
        }
    }
    if !has_file {
        // Without the file it is not known what the arguments are called; no argument is called like `INPUT__0`.
        let none = Signature { arguments: Vec::new(), result: Type::None };
        if let Some((convention, bound)) = bind_inputs(model.config(), &none) {
            check_indexes("input", "argument", convention, &bound, findings);
        }
    }
    if let Some((convention, bound)) = bind_outputs(model.config()) {
        check_indexes("output", "result", convention, &bound, findings);
    }
}

/// Reports the tensors that have an index, and go by their order because another one has none.
fn check_indexes(role: &str, end: &str, convention: Convention, bound: &[Bound<'_>], findings: &mut Findings<'_>) {
    if convention != Convention::Order {
        return;
    }
    let Some(culprit) = bound.iter().find(|tensor| index(&tensor.name.value).is_none()) else { return };
    for tensor in bound {
        let name = &tensor.name.value;
        let Some(meant) = last_index(name).filter(|meant| *meant != tensor.position) else { continue };
        let mut finding =
            findings.add(tensor.name.span, format!("`{name}` is {end} {} and not {meant}", tensor.position));
        if culprit.name.span != tensor.name.span {
            finding = finding.label(culprit.name.span, "has no index");
        }
        finding
            .note(format!(
                "indexes count only if every {role} has one behind the first `__` of its name; otherwise the back-end goes by \
                 the order in the config, counted from 0"
            ))
            .help(format!("give each {role} a name like `{}__0`, or put them in order", role.to_uppercase()));
    }
}

/// The number at the end of a name, behind two underscores.
fn last_index(name: &str) -> Option<usize> {
    let (_, digits) = name.rsplit_once("__")?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// Reports the inputs that are called like another argument than theirs.
fn check_names(
    config: &ModelConfig,
    file: &ModelFile,
    forward: &Signature,
    bound: &[Bound<'_>],
    findings: &mut Findings<'_>,
) {
    let mut inputs: HashMap<String, usize> = HashMap::new();
    for input in bound {
        *inputs.entry(base(&input.name.value)).or_default() += 1;
    }
    for input in bound {
        let base = base(&input.name.value);
        // `INPUT__0` and `INPUT__1` say nothing of `input`.
        let called = forward.arguments.iter().position(|argument| argument.name.to_ascii_lowercase() == base);
        let Some(called) = called.filter(|called| *called != input.position && inputs[&base] == 1) else { continue };
        let Some(argument) = forward.arguments.get(input.position) else { continue };
        // An argument that cannot take strings, or nothing else, is an error of its own.
        let mut own = config.input.iter().filter(|own| own.name.text() == Some(input.name.value.as_str()));
        let gives_strings = own.any(|own| own.data_type.get() == Some(DataType::String));
        if gives_strings != matches!(argument.ty, Type::List(_)) {
            continue;
        }
        let (name, other) = (&input.name.value, &forward.arguments[called].name);
        findings
            .add(input.name.span, format!("`{name}` goes to the argument `{}` and not to `{other}`", argument.name))
            .note(format!("`forward` in {} takes ({})", file.path, names(forward)))
            .note("the model gets the wrong tensor in each of the two places; if their types fit, there is no error")
            .help(format!(
                "number the inputs in the order of the arguments, so that this one ends in `__{called}`, or name each exactly \
                 like its argument"
            ));
    }
}

/// A name without its index, in lower case.
fn base(name: &str) -> String {
    let base = match name.rsplit_once("__") {
        Some((base, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => base,
        _ => name,
    };
    base.to_ascii_lowercase()
}

fn names(forward: &Signature) -> String {
    forward.arguments.iter().map(|argument| argument.name.as_str()).collect::<Vec<_>>().join(", ")
}
