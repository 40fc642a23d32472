use std::collections::{HashMap, HashSet};

use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::ensemble::{End, Wiring};
use crate::model::{Completion, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Names;

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
    // Many steps may run one model.
    let mut seen: HashMap<&str, Declared<'_>> = HashMap::new();
    for step in &wiring.steps {
        let Some(other) = model.model_of_step(step.written) else { continue };
        let (inputs, outputs) = &*seen.entry(other.name()).or_insert_with(|| declared(other));
        for (kind, ends, names) in [("input", &step.takes, inputs), ("output", &step.puts_out, outputs)] {
            // A config without any may leave them to the back-end.
            let is_final = other.file().is_some() && other.completion() == Completion::None;
            if let Some(names) = names.as_ref().filter(|names| is_final || !names.listed().is_empty()) {
                check_map(model, &wiring, kind, ends, names, other, findings);
            }
        }
    }
}

/// The names of a model's inputs and outputs; none if one of them is not known.
type Declared<'m> = (Option<Names<'m>>, Option<Names<'m>>);

fn declared(model: Model<'_>) -> Declared<'_> {
    let (inputs, outputs) = (&model.config().input, &model.config().output);
    let of_inputs = Names::of(inputs.iter().map(|input| input.name.text()));
    let of_outputs = Names::of(outputs.iter().map(|output| output.name.text()));
    (of_inputs.filter(|_| inputs.is_intact()), of_outputs.filter(|_| outputs.is_intact()))
}

/// Whether an entry makes sense with its key for a tensor and its tensor for a key, and not as it is.
fn is_swapped(wiring: &Wiring<'_>, kind: &str, keys: &HashSet<&str>, end: &End<'_>) -> bool {
    let is_free = !keys.contains(end.tensor);
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
    names: &Names<'_>,
    other: Model<'_>,
    findings: &mut Findings<'_>,
) {
    /// More names than these no message holds.
    const MOST: usize = 600;
    let keys: HashSet<_> = ends.iter().map(|end| end.key).collect();
    for end in ends.iter().filter(|end| !names.has(end.key)) {
        if !findings.has_room() {
            return;
        }
        let span = end.written_key.map_or(end.span, |key| key.span);
        let mut finding = findings.add(span, format!("`{}` has no {kind} `{}`", other.name(), end.key)).note(format!(
            "the key of an `{kind}_map` entry is the name of an {kind} in the config of the step's model"
        ));
        if other.completion() != Completion::None {
            finding = finding
                .level(Level::Warning)
                .note("the back-end of that model may complete its config, also by what is not written there");
        }
        if names.has(end.tensor) && is_swapped(wiring, kind, &keys, end) {
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
        match (names.nearest(end.key, |name| !keys.contains(name)), end.written_key) {
            (Some(meant), Some(key)) => {
                let replacement = quoted(meant, model.tree().source().slice(key.span));
                finding.did_you_mean(meant, Applicability::Unsafe, (key.span, replacement));
            }
            _ if names.has(end.tensor) => {
                finding.help("the value is such a name: key and value may be the wrong way round");
            }
            _ if names.listed().is_empty() => {
                finding.help(format!("it has no {kind}s at all"));
            }
            _ => {
                let listed: Vec<_> = names.listed().iter().take(MOST).map(|name| format!("`{name}`")).collect();
                finding.help(format!("its {kind}s are {}", listed.join(", ")));
            }
        }
    }
}
