use std::collections::BTreeSet;

use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{EnsembleStep, ModelConfig, ModelEnsembling};
use crate::schema::{Spanned, nearest};

const SOURCES: &str = "a tensor is an input of the ensemble or the value of an output_map entry; the server refuses an \
                       ensemble that uses any other";

pub(super) static RULE: Rule = Rule {
    name: "unproduced-ensemble-tensor",
    category: Category::Ensemble,
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unproduced_ensemble_tensor.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(ensemble) = config.ensemble_scheduling.written() else { return };
    let Some(tensors) = Tensors::of(config, ensemble) else { return };
    check_steps(model, ensemble, &tensors, findings);
    check_outputs(model, &tensors, findings);
}

/// What the steps take.
fn check_steps(model: Model<'_>, ensemble: &ModelEnsembling, tensors: &Tensors<'_>, findings: &mut Findings<'_>) {
    for step in ensemble.step.iter() {
        for entry in step.input_map.in_force() {
            let Some(tensor) = entry.value.written().filter(|tensor| !tensors.has(&tensor.value)) else { continue };
            let (input, of) = (entry.key.text().unwrap_or_default(), step.model_name.text().unwrap_or_default());
            let message =
                format!("input `{input}` of step `{of}` takes the tensor `{}`, which nothing produces", tensor.value);
            let finding = findings.add(tensor.span, message).note(SOURCES);
            // A tensor that itself waits for this step would close a circle.
            match nearest(&tensor.value, tensors.ready.iter().copied()) {
                Some(meant) => {
                    let replacement = quoted(meant, model.tree().source().slice(tensor.span));
                    finding.help(format!("did you mean `{meant}`?")).fix(
                        Applicability::Unsafe,
                        format!("write `{meant}`"),
                        [(tensor.span, replacement)],
                    );
                }
                None => {
                    finding.help(tensors.listed());
                }
            }
        }
    }
}

/// What the ensemble puts out.
fn check_outputs(model: Model<'_>, tensors: &Tensors<'_>, findings: &mut Findings<'_>) {
    for output in model.config().output.iter() {
        let Some(name) = output.name.written() else { continue };
        if name.value.is_empty() || tensors.has(&name.value) {
            continue;
        }
        let finding = findings
            .add(name.span, format!("no step produces the output `{}` of the ensemble", name.value))
            .note(SOURCES);
        // Clients know the output by its name; the name of a tensor that goes nowhere is known to nobody.
        let loose = nearest(&name.value, tensors.loose.iter().map(|tensor| tensor.value.as_str()))
            .and_then(|meant| tensors.loose.iter().find(|tensor| tensor.value == meant));
        if let Some(tensor) = loose {
            let replacement = quoted(&name.value, model.tree().source().slice(tensor.span));
            finding
                .label(tensor.span, "goes nowhere")
                .help(format!("the tensor `{}`, which nothing uses, may be meant for it", tensor.value))
                .fix(Applicability::Unsafe, format!("write `{}`", name.value), [(tensor.span, replacement)]);
            continue;
        }
        finding.help(match nearest(&name.value, tensors.produced.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => tensors.listed(),
        });
    }
}

/// The tensors of an ensemble.
struct Tensors<'c> {
    /// All: the inputs of the ensemble, and what its steps put out.
    produced: BTreeSet<&'c str>,
    /// Those that come about as the wiring is: a step runs once all that it takes is there.
    ready: BTreeSet<&'c str>,
    /// Those that one step puts out and nothing takes.
    loose: Vec<&'c Spanned<String>>,
}

impl<'c> Tensors<'c> {
    /// None if the config is too broken to tell.
    fn of(config: &'c ModelConfig, ensemble: &'c ModelEnsembling) -> Option<Self> {
        let is_intact = ensemble.step.iter().all(|step| step.input_map.is_intact() && step.output_map.is_intact());
        if !config.input.is_intact() || !ensemble.step.is_intact() || !is_intact {
            return None;
        }
        let inputs = config.input.iter().map(|input| input.name.text()).collect::<Option<BTreeSet<_>>>()?;
        let steps = ensemble.step.iter().map(|step| Wiring::of(step)).collect::<Option<Vec<_>>>()?;
        let outputs: BTreeSet<_> = config.output.iter().filter_map(|output| output.name.text()).collect();

        let put_out = || steps.iter().flat_map(|step| &step.puts_out);
        let produced = inputs.iter().copied().chain(put_out().map(|tensor| tensor.value.as_str())).collect();
        let is_loose = |tensor: &&Spanned<String>| {
            let name = tensor.value.as_str();
            !inputs.contains(name)
                && !outputs.contains(name)
                && steps.iter().all(|step| !step.takes.contains(name))
                && put_out().filter(|other| other.value == name).count() == 1
        };
        let loose = put_out().copied().filter(is_loose).collect();
        Some(Self { produced, ready: ready(inputs, &steps), loose })
    }

    fn has(&self, name: &str) -> bool {
        self.produced.contains(name)
    }

    fn listed(&self) -> String {
        let names: Vec<_> = self.produced.iter().map(|name| format!("`{name}`")).collect();
        match names.as_slice() {
            [] => "the ensemble has no tensor: it declares no input, and no step has an output_map".to_owned(),
            [only] => format!("the ensemble's only tensor is {only}"),
            names => format!("the ensemble's tensors are {}", names.join(", ")),
        }
    }
}

/// What a step takes and puts out.
struct Wiring<'c> {
    takes: BTreeSet<&'c str>,
    puts_out: Vec<&'c Spanned<String>>,
}

impl<'c> Wiring<'c> {
    fn of(step: &'c EnsembleStep) -> Option<Self> {
        let takes = step.input_map.in_force().map(|entry| entry.value.written().map(|tensor| tensor.value.as_str()));
        let puts_out = step.output_map.in_force().map(|entry| entry.value.written());
        Some(Self { takes: takes.collect::<Option<_>>()?, puts_out: puts_out.collect::<Option<_>>()? })
    }
}

fn ready<'c>(inputs: BTreeSet<&'c str>, steps: &[Wiring<'c>]) -> BTreeSet<&'c str> {
    let mut ready = inputs;
    loop {
        let before = ready.len();
        for step in steps.iter().filter(|step| step.takes.is_subset(&ready)).collect::<Vec<_>>() {
            ready.extend(step.puts_out.iter().map(|tensor| tensor.value.as_str()));
        }
        if ready.len() == before {
            return ready;
        }
    }
}
