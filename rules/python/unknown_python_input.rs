use super::{is_as_written, sources};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "unknown-python-input",
    category: Category::Python,
    backends: &["python", "pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("unknown_python_input.md"),
    check,
};

/// `python_backend` `src/resources/triton_python_backend_utils.py`, `get_input_tensor_by_name` and
/// `get_input_config_by_name`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let (inputs, outputs) = (&config.input, &config.output);
    if model.tree().refusals() > 0 {
        return;
    }
    let declared_inputs: Option<Vec<_>> = inputs.iter().map(|input| input.name.text()).collect();
    let declared_outputs: Option<Vec<_>> = outputs.iter().map(|output| output.name.text()).collect();
    let (Some(mut declared_inputs), Some(declared_outputs)) = (declared_inputs, declared_outputs) else { return };
    if !inputs.is_intact() || !outputs.is_intact() || inputs.is_empty() || outputs.is_empty() {
        return;
    }
    // The server makes these up.
    declared_inputs
        .extend(config.batch_input.iter().flat_map(|batch| batch.target_name.iter()).map(|name| name.value.as_str()));
    if let Some(sequences) = config.sequence_batching.written() {
        declared_inputs.extend(sequences.control_input.iter().filter_map(|control| control.name.text()));
        declared_inputs.extend(sequences.state.iter().filter_map(|state| state.input_name.text()));
    }
    for (file, python) in sources(model) {
        if !is_as_written(model, python) {
            continue;
        }
        let sides = [
            ("input", &python.inputs, &declared_inputs),
            ("input", &python.input_configs, &declared_inputs),
            ("output", &python.output_configs, &declared_outputs),
        ];
        for (role, asked, declared) in sides {
            for (name, line) in asked.constant.iter().filter(|(name, _)| !declared.contains(&name.as_str())) {
                let finding = findings
                    .add_line(
                        &file.path,
                        *line,
                        format!("the code asks for an {role} `{name}`, which the config does not have"),
                    )
                    .note(format!(
                        "what is asked for is then None; a request cannot bring an {role} that the config does not name"
                    ));
                match nearest(name, declared.iter().copied()) {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                    None => finding.help(format!("add the {role} to the config, or correct the name")),
                };
            }
        }
    }
}
