use std::collections::{HashMap, HashSet};

use crate::diagnostic::Findings;
use crate::edit::{NewValue, set_field};
use crate::model::ensemble::Wiring;
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
    for step in &wiring.steps {
        let other = model.model_of_step(step.written).filter(|other| other.tree().refusals() == 0);
        let (inputs, outputs) = other.map(of_step_model).unwrap_or_default();
        let nothing = View::default();
        for (ends, mut views) in [(&step.takes, inputs), (&step.puts_out, outputs)] {
            let by_key: HashMap<_, _> = ends.iter().map(|end| (end.key, end)).collect();
            // What is not written there may come first just as well.
            let of_unknown: Vec<_> = ends.iter().filter(|end| views.iter().all(|(name, _)| *name != end.key)).collect();
            for end in of_unknown {
                known.entry(end.tensor).or_insert((nothing.clone(), end.span));
            }
            for (name, view) in views.drain(..) {
                let Some(end) = by_key.get(name) else { continue };
                match known.get(end.tensor) {
                    None => {
                        known.insert(end.tensor, (view, end.span));
                    }
                    Some((first, span)) => {
                        if let Some((what, note)) = first.contradiction(&view) {
                            let finding = findings
                                .add(end.span, format!("the tensor `{}` is {what}", end.tensor))
                                .label(*span, format!("as in {}", first.owner))
                                .note(note)
                                .help("correct the config that is wrong, or put a model between the two that converts");
                            if let Some(edits) = adopted(model, &wiring, end.tensor, first, &view) {
                                let title = format!("declare `{}` as {} does", end.tensor, view.owner);
                                finding.fix(Applicability::Unsafe, title, edits);
                            }
                        }
                    }
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
    for step in &wiring.steps {
        let other = model.model_of_step(step.written)?;
        let (inputs, outputs) = of_step_model(other);
        for (ends, views) in [(&step.takes, inputs), (&step.puts_out, outputs)] {
            let keys: HashSet<&str> = ends.iter().filter(|end| end.tensor == tensor).map(|end| end.key).collect();
            let mut views = views.iter().filter(|(name, _)| keys.contains(name));
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
