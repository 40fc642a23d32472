use super::forward::{Passing, passing, results, scripts};
use crate::artifact::torchscript::{Signature, Type};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unsupported-forward-signature",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: None,
    page: include_str!("unsupported_forward_signature.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `ValidateInputs` and `Execute`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        let Some(forward) = &script.forward else {
            if script.is_complete() {
                findings
                    .add_entry(&file.path, "the model has no method `forward`")
                    .note("the back-end calls `forward`, and nothing else")
                    .help("put the module into another one whose `forward` calls it, and export that");
            }
            continue;
        };
        check_arguments(&file.path, forward, findings);
        check_result(&file.path, forward, findings);
    }
}

fn check_arguments(path: &str, forward: &Signature, findings: &mut Findings<'_>) {
    let passing = passing(forward);
    let faulty: Vec<_> = forward.arguments.iter().zip(&passing).filter(|(_, how)| **how != Passing::Works).collect();
    let named: Vec<_> = faulty.iter().map(|(argument, _)| format!("`{}: {}`", argument.name, argument.ty)).collect();
    let message = match named.as_slice() {
        [] if forward.arguments.is_empty() => "`forward` takes no arguments".to_owned(),
        [] => return,
        [one] => format!("`forward` takes {one}, and the back-end cannot pass it"),
        [first @ .., last] => {
            format!("`forward` takes {} and {last}, and the back-end cannot pass them", first.join(", "))
        }
    };
    let is_loaded = !passing.contains(&Passing::FailsAtLoad);
    let then = if is_loaded { "every request fails" } else { "the model does not load" };
    let finding = findings.add_entry(path, message).note(format!(
        "an argument can be a `Tensor` or, for strings, a `List[str]`; or `forward` takes one `Dict[str, Tensor]` and \
             nothing else: with this one {then}"
    ));
    let finding = if faulty.iter().any(|(argument, _)| argument.default.is_some()) {
        finding.note("a default value does not help: the back-end passes an input for every argument")
    } else {
        finding
    };
    let finding = if is_loaded { finding.fails_requests() } else { finding };
    finding.help("export a module around this one, whose `forward` takes tensors only and fills in the rest");
}

fn check_result(path: &str, forward: &Signature, findings: &mut Findings<'_>) {
    let Some(Err(part)) = results(&forward.result) else { return };
    let result = &forward.result;
    let whole = match result {
        Type::NamedTuple { name, .. } => format!("the named tuple `{}`", name.rsplit('.').next().unwrap_or(name)),
        other => format!("`{other}`"),
    };
    let message = if std::ptr::eq(part, result) {
        format!("`forward` returns {whole}, which the back-end cannot pass on")
    } else {
        format!("`forward` returns {whole}, and the back-end cannot pass the `{part}` in it on")
    };
    findings
        .add_entry(path, message)
        .fails_requests()
        .note(
            "a result is a `Tensor`, a `List[str]`, or a tuple of these that is not nested: the model loads, and every \
             request fails",
        )
        .help("export a module around this one, whose `forward` returns the tensors as a tuple");
}
