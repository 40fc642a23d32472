use super::forward::numbered;
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Singular;
use crate::schema::vocabulary::{ModelConfig, ModelSequenceBatching};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "unindexed-sequence-tensor",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unindexed_sequence_tensor.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `GetNamingConvention` and
/// `ValidateBooleanSequenceControl`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.is_torchscript() {
        return;
    }
    let config = model.config();
    let Some(sequences) = config.sequence_batching.written() else { return };
    let renamed = renamed(config, sequences);
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
        let finding = findings
            .add(written.span, format!("the {role} `{}` has no index, and the model has sequences", written.value))
            .note(
                "with `sequence_batching` the back-end goes by the numbers behind `__` alone: what is before the first \
                 `__` does not matter, and what follows it has to be digits",
            )
            .help(format!("rename it to something like `{}`", example(role)));
        if let Some((_, new)) = renamed.iter().find(|(span, _)| *span == written.span) {
            let edit = (written.span, quoted(new, model.tree().source().slice(written.span)));
            finding.fix(Applicability::Unsafe, format!("rename it to `{new}`"), [edit]);
        }
    }
}

/// The names that the tensors would have with indexes, by where they are: arguments in the order of inputs, controls
/// and states, and results in that of outputs and states. None of those that cannot be read in full.
fn renamed(config: &ModelConfig, sequences: &ModelSequenceBatching) -> Vec<(Span, String)> {
    if !config.input.is_intact() || !config.output.is_intact() || !config.batch_input.is_empty() {
        return Vec::new();
    }
    let inputs = config.input.iter().map(|input| &input.name);
    let controls = sequences.control_input.iter().map(|control| &control.name);
    let arguments: Vec<_> =
        inputs.chain(controls).chain(sequences.state.iter().map(|state| &state.input_name)).collect();
    let outputs = config.output.iter().map(|output| &output.name);
    let results: Vec<_> = outputs.chain(sequences.state.iter().map(|state| &state.output_name)).collect();
    let of = |names: Vec<&Singular<String>>| {
        let names = names.into_iter().map(Singular::written).collect::<Option<Vec<_>>>()?;
        let texts: Vec<_> = names.iter().map(|name| name.value.as_str()).collect();
        Some(names.iter().map(|name| name.span).zip(numbered(&texts)?).collect::<Vec<_>>())
    };
    [arguments, results].into_iter().filter_map(of).flatten().collect()
}

fn is_indexed(name: &str) -> bool {
    name.split_once("__").is_some_and(|(_, index)| index.bytes().all(|byte| byte.is_ascii_digit()))
}

fn example(role: &str) -> &'static str {
    if role.ends_with("output") { "OUTPUT__0" } else { "INPUT__0" }
}
