use super::sources;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "unwritten-parameter",
    category: Category::Python,
    backends: &["python", "pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("unwritten_parameter.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let parameters = &model.config().parameters;
    if !parameters.is_intact() || model.tree().refusals() > 0 {
        return;
    }
    let written: Vec<_> = parameters.in_force().filter_map(|entry| Some(entry.key.written()?.value.as_str())).collect();
    for (file, python) in sources(model) {
        let missing = python.parameters.iter().filter(|(_, parameter)| parameter.is_indexed);
        for (key, parameter) in missing.filter(|(key, _)| parameters.get(key.as_str()).is_none()) {
            let finding = findings
                .add_line(
                    &file.path,
                    parameter.line,
                    format!("the code takes a parameter `{key}`, which the config does not have"),
                )
                .note("taken by index, a key that is not there raises a KeyError");
            match nearest(key, written.iter().copied()) {
                Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                None => finding.help(format!("add the parameter `{key}` to the config, or take it with `get`")),
            };
        }
    }
}
