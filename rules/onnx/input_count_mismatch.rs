use super::{loaded, names};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::ControlKind;

pub(super) static RULE: Rule = Rule {
    name: "input-count-mismatch",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: None,
    page: include_str!("input_count_mismatch.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime.cc`, constructor of `ModelInstanceState`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(last) = config.input.last() else { return };
    let Some(implied) = implied(model) else { return };
    let Some(optional) = config.input.iter().map(|input| input.optional.get()).collect::<Option<Vec<_>>>() else {
        return;
    };
    if !config.input.is_intact() {
        return;
    }
    let required = optional.iter().filter(|optional| !**optional).count();
    for loaded in loaded(model) {
        let onnx = loaded.onnx;
        let expected = required + implied;
        if expected == onnx.inputs.len() {
            continue;
        }
        let is_known = |name: &str| config.input.iter().any(|input| input.name.text() == Some(name));
        let missing: Vec<_> = onnx.inputs.iter().filter(|value| !is_known(&value.name)).collect();
        // Where a name is wrong, that is the finding.
        let has_unknown = config.input.iter().any(|input| {
            let name = input.name.text().unwrap_or_default();
            onnx.input(name).is_none() && onnx.overridable_initializers.iter().all(|value| value.name != name)
        });
        if has_unknown && expected <= onnx.inputs.len() && !missing.is_empty() && missing.len() == onnx.inputs.len() {
            continue;
        }
        let finding = findings
            .add(
                last.span,
                format!(
                    "the config has {}, and {} has {}",
                    inputs(expected),
                    loaded.which(),
                    inputs(onnx.inputs.len())
                ),
            )
            .note(
                "the back-end counts the inputs that are not optional, with those that the server makes up, when it \
                 loads the model: each of the model's has to be there",
            );
        let overridable = config.input.iter().find(|input| {
            let name = input.name.text().unwrap_or_default();
            input.optional.get() == Some(false) && onnx.overridable_initializers.iter().any(|value| value.name == name)
        });
        let needed = config.input.iter().find(|input| {
            input.optional.get() == Some(true) && input.name.text().is_some_and(|name| onnx.input(name).is_some())
        });
        match (overridable, needed) {
            (Some(input), _) => {
                let name = input.name.text().unwrap_or_default();
                finding.label(input.span, "has a value in the model").help(format!(
                    "`{name}` has a value in the model: write `optional: true`, which takes max_batch_size 0, or leave it out"
                ));
            }
            (None, Some(input)) => {
                let name = input.name.text().unwrap_or_default();
                finding
                    .label(input.span, "has no value in the model")
                    .help(format!("`{name}` has no value in the model, and so cannot be optional"));
            }
            (None, None) if !missing.is_empty() => {
                finding.help(format!("add {}", names(missing.iter().map(|value| value.name.as_str()))));
            }
            (None, None) => {
                finding.help("leave out what the model does not have");
            }
        }
    }
}

/// How many inputs the server makes up. None if the config does not read so far.
fn implied(model: Model<'_>) -> Option<usize> {
    let config = model.config();
    let of_batches = config.batch_input.is_intact().then(|| config.batch_input.len())?;
    if config.sequence_batching.is_absent() {
        return Some(of_batches);
    }
    let sequences = config.sequence_batching.written()?;
    let mut kinds: Vec<ControlKind> = Vec::new();
    for input in sequences.control_input.iter() {
        let is_named = !input.name.text()?.is_empty();
        for control in input.control.iter().filter(|_| is_named) {
            kinds.push(control.kind.get()?);
        }
        input.control.is_intact().then_some(())?;
    }
    let is_intact = sequences.control_input.is_intact() && sequences.state.is_intact();
    is_intact.then_some(of_batches + kinds.len() + sequences.state.len())
}

fn inputs(count: usize) -> String {
    if count == 1 { "1 input".to_owned() } else { format!("{count} inputs") }
}
