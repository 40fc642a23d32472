use std::collections::HashMap;

use crate::diagnostic::Findings;
use crate::edit::{NewValue, set_field};
use crate::model::ensemble::{End, Wiring};
use crate::model::{Completion, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{DataType, ModelTensorReshape};
use crate::schema::{Optional, Repeated, Singular, Spanned};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "inconsistent-ensemble-tensor",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("inconsistent_ensemble_tensor.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    // What the server knows of each tensor is what it comes upon first; all else is compared with that.
    let mut known: HashMap<&str, (View<'_>, Span)> = HashMap::new();
    for (name, view) in of_ensemble(model) {
        known.entry(&name.value).or_insert((view, name.span));
    }
    let tensors = StepTensors::of(model, &wiring);
    let nothing = Default::default();
    for step in &wiring.steps {
        let other = model.model_of_step(step.written).filter(|other| other.tree().refusals() == 0);
        let (inputs, outputs) = other.and_then(|other| tensors.of_models.get(other.name())).unwrap_or(&nothing);
        for (ends, views) in [(&step.takes, inputs), (&step.puts_out, outputs)] {
            // What is not written there may come first just as well.
            for end in ends.iter().filter(|end| !views.places.contains_key(end.key)) {
                known.entry(end.tensor).or_insert((View::default(), end.span));
            }
            for (end, view) in views.of(ends) {
                let Some((first, span)) = known.get(end.tensor) else {
                    known.insert(end.tensor, (view.clone(), end.span));
                    continue;
                };
                let Some((what, note)) = first.contradiction(view) else { continue };
                // To look for the fix takes a look at all steps.
                if !findings.has_room() {
                    return;
                }
                let finding = findings
                    .add(end.span, format!("the tensor `{}` is {what}", end.tensor))
                    .label(*span, format!("as in {}", first.owner))
                    .note(note)
                    .help("correct the config that is wrong, or put a model between the two that converts");
                if let Some(edits) = adopted(model, &wiring, &tensors, end.tensor, first, view) {
                    let title = format!("declare `{}` as {} does", end.tensor, view.owner);
                    finding.fix(Applicability::Unsafe, title, edits);
                }
            }
        }
    }
}

/// Declares a tensor in the ensemble as a step's model does. None unless it is the ensemble alone that has it
/// otherwise than all of its steps.
fn adopted(
    model: Model<'_>,
    wiring: &Wiring<'_>,
    tensors: &StepTensors<'_>,
    tensor: &str,
    declared: &View<'_>,
    wanted: &View<'_>,
) -> Option<Vec<(Span, String)>> {
    if declared.batching != wanted.batching || declared.batching.len() != 1 {
        return None;
    }
    let config = model.config();
    let named = |name: &Singular<String>| name.text() == Some(tensor);
    let inputs = config.input.iter().filter(|input| named(&input.name));
    let inputs = inputs.map(|input| (input.node, input.reshape.is_absent()));
    let outputs = config.output.iter().filter(|output| named(&output.name));
    let mut own = inputs.chain(outputs.map(|output| (output.node, output.reshape.is_absent())));
    let (Some((node, true)), None) = (own.next(), own.next()) else { return None };
    if !tensors.are_all {
        return None;
    }
    for step in &wiring.steps {
        let (inputs, outputs) = tensors.of_models.get(step.written.model_name.text()?)?;
        for (ends, views) in [(&step.takes, inputs), (&step.puts_out, outputs)] {
            let mut views = views.of(ends.iter().filter(|end| end.tensor == tensor)).into_iter();
            if views.any(|(_, view)| wanted.contradiction(view).is_some()) {
                return None;
            }
        }
    }
    let message = model.tree().message(node)?;
    let mut edits = Vec::new();
    if let Some(data_type) = wanted.data_type.filter(|wanted| declared.data_type.is_some_and(|own| own != *wanted)) {
        edits.push(set_field(message, "data_type", &NewValue::Scalar(&data_type.to_string()))?);
    }
    if let (Some(own), Some(wanted)) = (&declared.dims, &wanted.dims)
        && !are_consistent(own, wanted)
    {
        let dims: Vec<_> = wanted.iter().map(i64::to_string).collect();
        edits.push(set_field(message, "dims", &NewValue::Scalar(&format!("[ {} ]", dims.join(", "))))?);
    }
    (!edits.is_empty()).then_some(edits)
}

/// A tensor as one config has it.
#[derive(Clone, Default)]
struct View<'m> {
    owner: String,
    data_type: Option<DataType>,
    dims: Option<Vec<i64>>,
    /// Whether it has a batch dimension besides; both where it is not known.
    batching: &'m [bool],
}

const UNKNOWN: &[bool] = &[false, true];

impl View<'_> {
    /// In what the two differ, and why that is wrong.
    fn contradiction(&self, other: &Self) -> Option<(String, &'static str)> {
        if let (Some(one), Some(two)) = (self.data_type, other.data_type)
            && one != two
        {
            let what = format!("{one} in {}, and {two} in {}", self.owner, other.owner);
            return Some((
                what,
                "a tensor has one data type in all of an ensemble; the server does not load any other",
            ));
        }
        let (one, two) = (self.dims.as_deref()?, other.dims.as_deref()?);
        let fits_with_batch = || {
            self.batching
                .iter()
                .any(|a| other.batching.iter().any(|b| are_consistent(&with_batch(one, *a), &with_batch(two, *b))))
        };
        if are_consistent(one, two) || fits_with_batch() {
            return None;
        }
        let what = format!("{one:?} in {}, and {two:?} in {}", self.owner, other.owner);
        Some((
            what,
            "dims have to agree, with -1 for any size, either as written or with the batch dimension before them",
        ))
    }
}

fn with_batch(dims: &[i64], is_batched: bool) -> Vec<i64> {
    is_batched.then_some(-1).into_iter().chain(dims.iter().copied()).collect()
}

fn are_consistent(one: &[i64], two: &[i64]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a == b || *a == -1 || *b == -1)
}

/// The inputs and outputs that the ensemble declares. Of these the shape behind `reshape` counts.
fn of_ensemble(model: Model<'_>) -> Vec<(&Spanned<String>, View<'_>)> {
    let config = model.config();
    let batching: &[bool] = match config.max_batch_size.get() {
        Some(size) if size > 0 => &[true],
        Some(_) => &[false],
        None => UNKNOWN,
    };
    let view = |data_type: &Singular<DataType>, dims: &Repeated<i64>, reshape: &Optional<ModelTensorReshape>| View {
        owner: "the ensemble".to_owned(),
        data_type: type_of(data_type),
        dims: match reshape.written() {
            Some(reshape) => Some(&reshape.value.shape).filter(|shape| shape.is_intact()).map(values),
            None => reshape.is_absent().then(|| dims_of(dims)).flatten(),
        },
        batching,
    };
    let inputs = config
        .input
        .iter()
        .filter_map(|input| Some((input.name.written()?, view(&input.data_type, &input.dims, &input.reshape))));
    let outputs = config
        .output
        .iter()
        .filter_map(|output| Some((output.name.written()?, view(&output.data_type, &output.dims, &output.reshape))));
    inputs.chain(outputs).collect()
}

type Views<'m> = Vec<(&'m str, View<'m>)>;

/// The tensors that a model declares, in their order, and where those of a name are.
#[derive(Default)]
struct Tensors<'m> {
    listed: Views<'m>,
    places: HashMap<&'m str, Vec<usize>>,
}

impl<'m> Tensors<'m> {
    fn new(listed: Views<'m>) -> Self {
        let mut places: HashMap<_, Vec<_>> = HashMap::new();
        for (at, (name, _)) in listed.iter().enumerate() {
            places.entry(*name).or_default().push(at);
        }
        Self { listed, places }
    }

    /// Those of some entries of a map, in the order in which they are declared.
    fn of<'a, 'c>(&'a self, ends: impl IntoIterator<Item = &'a End<'c>>) -> Vec<(&'a End<'c>, &'a View<'m>)> {
        let places =
            ends.into_iter().flat_map(|end| self.places.get(end.key).into_iter().flatten().map(move |at| (*at, end)));
        let mut places: Vec<_> = places.collect();
        places.sort_unstable_by_key(|(at, _)| *at);
        places.into_iter().map(|(at, end)| (end, &self.listed[at].1)).collect()
    }
}

/// The inputs and outputs of the models that steps run, each of which any number of steps may run.
struct StepTensors<'m> {
    of_models: HashMap<&'m str, (Tensors<'m>, Tensors<'m>)>,
    /// Whether the models of all steps are there.
    are_all: bool,
}

impl<'m> StepTensors<'m> {
    fn of(model: Model<'m>, wiring: &Wiring<'_>) -> Self {
        let mut tensors = Self { of_models: HashMap::new(), are_all: true };
        for step in &wiring.steps {
            let Some(other) = model.model_of_step(step.written) else {
                tensors.are_all = false;
                continue;
            };
            tensors.of_models.entry(other.name()).or_insert_with(|| {
                let (inputs, outputs) = of_step_model(other);
                (Tensors::new(inputs), Tensors::new(outputs))
            });
        }
        tensors
    }
}

/// The inputs and outputs that a step's model declares. Of these `dims` counts, whatever `reshape` says.
fn of_step_model(model: Model<'_>) -> (Views<'_>, Views<'_>) {
    let config = model.config();
    let batching: &[bool] = match config.max_batch_size.get() {
        Some(size) if size > 0 => &[true],
        Some(_) if model.completion() == Completion::None => &[false],
        _ => UNKNOWN,
    };
    let view = |data_type: &Singular<DataType>, dims: &Repeated<i64>| View {
        owner: format!("`{}`", model.name()),
        data_type: type_of(data_type),
        dims: dims_of(dims),
        batching,
    };
    let inputs =
        config.input.iter().filter_map(|input| Some((input.name.text()?, view(&input.data_type, &input.dims))));
    let outputs =
        config.output.iter().filter_map(|output| Some((output.name.text()?, view(&output.data_type, &output.dims))));
    (inputs.collect(), outputs.collect())
}

fn type_of(data_type: &Singular<DataType>) -> Option<DataType> {
    data_type.get().filter(|data_type| *data_type != DataType::Invalid)
}

/// None where they are left out: the back-end may complete them, or the server refuses that.
fn dims_of(dims: &Repeated<i64>) -> Option<Vec<i64>> {
    (dims.is_intact() && !dims.is_empty()).then(|| values(dims))
}

fn values(dims: &Repeated<i64>) -> Vec<i64> {
    dims.iter().map(|dim| dim.value).collect()
}
