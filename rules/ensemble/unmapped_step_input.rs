use std::collections::BTreeSet;

use crate::diagnostic::Findings;
use crate::model::ensemble::Wiring;
use crate::model::{Completion, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unmapped-step-input",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("unmapped_step_input.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    for step in &wiring.steps {
        let Some(other) = model.model_of_step(step.written) else { continue };
        // A step without a map has a finding of its own.
        let Some(name) = step.written.model_name.written().filter(|_| !step.takes.is_empty()) else { continue };
        let mapped: BTreeSet<_> = step.takes.iter().map(|end| end.key).collect();
        // A key that is no input is the other end of the same slip, and an error where nothing adds inputs.
        let inputs = &other.config().input;
        let names: Option<BTreeSet<_>> = inputs.iter().map(|input| input.name.text()).collect();
        let has_slip = inputs.is_intact() && names.is_some_and(|names| !mapped.is_subset(&names));
        if has_slip && other.completion() == Completion::None {
            continue;
        }
        let needed = inputs.iter().filter(|input| input.optional.get() == Some(false));
        let missing: Vec<_> = needed
            .filter_map(|input| input.name.text())
            .filter(|input| !input.is_empty() && !mapped.contains(input))
            .map(|input| format!("`{input}`"))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let what = if missing.len() == 1 { "input" } else { "inputs" };
        let finding = findings
            .add(name.span, format!("the step does not map the {what} {} of `{}`", missing.join(", "), name.value))
            .note("the server does not load an ensemble with a step that leaves a needed input of its model open")
            .help(format!("write an `input_map` with the key {}, or make it `optional` in the model", missing[0]));
        if other.completion() == Completion::Unknown {
            finding.level(Level::Warning).note("the back-end of that model may change its inputs");
        }
    }
}
