use std::collections::BTreeSet;

use super::is_whole;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{BatchOutput, ModelConfig};
use crate::schema::{Names, Repeated};

pub(super) static RULE: Rule = Rule {
    name: "invalid-batch-output",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_batch_output.md"),
    check,
};

/// The server asks in `ValidateBatchIO` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    // Inputs and outputs that are left out may be filled in.
    let tensors = Tensors::of(config).filter(|_| model.is_as_written());
    for entry in config.batch_output.iter().filter(|entry| is_whole(model, entry.node, BatchOutput::DESCRIPTOR)) {
        let sources = &entry.source_input;
        if sources.is_intact() && sources.len() != 1 {
            let place = sources.get(1).map_or(entry.span, |second| second.span);
            findings
                .add(place, format!("batch output has {} source inputs", sources.len()))
                .note("the server cuts an output up by the shape of exactly one input")
                .help("name one input in `source_input`");
        }
        if let Some(tensors) = &tensors {
            check_names("source", "input", sources, &tensors.inputs, findings);
            check_names("target", "output", &entry.target_name, &tensors.outputs, findings);
        }
        let mut seen = BTreeSet::new();
        for target in entry.target_name.iter().filter(|target| !seen.insert(target.value.as_str())) {
            findings
                .add(target.span, format!("`{}` is a target of this batch output twice", target.value))
                .note("the server refuses a batch output that names an output more than once")
                .help("name each output once");
        }
    }
}

/// The names of the model's tensors.
struct Tensors<'c> {
    inputs: Names<'c>,
    outputs: Names<'c>,
}

impl<'c> Tensors<'c> {
    /// None if one of them could not be read.
    fn of(config: &'c ModelConfig) -> Option<Self> {
        if !config.input.is_intact() || !config.output.is_intact() {
            return None;
        }
        let inputs = Names::of(config.input.iter().map(|input| input.name.text()))?;
        let outputs = Names::of(config.output.iter().map(|output| output.name.text()))?;
        Some(Self { inputs, outputs })
    }
}

fn check_names(role: &str, kind: &str, names: &Repeated<String>, declared: &Names<'_>, findings: &mut Findings<'_>) {
    for name in names.iter().filter(|name| !declared.has(&name.value)) {
        if !findings.has_room() {
            return;
        }
        findings
            .add(name.span, format!("the {role} `{}` of a batch output is no {kind} of the model", name.value))
            .note("the server refuses a batch output of anything but declared inputs and outputs")
            .help(match declared.nearest(&name.value, |_| true) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("name one of the model's {kind}s"),
            });
    }
}
