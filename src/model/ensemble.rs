//! How the steps of an ensemble hang together, and which model each runs.
//!
//! What the server makes of the wiring is in core's `model_config_utils.cc`,
//! `ValidateEnsembleSchedulingConfig`. All of it takes time linear in the number of map entries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Backend, Model};
use crate::schema::vocabulary::{EnsembleStep, ModelConfig, ModelEnsembling};
use crate::schema::{Map, MapEntry, Spanned};
use crate::syntax::{NodeId, Span};

/// The tensors of an ensemble: its inputs, and what its steps put out.
pub struct Wiring<'c> {
    /// The inputs of the ensemble.
    pub inputs: BTreeSet<&'c str>,
    /// The outputs of the ensemble.
    pub outputs: BTreeSet<&'c str>,
    /// Whether these are all outputs: none is unreadable.
    pub knows_outputs: bool,
    /// The steps, in their order.
    pub steps: Vec<Step<'c>>,
    /// All tensors, sorted.
    tensors: BTreeSet<&'c str>,
    /// The entries that put out a tensor, in their order, each with its step.
    producers: HashMap<&'c str, Vec<(usize, End<'c>)>>,
    /// The steps that take a tensor.
    takers: HashMap<&'c str, Vec<usize>>,
}

/// A step, and what it takes and puts out.
pub struct Step<'c> {
    /// As written.
    pub written: &'c Spanned<EnsembleStep>,
    /// Its `input_map`.
    pub takes: Vec<End<'c>>,
    /// Its `output_map`.
    pub puts_out: Vec<End<'c>>,
}

/// One entry of a step's map.
#[derive(Clone, Copy)]
pub struct End<'c> {
    /// The name that the step's model has for the tensor.
    pub key: &'c str,
    /// The name of the tensor within the ensemble.
    pub tensor: &'c str,
    /// Where the tensor is named; the whole entry where it is not.
    pub span: Span,
    /// The tensor's name as written.
    pub written: Option<&'c Spanned<String>>,
    /// The key as written.
    pub written_key: Option<&'c Spanned<String>>,
    /// The entry's node in the tree.
    pub node: NodeId,
}

impl<'c> Wiring<'c> {
    /// That of a model; none if it is no ensemble, or its config too broken to tell.
    #[must_use]
    pub fn of_model(model: Model<'c>) -> Option<Self> {
        Self::of(model.config(), model.config().ensemble_scheduling.written()?)
    }

    /// None if the config is too broken to tell.
    #[must_use]
    pub fn of(config: &'c ModelConfig, ensemble: &'c ModelEnsembling) -> Option<Self> {
        if !config.input.is_intact() || !ensemble.step.is_intact() {
            return None;
        }
        let inputs = config.input.iter().map(|input| input.name.text()).collect::<Option<BTreeSet<_>>>()?;
        let outputs: BTreeSet<_> = config.output.iter().filter_map(|output| output.name.text()).collect();
        let knows_outputs =
            config.output.is_intact() && config.output.iter().all(|output| output.name.text().is_some());
        let steps = ensemble.step.iter().map(Step::of).collect::<Option<Vec<_>>>()?;
        let mut tensors = inputs.clone();
        let mut producers: HashMap<_, Vec<_>> = HashMap::new();
        let mut takers: HashMap<_, Vec<_>> = HashMap::new();
        for (at, step) in steps.iter().enumerate() {
            for end in &step.puts_out {
                tensors.insert(end.tensor);
                producers.entry(end.tensor).or_default().push((at, *end));
            }
            for end in &step.takes {
                takers.entry(end.tensor).or_default().push(at);
            }
        }
        Some(Self { inputs, outputs, knows_outputs, steps, tensors, producers, takers })
    }

    /// Every tensor, sorted by name.
    pub fn tensors(&self) -> impl Iterator<Item = &'c str> {
        self.tensors.iter().copied()
    }

    /// Whether there is a tensor of that name.
    #[must_use]
    pub fn has(&self, tensor: &str) -> bool {
        self.tensors.contains(tensor)
    }

    /// The entries that put a tensor out, each with its step. More than one are refused.
    #[must_use]
    pub fn producers(&self, tensor: &str) -> &[(usize, End<'c>)] {
        self.producers.get(tensor).map_or(&[], Vec::as_slice)
    }

    /// Whether a step takes the tensor.
    #[must_use]
    pub fn is_taken(&self, tensor: &str) -> bool {
        self.takers.contains_key(tensor)
    }

    /// Whether steps take, or the ensemble puts out, a tensor that does not exist.
    #[must_use]
    pub fn lacks_tensor(&self) -> bool {
        self.takers.keys().chain(&self.outputs).any(|tensor| !self.has(tensor))
    }

    /// The entries that put out what nothing uses.
    pub fn loose(&self) -> impl Iterator<Item = &End<'c>> {
        let ends = self.steps.iter().flat_map(|step| &step.puts_out);
        ends.filter(|end| !self.outputs.contains(end.tensor) && !self.is_taken(end.tensor))
    }

    /// The tensors that come about as the wiring is: a step runs once all that it takes is there.
    #[must_use]
    pub fn ready(&self) -> BTreeSet<&'c str> {
        self.run(self.inputs.clone()).0
    }

    /// Entries of input maps that close a circle, each with its step, in the order of the circle: every
    /// step takes what the next one puts out. Empty if there is none.
    #[must_use]
    pub fn circle(&self) -> Vec<(usize, End<'c>)> {
        // What does not exist at all is not what the steps of a circle wait for.
        let foreign = self.takers.keys().copied().filter(|tensor| !self.has(tensor));
        let (ready, waiting) = self.run(self.inputs.iter().copied().chain(foreign).collect());
        // Each waiting step waits for another one, so that going on from any ends in a circle.
        let Some(first) = waiting.iter().position(|count| *count > 0) else { return Vec::new() };
        let mut seen = BTreeMap::new();
        let mut path = Vec::new();
        let mut at = first;
        while !seen.contains_key(&at) {
            seen.insert(at, path.len());
            let Some(end) = self.steps[at].takes.iter().find(|end| !ready.contains(end.tensor)) else {
                return Vec::new();
            };
            let Some((producer, _)) = self.producers(end.tensor).iter().find(|(step, _)| waiting[*step] > 0) else {
                return Vec::new();
            };
            path.push((at, *end));
            at = *producer;
        }
        path.split_off(seen[&at])
    }

    /// The steps in an order in which they can run; those that never can are not in it.
    #[must_use]
    pub fn running_order(&self) -> Vec<usize> {
        let mut waiting: Vec<_> = self.steps.iter().map(|step| step.takes.len()).collect();
        let mut order: Vec<_> = (0..waiting.len()).filter(|at| waiting[*at] == 0).collect();
        let mut queue: Vec<_> = self.inputs.iter().copied().collect();
        let mut ready = self.inputs.clone();
        let mut done = 0;
        loop {
            while let Some(tensor) = queue.pop() {
                for &taker in self.takers.get(tensor).into_iter().flatten() {
                    waiting[taker] -= 1;
                    if waiting[taker] == 0 {
                        order.push(taker);
                    }
                }
            }
            let Some(&at) = order.get(done) else { return order };
            done += 1;
            queue.extend(self.steps[at].puts_out.iter().map(|end| end.tensor).filter(|tensor| ready.insert(tensor)));
        }
    }

    /// Lets every step run that can: what is there then, and for how many tensors each step still waits.
    fn run(&self, sources: BTreeSet<&'c str>) -> (BTreeSet<&'c str>, Vec<usize>) {
        let mut waiting: Vec<_> = self.steps.iter().map(|step| step.takes.len()).collect();
        let mut queue: Vec<_> = sources.iter().copied().collect();
        let mut ready = sources;
        let mut put_out = |at: usize, queue: &mut Vec<&'c str>| {
            queue.extend(self.steps[at].puts_out.iter().map(|end| end.tensor).filter(|tensor| ready.insert(tensor)));
        };
        for at in (0..waiting.len()).filter(|at| waiting[*at] == 0) {
            put_out(at, &mut queue);
        }
        while let Some(tensor) = queue.pop() {
            for &taker in self.takers.get(tensor).into_iter().flatten() {
                waiting[taker] -= 1;
                if waiting[taker] == 0 {
                    put_out(taker, &mut queue);
                }
            }
        }
        (ready, waiting)
    }
}

impl<'c> Step<'c> {
    fn of(written: &'c Spanned<EnsembleStep>) -> Option<Self> {
        Some(Self { written, takes: ends(&written.input_map)?, puts_out: ends(&written.output_map)? })
    }
}

fn ends(map: &Map<String, String>) -> Option<Vec<End<'_>>> {
    map.is_intact().then(|| map.in_force().map(end).collect()).flatten()
}

fn end(entry: &MapEntry<String, String>) -> Option<End<'_>> {
    let written = entry.value.written();
    // The server takes an entry without a value for one with an empty one.
    let is_known = written.is_some() || entry.value.is_absent();
    let key = entry.key.text().filter(|_| is_known)?;
    Some(End {
        key,
        tensor: written.map_or("", |tensor| &tensor.value),
        span: written.map_or(entry.span, |tensor| tensor.span),
        written,
        written_key: entry.key.written(),
        node: entry.node,
    })
}

impl<'a> Model<'a> {
    /// The model that a step of this ensemble runs, if it is in the same repository, and in no other.
    #[must_use]
    pub fn model_of_step(self, step: &EnsembleStep) -> Option<Model<'a>> {
        let name = step.model_name.text().filter(|name| !name.is_empty())?;
        self.repository().model(name).filter(|_| !self.is_elsewhere(name))
    }

    /// Whether the model answers a request any number of times. An ensemble does if one of its models does,
    /// whatever its config says (core `ensemble_utils.cc`, `ValidateEnsembleConfig`).
    #[must_use]
    pub fn is_decoupled(self) -> bool {
        let config = self.config();
        if config.ensemble_scheduling.written().is_some() && self.resolution().backend() == Some(&Backend::Ensemble) {
            return self.runs_decoupled();
        }
        let policy = config.model_transaction_policy.written();
        policy.is_some_and(|policy| policy.decoupled.get() == Some(true))
    }
}
