use std::collections::BTreeSet;

use super::sources;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ignored-instance-device",
    category: Category::Python,
    backends: &["python", "pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("ignored_instance_device.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let groups = &model.config().instance_group;
    let gpus: BTreeSet<_> = groups.iter().flat_map(|group| group.gpus.iter().map(|gpu| gpu.value)).collect();
    let last = groups.iter().flat_map(|group| group.gpus.iter()).last();
    let Some(last) = last.filter(|_| gpus.len() > 1) else { return };
    for (file, python) in sources(model) {
        let asks = ["model_instance_device_id", "model_instance_name"];
        if asks.iter().any(|argument| python.arguments.contains(*argument)) {
            continue;
        }
        // Without a number it is the device that is current, which others may have set.
        let numbered: Vec<_> = python.devices.iter().filter(|(device, _)| device.contains(':')).collect();
        let [(device, line)] = numbered.as_slice() else { continue };
        findings
            .add(last.span, format!("the instances are spread over {} GPUs, and all of them use `{device}`", gpus.len()))
            .note(format!(
                "line {line} of `{}` names the device, and nothing in it asks for the one that the instance is to run on",
                file.path
            ))
            .help("take the number of the GPU from `args[\"model_instance_device_id\"]` in `initialize`");
    }
}
