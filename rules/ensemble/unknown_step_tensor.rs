use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::ensemble::{End, Wiring};
use crate::model::{Completion, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "unknown-step-tensor",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_step_tensor.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    for step in &wiring.steps {
        let Some(other) = model.model_of_step(step.written) else { continue };
        let (inputs, outputs) = (&other.config().input, &other.config().output);
        let inputs = names(inputs.iter().map(|input| input.name.text()), inputs.is_intact());
        let outputs = names(outputs.iter().map(|output| output.name.text()), outputs.is_intact());
        for (kind, ends, names) in [("input", &step.takes, inputs), ("output", &step.puts_out, outputs)] {
            // A config without any may leave them to the back-end.
            let is_final = other.file().is_some() && other.completion() == Completion::None;
            if let Some(names) = names.filter(|names| is_final || !names.is_empty()) {
                check_map(model, &wiring, kind, ends, &names, other, findings);
            }
        }
    }
}

fn names<'m>(names: impl Iterator<Item = Option<&'m str>>, is_intact: bool) -> Option<Vec<&'m str>> {
    is_intact.then(|| names.collect()).flatten()
}

/// Whether an entry makes sense with its key for a tensor and its tensor for a key, and not as it is.
fn is_swapped(wiring: &Wiring<'_>, kind: &str, ends: &[End<'_>], end: &End<'_>) -> bool {
    let is_free = ends.iter().all(|other| other.key != end.tensor);
    let is_used = |tensor: &str| wiring.is_taken(tensor) || wiring.outputs.contains(tensor);
    is_free
        && match kind {
            "input" => wiring.has(end.key) && !wiring.has(end.tensor),
            _ => is_used(end.key) && !wiring.has(end.key) && !is_used(end.tensor),
        }
}

fn check_map(
    model: Model<'_>,
    wiring: &Wiring<'_>,
    kind: &str,
    ends: &[End<'_>],
    names: &[&str],
    other: Model<'_>,
    findings: &mut Findings<'_>,
) {
    for end in ends.iter().filter(|end| !names.contains(&end.key)) {
        let span = end.written_key.map_or(end.span, |key| key.span);
        let mut finding = findings.add(span, format!("`{}` has no {kind} `{}`", other.name(), end.key)).note(format!(
            "the key of an `{kind}_map` entry is the name of an {kind} in the config of the step's model"
        ));
        if other.completion() != Completion::None {
            finding = finding
                .level(Level::Warning)
                .note("the back-end of that model may complete its config, also by what is not written there");
        }
        let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        if names.contains(&end.tensor) && is_swapped(wiring, kind, ends, end) {
            let finding = finding.help("key and value are the wrong way round");
            if let (Some(key), Some(tensor)) = (end.written_key, end.written) {
                let text = |span| model.tree().source().slice(span).to_owned();
                let edits = [(key.span, text(tensor.span)), (tensor.span, text(key.span))];
                let is_certain = other.completion() == Completion::None;
                let applicability = if is_certain { Applicability::Safe } else { Applicability::Unsafe };
                finding.fix(applicability, "swap key and value", edits);
            }
            continue;
        }
        // A name that is mapped already is no slip.
        let free = names.iter().copied().filter(|name| ends.iter().all(|end| end.key != *name));
        match (nearest(end.key, free), end.written_key) {
            (Some(meant), Some(key)) => {
                let replacement = quoted(meant, model.tree().source().slice(key.span));
                finding.did_you_mean(meant, Applicability::Unsafe, (key.span, replacement));
            }
            _ if names.contains(&end.tensor) => {
                finding.help("the value is such a name: key and value may be the wrong way round");
            }
            _ if names.is_empty() => {
                finding.help(format!("it has no {kind}s at all"));
            }
            _ => {
                finding.help(format!("its {kind}s are {}", listed.join(", ")));
            }
        }
    }
}
