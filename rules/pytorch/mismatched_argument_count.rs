use super::forward::{Passing, count_inputs, passing, scripts, takes_dictionary};
use crate::artifact::torchscript::Signature;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::ModelConfig;

pub(super) static RULE: Rule = Rule {
    name: "mismatched-argument-count",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: None,
    page: include_str!("mismatched_argument_count.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `ValidateInputs`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some((count, others)) = count_inputs(config) else { return };
    // Without any, another rule says so.
    let Some(place) = config.input.first().and_then(|input| model.tree().field_of(input.node)) else { return };
    if model.tree().refusals() > 0 {
        return;
    }
    for (file, script) in scripts(model) {
        let Some(forward) = &script.forward else { continue };
        let takes = forward.arguments.len();
        // A type that is refused is refused before the number is looked at, and no arguments are another rule's matter.
        if takes == count || takes == 0 || takes_dictionary(forward) || passing(forward).contains(&Passing::FailsAtLoad)
        {
            continue;
        }
        let inputs = if count == 1 { "1 input".to_owned() } else { format!("{count} inputs") };
        let takes = if takes == 1 { "1 argument".to_owned() } else { format!("{takes} arguments") };
        let mut finding = findings
            .add(place.name_span(), format!("the config has {inputs}, and `forward` in {} takes {takes}", file.path))
            .note(format!("the model is `forward({})`", arguments(forward)));
        if others > 0 {
            finding = finding.note("control inputs, states and batch_input count as inputs");
        }
        if forward.arguments.iter().any(|argument| argument.default.is_some()) {
            finding = finding.note("the back-end uses no default values: an argument that has one needs an input too");
        }
        finding.help(help(config, forward, count));
    }
}

fn arguments(forward: &Signature) -> String {
    let names: Vec<_> =
        forward.arguments.iter().map(|argument| format!("{}: {}", argument.name, argument.ty)).collect();
    names.join(", ")
}

fn help(config: &ModelConfig, forward: &Signature, count: usize) -> String {
    if forward.arguments.len() < count {
        return "leave inputs out, or let `forward` take all of them".to_owned();
    }
    let is_input = |name: &str| config.input.iter().any(|input| input.name.text() == Some(name));
    let missing: Vec<_> = forward.arguments.iter().map(|argument| argument.name.as_str()).collect();
    let missing: Vec<_> = missing.iter().filter(|name| !is_input(name)).map(|name| format!("`{name}`")).collect();
    if missing.len() + config.input.len() == forward.arguments.len() {
        format!("add an input for {}, or export a module whose `forward` does not take it", missing.join(", "))
    } else {
        "add an input for each argument, or export a module whose `forward` takes fewer".to_owned()
    }
}
