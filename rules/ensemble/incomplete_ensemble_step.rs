use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "incomplete-ensemble-step",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("incomplete_ensemble_step.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(ensemble) = model.config().ensemble_scheduling.written() else { return };
    for step in ensemble.step.iter() {
        let named = match step.model_name.text() {
            Some("") => {
                let span = step.model_name.written().map_or(step.span, |written| written.span);
                findings
                    .add(span, "the step has no `model_name`")
                    .note("the server refuses an ensemble with a step that names no model")
                    .help("write the name of the model that the step runs");
                "the step".to_owned()
            }
            Some(name) => format!("the step of `{name}`"),
            None => "the step".to_owned(),
        };
        let maps = [
            ("input_map", &step.input_map, "takes nothing", "input"),
            ("output_map", &step.output_map, "puts nothing out", "output"),
        ];
        for (field, map, what, end) in maps {
            if map.is_intact() && map.entries().is_empty() {
                findings
                    .add(step.span, format!("{named} has no `{field}`"))
                    .note(format!("the server refuses an ensemble with a step that {what}"))
                    .help(format!(
                        "write `{field} {{ key: … value: … }}` for the {end}s of the model: the key is the model's \
                         name for the {end}, the value that of the ensemble's tensor"
                    ));
            }
        }
    }
}
