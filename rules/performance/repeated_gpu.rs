use std::collections::HashMap;

use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "repeated-gpu",
    category: Category::Performance,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("repeated_gpu.md"),
    check,
};

/// `NormalizeInstanceGroup` of core's `model_config_utils.cc` keeps the list as it is.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for group in model.config().instance_group.iter() {
        let mut first = HashMap::new();
        for gpu in group.gpus.iter() {
            let Some(other) = first.insert(gpu.value, gpu.span) else { continue };
            first.insert(gpu.value, other);
            let finding = findings
                .add(gpu.span, format!("GPU {} is listed twice", gpu.value))
                .label(other, "here for the first time")
                .note("the server makes `count` instances for each entry, so this GPU gets them twice over")
                .help("delete the entry; raise `count` if there should be more instances on each GPU");
            if let Some(span) = removal(model.tree(), gpu.node) {
                finding.fix(Applicability::Unsafe, "delete the repeated GPU", [(span, String::new())]);
            }
        }
    }
}
