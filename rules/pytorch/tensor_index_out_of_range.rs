use std::collections::HashMap;

use super::forward::takes_dictionary;
use super::forward::{Bound, Convention, Passing, bind_inputs, bind_outputs, count_inputs, passing, results, scripts};
use crate::artifact::torchscript::Signature;
use crate::diagnostic::Findings;
use crate::model::{Model, ModelFile};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "tensor-index-out-of-range",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: None,
    page: include_str!("tensor_index_out_of_range.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`: `SetInputTensors` writes by the index without looking at it,
/// `ProcessRequests` compares those of outputs with what came back.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        let Some(forward) = &script.forward else { continue };
        check_inputs(model, file, forward, findings);
        check_outputs(model, file, forward, findings);
    }
}

fn check_inputs(model: Model<'_>, file: &ModelFile, forward: &Signature, findings: &mut Findings<'_>) {
    let takes = forward.arguments.len();
    // What is refused earlier is for other rules to say.
    let is_counted = count_inputs(model.config()).is_some_and(|(count, _)| count == takes);
    if !is_counted || takes_dictionary(forward) || passing(forward).iter().any(|how| *how != Passing::Works) {
        return;
    }
    let Some((_, bound)) = bind_inputs(model.config(), forward) else { return };
    let mut first: HashMap<usize, Bound<'_>> = HashMap::new();
    for input in bound {
        let name = &input.name.value;
        if input.position >= takes {
            findings
                .add(input.name.span, format!("`{name}` goes to argument {}, and `forward` has {takes}", input.position))
                .fails_requests()
                .note(format!(
                    "arguments count from 0; the back-end writes this one behind the last of {}, which breaks its memory or \
                     leaves an argument without a value",
                    file.path
                ))
                .help(format!("number the inputs from 0 to {}", takes.saturating_sub(1)));
            continue;
        }
        match first.get(&input.position) {
            Some(other) if other.name.value != *name => {
                findings
                    .add(input.name.span, format!("`{name}` goes to argument {} as well", input.position))
                    .label(other.name.span, "goes there too")
                    .fails_requests()
                    .note("another argument is left without a value, with which every request fails")
                    .help("give each input an index of its own");
            }
            Some(_) => {}
            None => {
                first.insert(input.position, input);
            }
        }
    }
}

fn check_outputs(model: Model<'_>, file: &ModelFile, forward: &Signature, findings: &mut Findings<'_>) {
    let Some(Ok(count)) = results(&forward.result) else { return };
    let Some((convention, bound)) = bind_outputs(model.config()) else { return };
    let returns = match count {
        1 => "one tensor".to_owned(),
        several => format!("{several} tensors"),
    };
    for output in bound.iter().filter(|output| output.position >= count) {
        let name = &output.name.value;
        let finding = findings.add(
            output.name.span,
            format!("`{name}` is output {}, and `forward` in {} returns {returns}", output.position, file.path),
        );
        let finding = match convention {
            Convention::Indexes => {
                finding.note("the number behind `__` is the position in what `forward` returns, from 0")
            }
            _ => finding
                .note("names that do not all end in `__` and a number stand for what `forward` returns in their order"),
        };
        finding.help("leave the output out, or export a module that returns it");
    }
}
