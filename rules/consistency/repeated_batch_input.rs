use std::collections::HashMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "repeated-batch-input",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("repeated_batch_input.md"),
    check,
};

/// Nothing in `ValidateBatchIO` of core's `model_config_utils.cc` compares the names.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let inputs = config.input.iter().filter_map(|input| input.name.written());
    let mut taken: HashMap<&str, _> =
        inputs.map(|name| (name.value.as_str(), (name.span, "an input of that name"))).collect();
    for target in config.batch_input.iter().flat_map(|batch_input| batch_input.target_name.iter()) {
        if let Some((other, what)) = taken.get(target.value.as_str()) {
            findings
                .add(
                    target.span,
                    format!("batch_input writes to `{}`, which another tensor has for its name", target.value),
                )
                .label(*other, *what)
                .note("the server does not compare these names; one of the two tensors overwrites the other")
                .help("give each tensor that the model receives a name of its own");
        } else {
            taken.insert(&target.value, (target.span, "another batch_input writes to it"));
        }
    }
}
