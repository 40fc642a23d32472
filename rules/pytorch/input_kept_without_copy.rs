use std::collections::BTreeSet;

use super::forward::scripts;
use crate::artifact::torchscript::{Sharing, TorchScript};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "input-kept-without-copy",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("input_kept_without_copy.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        let mut told = BTreeSet::new();
        // An attribute that is written in several places is told once, by the surest of them.
        let mut kept: Vec<_> = script.kept_inputs.iter().collect();
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.sharing));
        for kept in kept {
            if !told.insert((kept.argument, &kept.attribute)) {
                continue;
            }
            let argument = argument(script, kept.argument);
            let how = match kept.sharing {
                Sharing::Same => format!("keeps the input {argument} in"),
                Sharing::View => format!("keeps a view of the input {argument} in"),
                Sharing::Maybe => format!("may keep the input {argument} itself in"),
            };
            let finding = findings
                .add_entry(&file.path, format!("the model {how} `self.{}`", kept.attribute))
                .note(
                    "the server's inputs lie in buffers that it uses again: what was kept changes with the next request, \
                     and later results are wrong without an error",
                )
                .note(format!("in {}", kept.place))
                .help("keep a copy: `clone()`");
            if kept.sharing == Sharing::Maybe {
                finding
                    .level(Level::Info)
                    .note("`to`, `contiguous` and the like copy only where there is something to change");
            }
        }
    }
}

pub(super) fn argument(script: &TorchScript, at: usize) -> String {
    let name = script.forward.as_ref().and_then(|forward| forward.arguments.get(at)).map(|argument| &argument.name);
    name.map_or_else(|| at.to_string(), |name| format!("`{name}`"))
}
