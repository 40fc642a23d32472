use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::diagnostic::Findings;
use crate::model::ensemble::Wiring;
use crate::model::{Backend, Model, Survey};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::EnsembleStep;

pub(super) static RULE: Rule = Rule {
    name: "circular-ensemble",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: None,
    page: include_str!("circular_ensemble.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    check_tensors(model, findings);
    check_models(model, findings);
}

/// Steps that wait for each other.
fn check_tensors(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(wiring) = Wiring::of_model(model) else { return };
    let mut circle = wiring.circle();
    // The first in the text begins, wherever the search came upon the circle.
    let Some(first) = circle.iter().map(|(step, _)| *step).min() else { return };
    while circle.first().is_some_and(|(step, _)| *step != first) {
        circle.rotate_left(1);
    }
    let name = |step: usize| wiring.steps[step].written.model_name.text().unwrap_or_default();
    let [(step, end), others @ ..] = circle.as_slice() else { return };
    let (own, tensor) = (name(*step), end.tensor);
    let message = if others.is_empty() {
        format!("the step of `{own}` takes the tensor `{tensor}`, which it puts out itself")
    } else {
        let names: Vec<_> = circle.iter().map(|(step, _)| format!("`{}`", name(*step))).collect();
        let names = names.join(", ");
        format!("the steps of {names} wait for each other: `{own}` takes `{tensor}`, which comes about behind it")
    };
    let mut finding = findings.add(end.span, message);
    for (_, end) in others.iter().take(3) {
        finding = finding.label(end.span, "waits in turn for this tensor");
    }
    finding
        .note("a step runs once all tensors that it takes are there, so that none of these ever runs; the server refuses it")
        .help("let one of them take another tensor, such as an input of the ensemble");
}

/// A way from an ensemble back to itself is not searched for behind more ensembles than this.
const MOST_SEARCHED: usize = 100;

/// Ensembles that contain themselves.
fn check_models(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(own) = model.directory_name().filter(|_| steps_of(model).next().is_some()) else { return };
    let ensembles = model.repository().survey::<Ensembles>();
    // What a further config of the model runs is not what others see of it, and no circle is known to hold it.
    let is_own = model.file() == model.directory().config();
    let is_candidate = |name: &str| !is_own || name == own || ensembles.are_in_circle(own, name);
    // Each ensemble that was reached, with the one that it was reached from.
    let mut from: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for step in steps_of(model) {
        let (Some(name), Some(written)) = (step.model_name.text(), step.model_name.written()) else { continue };
        if !is_candidate(name) || name != own && from.contains_key(name) {
            continue;
        }
        let mut queue = vec![(name, None)];
        while let Some((name, before)) = queue.pop() {
            let is_far = is_own && from.len() > MOST_SEARCHED;
            if name == own || is_far {
                let way = if is_far { the_far_way(own, &written.value) } else { the_way(own, before, &from) };
                findings
                    .add(written.span, format!("the ensemble contains itself: {way}"))
                    .note("the server refuses ensembles that form a circle")
                    .help("write another model here");
                return;
            }
            if from.contains_key(name) {
                continue;
            }
            from.insert(name, before);
            queue.extend(ensembles.steps(name).filter(|next| is_candidate(next)).map(|next| (next, Some(name))));
        }
    }
}

/// The way from an ensemble back to it, of which the last ensemble is `before`.
fn the_way(own: &str, before: Option<&str>, from: &BTreeMap<&str, Option<&str>>) -> String {
    let mut path = vec![format!("`{own}`")];
    let mut at = before;
    while let Some(name) = at {
        path.push(format!("`{name}`"));
        at = from.get(name).copied().flatten();
    }
    path.push(format!("`{own}`"));
    path.reverse();
    path.join(" runs ")
}

/// A way back that is too far to be told.
fn the_far_way(own: &str, next: &str) -> String {
    format!("`{own}` runs `{next}`, and that `{own}` through many others")
}

/// The ensembles of a repository, sorted by name, each with the names of the models that it runs.
#[derive(Default)]
struct Ensembles {
    steps: Vec<(String, Vec<String>)>,
    /// Of each the circle that it is in, with all that it reaches and that reach it. Found once for all: they may
    /// be nested to any depth, and searching from each anew would take too long.
    circles: OnceLock<Vec<usize>>,
}

impl Survey for Ensembles {
    type Answer = Vec<String>;
    const WORD: &'static str = "ensemble_scheduling";

    fn ask(model: Model<'_>) -> Option<Self::Answer> {
        let names: Vec<_> = steps_of(model).filter_map(|step| step.model_name.text()).map(str::to_owned).collect();
        (!names.is_empty()).then_some(names)
    }

    fn note(&mut self, name: &str, steps: Self::Answer) {
        self.steps.push((name.to_owned(), steps));
    }
}

impl Ensembles {
    fn place(&self, name: &str) -> Option<usize> {
        self.steps.binary_search_by(|(other, _)| other.as_str().cmp(name)).ok()
    }

    /// The models that an ensemble runs; none of another model.
    fn steps(&self, name: &str) -> impl Iterator<Item = &str> {
        let steps = self.place(name).and_then(|at| self.steps.get(at));
        steps.into_iter().flat_map(|(_, steps)| steps).map(String::as_str)
    }

    /// Whether each of two ensembles runs the other, directly or through others.
    fn are_in_circle(&self, one: &str, other: &str) -> bool {
        let circles = self.circles.get_or_init(|| {
            let steps = self.steps.iter().map(|(_, steps)| steps.iter().filter_map(|step| self.place(step)).collect());
            circles(&steps.collect::<Vec<Vec<usize>>>())
        });
        let circle = |name: &str| circles.get(self.place(name)?);
        circle(one).is_some_and(|own| circle(other) == Some(own))
    }
}

/// The circle that each node of a graph is in: those that can be reached from each other have the same number
/// (Kosaraju's algorithm, without recursion).
fn circles(next: &[Vec<usize>]) -> Vec<usize> {
    let mut before = vec![Vec::new(); next.len()];
    for (at, next) in next.iter().enumerate() {
        for next in next {
            before[*next].push(at);
        }
    }
    let mut circles = vec![None; next.len()];
    for root in left_in_order(next).into_iter().rev() {
        let mut pending = vec![root];
        while let Some(at) = pending.pop() {
            if circles[at].is_none() {
                circles[at] = Some(root);
                pending.extend(&before[at]);
            }
        }
    }
    circles.into_iter().flatten().collect()
}

/// The nodes of a graph in the order in which a search that goes deep first leaves them.
fn left_in_order(next: &[Vec<usize>]) -> Vec<usize> {
    let mut is_seen = vec![false; next.len()];
    let mut left = Vec::with_capacity(next.len());
    for root in 0..next.len() {
        // Each node of the way here, and how many of its neighbours were looked at. Kept by hand: it may be long.
        let mut way = Vec::new();
        if !std::mem::replace(&mut is_seen[root], true) {
            way.push((root, 0));
        }
        while let Some((at, looked_at)) = way.last_mut() {
            if let Some(&neighbour) = next[*at].get(*looked_at) {
                *looked_at += 1;
                if !std::mem::replace(&mut is_seen[neighbour], true) {
                    way.push((neighbour, 0));
                }
            } else {
                left.push(*at);
                way.pop();
            }
        }
    }
    left
}

fn steps_of(model: Model<'_>) -> impl Iterator<Item = &EnsembleStep> {
    let is_ensemble = model.resolution().backend() == Some(&Backend::Ensemble);
    let ensemble = model.config().ensemble_scheduling.written().filter(|_| is_ensemble);
    ensemble.into_iter().flat_map(|ensemble| ensemble.value.step.iter()).map(|step| &step.value)
}
