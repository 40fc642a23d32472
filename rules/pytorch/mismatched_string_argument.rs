use super::forward::{Passing, bind_inputs, count_inputs, passing, scripts};
use crate::artifact::torchscript::Type;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::DataType;

pub(super) static RULE: Rule = Rule {
    name: "mismatched-string-argument",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: None,
    page: include_str!("mismatched_string_argument.md"),
    check,
};

/// `SetInputTensors` of `pytorch_backend` `src/pt/model_instance_state.cc` passes `TYPE_STRING` as a list, and all else as
/// a tensor; `forward` checks its arguments (`FunctionSchema::checkAndNormalizeInputs`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    for (file, script) in scripts(model) {
        let Some(forward) = &script.forward else { continue };
        let takes = forward.arguments.len();
        if passing(forward).iter().any(|how| *how != Passing::Works)
            || count_inputs(config).is_none_or(|(count, _)| count != takes)
        {
            continue;
        }
        let Some((_, bound)) = bind_inputs(config, forward) else { continue };
        // Those of `input` come first, in their order.
        for (input, bound) in config.input.iter().zip(bound) {
            let Some(argument) = forward.arguments.get(bound.position) else { continue };
            let Some(data_type) = input.data_type.written().filter(|ty| ty.value != DataType::Invalid) else {
                continue;
            };
            let gives_strings = data_type.value == DataType::String;
            let takes_strings = matches!(argument.ty, Type::List(_));
            let is_dictionary = matches!(argument.ty, Type::Dict(..));
            if gives_strings == takes_strings && !(is_dictionary && gives_strings) {
                continue;
            }
            let given = if gives_strings { "a list of strings" } else { "a tensor" };
            findings
                .add(
                    data_type.span,
                    format!("`{}` is {given}, and goes to `{}: {}`", bound.name.value, argument.name, argument.ty),
                )
                .fails_requests()
                .note(format!(
                    "`forward` in {} takes no such value there: the model loads, and every request fails",
                    file.path
                ))
                .help(if gives_strings {
                    "write the type of the tensor, or bind the input to an argument of the type `List[str]`"
                } else {
                    "write TYPE_STRING, or bind the input to an argument of the type `Tensor`"
                });
        }
    }
}
