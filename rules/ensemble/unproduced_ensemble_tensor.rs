use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::model::ensemble::Wiring;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::{Spanned, nearest};

const SOURCES: &str = "a tensor is an input of the ensemble or the value of an output_map entry; the server refuses an \
                       ensemble that uses any other";

pub(super) static RULE: Rule = Rule {
    name: "unproduced-ensemble-tensor",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unproduced_ensemble_tensor.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(ensemble) = config.ensemble_scheduling.written() else { return };
    let Some(wiring) = Wiring::of(config, ensemble).filter(Wiring::lacks_tensor) else { return };
    check_steps(model, &wiring, findings);
    check_outputs(model, &wiring, findings);
}

/// What the steps take.
fn check_steps(model: Model<'_>, wiring: &Wiring<'_>, findings: &mut Findings<'_>) {
    let ready = wiring.ready();
    for step in &wiring.steps {
        for end in step.takes.iter().filter(|end| !wiring.has(end.tensor)) {
            if !findings.has_room() {
                return;
            }
            let of = step.written.model_name.text().unwrap_or_default();
            let message =
                format!("input `{}` of step `{of}` takes the tensor `{}`, which nothing produces", end.key, end.tensor);
            let finding = findings.add(end.span, message).note(SOURCES);
            // A tensor that itself waits for this step would close a circle.
            match (nearest(end.tensor, ready.iter().copied()), end.written) {
                (Some(meant), Some(written)) => {
                    let replacement = quoted(meant, model.tree().source().slice(written.span));
                    finding.did_you_mean(meant, Applicability::Unsafe, (written.span, replacement));
                }
                _ => {
                    finding.help(listed(wiring));
                }
            }
        }
    }
}

/// What the ensemble puts out.
fn check_outputs(model: Model<'_>, wiring: &Wiring<'_>, findings: &mut Findings<'_>) {
    let loose: Vec<&Spanned<String>> = wiring
        .loose()
        .filter(|end| !wiring.inputs.contains(end.tensor) && wiring.producers(end.tensor).len() == 1)
        .filter_map(|end| end.written)
        .collect();
    for output in model.config().output.iter() {
        let Some(name) = output.name.written() else { continue };
        if name.value.is_empty() || wiring.has(&name.value) {
            continue;
        }
        if !findings.has_room() {
            return;
        }
        let finding = findings
            .add(name.span, format!("no step produces the output `{}` of the ensemble", name.value))
            .note(SOURCES);
        // Clients know the output by its name; the name of a tensor that goes nowhere is known to nobody.
        let meant = nearest(&name.value, loose.iter().map(|tensor| tensor.value.as_str()))
            .and_then(|meant| loose.iter().find(|tensor| tensor.value == meant));
        if let Some(tensor) = meant {
            let replacement = quoted(&name.value, model.tree().source().slice(tensor.span));
            finding
                .label(tensor.span, "goes nowhere")
                .help(format!("the tensor `{}`, which nothing uses, may be meant for it", tensor.value))
                .fix(Applicability::Unsafe, format!("write `{}`", name.value), [(tensor.span, replacement)]);
            continue;
        }
        finding.help(match nearest(&name.value, wiring.tensors()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => listed(wiring),
        });
    }
}

fn listed(wiring: &Wiring<'_>) -> String {
    const MOST: usize = 20;
    let mut names: Vec<_> = wiring.tensors().take(MOST).map(|name| format!("`{name}`")).collect();
    if names.len() == MOST {
        names.push("…".to_owned());
    }
    match names.as_slice() {
        [] => "the ensemble has no tensor: it declares no input, and no step has an output_map".to_owned(),
        [only] => format!("the ensemble's only tensor is {only}"),
        names => format!("the ensemble's tensors are {}", names.join(", ")),
    }
}
