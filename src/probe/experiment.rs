//! The experiment on one model: which runs, and what they say.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use super::child::{Answer, End, Run};
use super::compare::deviation;
use super::helper::Unavailable;
use super::protocol::{Binding, Buffers, Device, Loading, Output, Ready, Request, Sample, Switches, VERSION};
use super::shapes::{Shapes, Walk, schedule};
use super::subject::Subject;
use super::verdict::{Cause, Evidence, Failure, Outcome, Rejected, Symptom, Variant, VariantRun, Verdict};

/// How much the probe does, and may use.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Calls a shape, at least.
    pub calls: usize,
    /// Shapes, at most.
    pub shapes: usize,
    /// How long a load or call may take before it is taken for a hang.
    pub patience: Duration,
    /// How much memory a process may have, in bytes.
    pub memory: u64,
    /// How many models are probed at the same time.
    pub at_once: usize,
    /// Where models run.
    pub device: Device,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            calls: 4,
            shapes: 8,
            patience: Duration::from_secs(60),
            memory: 16 << 30,
            at_once: 1,
            device: Device::Cpu,
        }
    }
}

impl Effort {
    /// Enough calls to reach every fallback of libtorch, which specialises a graph a dozen times.
    #[must_use]
    pub fn thorough(self) -> Self {
        Self { calls: 20, ..self }
    }
}

/// A hang costs a minute; after so many of them, or crashes, a model's other shapes are not tried.
const MOST_DEATHS: usize = 2;

/// A call that takes so many times the median of the others, and so many microseconds, has stalled: a client that
/// waits a second may take it for a failure.
const STALL_FACTOR: u64 = 10;
const SHORTEST_STALL: u64 = 1_000_000;

/// A shorter delay, from so many microseconds on, is only told: on a GPU a kernel is compiled in that time.
const SHORTEST_DELAY: u64 = 50_000;

/// Runs the helper.
pub(super) type Start<'s> = &'s (dyn Fn(&Request) -> Result<Run, Unavailable> + Sync);

/// Finds out about one model; `tell` hears which variant is being run.
pub(super) fn examine(
    subject: &Subject,
    start: Start<'_>,
    effort: &Effort,
    tell: &dyn Fn(&str),
) -> Result<Outcome, Unavailable> {
    let mut experiment = Experiment {
        subject,
        start,
        effort,
        tell,
        ready: None,
        binding: Binding::Positional,
        order: (0..subject.arguments.len()).collect(),
        shapes: Vec::new(),
        rejected: Vec::new(),
        runs: Vec::new(),
        delay: None,
    };
    let verdict = match experiment.verdict() {
        Ok(verdict) | Err(Stop::Verdict(verdict)) => verdict,
        Err(Stop::Unavailable(unavailable)) => return Err(unavailable),
    };
    Ok(Outcome { model: subject.name.clone(), verdict, evidence: experiment.evidence(), is_from_cache: false })
}

/// Why an experiment goes no further.
enum Stop {
    Verdict(Verdict),
    Unavailable(Unavailable),
}

impl From<Unavailable> for Stop {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

/// What a freshly loaded model does with a sample, without optimized execution.
#[derive(Clone)]
enum Fate {
    Taken(Vec<Output>),
    Refused(Symptom),
    NotTried,
}

struct Experiment<'e> {
    subject: &'e Subject,
    start: Start<'e>,
    effort: &'e Effort,
    tell: &'e dyn Fn(&str),
    ready: Option<Ready>,
    binding: Binding,
    /// The arguments of `forward`, by their numbers in the subject.
    order: Vec<usize>,
    shapes: Vec<Shapes>,
    rejected: Vec<Rejected>,
    runs: Vec<VariantRun>,
    delay: Option<Failure>,
}

/// The calls that every variant makes, and what each should give.
struct Plan {
    samples: Vec<Sample>,
    calls: Vec<usize>,
    expected: Vec<Vec<Output>>,
    /// Whether the same input gives the same output, so that values can be compared.
    is_deterministic: bool,
    shapes: Vec<Shapes>,
}

/// A variant's run of the plan.
struct Trial {
    run: Run,
    failures: Vec<Failure>,
}

impl Experiment<'_> {
    fn verdict(&mut self) -> Result<Verdict, Stop> {
        let walk = Walk::new(self.subject);
        let base = self.base(&walk)?;
        let all = walk.around(&base, self.effort.shapes);
        let plan = self.plan(&all)?;
        let configured = self.trial(Variant::Configured, &plan)?;
        let Some(first) = configured.failures.first().cloned() else {
            return Ok(self.baked(&walk, &base, &all).unwrap_or_else(|| self.stalled(&configured, &plan)));
        };
        let without = self.trial(Variant::OptimizedOff, &plan)?;
        if let Some(failure) = plan.difference(&without.run, &configured.run) {
            let mut cures = Vec::new();
            if without.failures.is_empty() {
                cures.push(Variant::OptimizedOff);
            }
            for variant in self.server_wide() {
                if self.trial(variant, &plan)?.failures.is_empty() {
                    cures.push(variant);
                }
            }
            return Ok(Verdict::Confirmed { failure, cures });
        }
        let own = self.trial(Variant::OwnInputs, &plan)?;
        let is_input_kept = own.failures.is_empty() || plan.difference(&own.run, &without.run).is_some();
        let cause = if is_input_kept { Cause::InputKept } else { Cause::StateKept };
        Ok(Verdict::OtherCause { cause, failure: first })
    }

    fn evidence(self) -> Option<Evidence> {
        let ready = self.ready?;
        Some(Evidence {
            libtorch: ready.libtorch,
            device: self.effort.device.to_string(),
            confinement: ready.confinement,
            has_inference_mode: ready.has_every_switch,
            may_run_elsewhere: self.subject.placement.leaves(self.effort.device),
            shapes: self.shapes.iter().map(Shapes::described).collect(),
            rejected: self.rejected,
            delay: self.delay,
            runs: self.runs,
        })
    }

    /// Shapes that a freshly loaded model takes.
    fn base(&mut self, walk: &Walk<'_>) -> Result<Shapes, Stop> {
        let (mut first, mut deaths) = (None, 0);
        // One at a time: the later ones are large.
        for (at, shapes) in walk.bases().iter().enumerate() {
            let samples = &shapes.samples(&self.subject.arguments)[..1];
            let fate = if at == 0 { self.first_fate(samples)? } else { self.fates(samples)?.pop() };
            match fate {
                Some(Fate::Taken(_)) => return Ok(shapes.clone()),
                Some(Fate::Refused(symptom)) => {
                    deaths += usize::from(matches!(symptom, Symptom::Crash { .. } | Symptom::Hang));
                    let failure = Failure { call: 1, shapes: shapes.described(), symptom: symptom.clone() };
                    first.get_or_insert(failure);
                    self.rejected.push(Rejected { shapes: shapes.described(), symptom });
                }
                Some(Fate::NotTried) | None => {}
            }
            if deaths == MOST_DEATHS {
                break;
            }
        }
        // The verdict tells of the first; the others say no more.
        self.rejected.clear();
        Err(Stop::Verdict(match first {
            None => Verdict::Inconclusive { reason: "its inputs are too large to make".into() },
            // An error may only mean that the model wants other shapes, or values, than the config tells.
            Some(failure @ Failure { symptom: Symptom::Error { .. }, .. }) if is_of_devices(&failure.symptom) => {
                Verdict::OtherCause { cause: Cause::DeviceBaked, failure }
            }
            Some(Failure { symptom: Symptom::Error { text }, shapes, .. }) => Verdict::Inconclusive {
                reason: format!(
                    "no shape that the config allows was taken, also by the freshly loaded model: {shapes} gave {}",
                    Symptom::Error { text }
                ),
            },
            Some(failure @ Failure { symptom: Symptom::Unsupported { .. }, .. }) => {
                Verdict::OtherCause { cause: Cause::UnsupportedOutput, failure }
            }
            Some(failure) => Verdict::OtherCause { cause: Cause::Itself, failure },
        }))
    }

    /// What the model does with a sample, once it is known how inputs are bound.
    fn first_fate(&mut self, samples: &[Sample]) -> Result<Option<Fate>, Stop> {
        let mut fates = self.fates(&[&[Sample::new()], samples].concat())?;
        if let Fate::Refused(Symptom::Error { text }) = &fates[0]
            && self.bind(text)
        {
            fates = self.fates(samples)?;
        }
        Ok(fates.pop())
    }

    /// Binds the inputs as the declaration of `forward` wants them, which libtorch quotes when it is called
    /// with nothing (`pytorch_backend` `src/pt/model_instance_state.cc`, `ValidateInputs` and
    /// `GetNamingConvention`). Whether that changes anything.
    fn bind(&mut self, error: &str) -> bool {
        let Some(declared) = declared(error) else { return false };
        if let [(kind, _)] = declared.as_slice()
            && kind.starts_with("Dict(")
        {
            self.binding = Binding::Dictionary;
            return true;
        }
        let place = |name: &str| declared.iter().position(|(_, declared)| *declared == name);
        let places: Option<Vec<usize>> = self.subject.arguments.iter().map(|argument| place(&argument.name)).collect();
        let Some(places) = places else { return false };
        self.order.sort_by_key(|argument| places[*argument]);
        !self.order.is_sorted()
    }

    /// What to call: the shapes that a freshly loaded model takes.
    fn plan(&mut self, all: &[Shapes]) -> Result<Plan, Stop> {
        let by_shape: Vec<Vec<Sample>> = all.iter().map(|shapes| shapes.samples(&self.subject.arguments)).collect();
        let each = by_shape.first().map_or(0, Vec::len);
        let mut samples: Vec<Sample> = by_shape.iter().flatten().cloned().collect();
        // The first once more: does the same give the same?
        samples.extend(samples.first().cloned());
        let fates = self.fates(&samples)?;
        let taken = |fate: Option<&Fate>| match fate {
            Some(Fate::Taken(outputs)) => Some(outputs.clone()),
            _ => None,
        };
        let again = taken(fates.last());
        let is_deterministic = match (taken(fates.first()), again) {
            (Some(once), Some(again)) => deviation(&once, &again).is_none(),
            _ => false,
        };
        let mut plan =
            Plan { samples: Vec::new(), calls: Vec::new(), expected: Vec::new(), is_deterministic, shapes: Vec::new() };
        for ((shapes, samples), fates) in all.iter().zip(by_shape).zip(fates.chunks(each.max(1))) {
            let outputs: Option<Vec<_>> = fates.iter().map(|fate| taken(Some(fate))).collect();
            if let Some(outputs) = outputs {
                plan.shapes.push(shapes.clone());
                plan.samples.extend(samples);
                plan.expected.extend(outputs);
            } else if let Some(Fate::Refused(symptom)) = fates.iter().find(|fate| matches!(fate, Fate::Refused(_))) {
                self.rejected.push(Rejected { shapes: shapes.described(), symptom: symptom.clone() });
            }
        }
        if plan.shapes.is_empty() {
            // Even the shape that was taken a moment ago.
            return Err(Stop::Verdict(match self.rejected.last().cloned() {
                Some(Rejected {
                    shapes,
                    symptom: symptom @ (Symptom::Crash { .. } | Symptom::Hang | Symptom::OutOfMemory),
                }) => Verdict::OtherCause { cause: Cause::Itself, failure: Failure { call: 1, shapes, symptom } },
                _ => {
                    Verdict::Inconclusive { reason: "what the model takes depends on the values of its inputs".into() }
                }
            }));
        }
        plan.calls = schedule(plan.shapes.len(), self.effort.calls);
        self.shapes.clone_from(&plan.shapes);
        Ok(plan)
    }

    /// What the model does with each sample, loaded for it and without optimized execution.
    fn fates(&mut self, samples: &[Sample]) -> Result<Vec<Fate>, Stop> {
        (self.tell)("freshly loaded");
        let mut fates = vec![Fate::NotTried; samples.len()];
        let (mut next, mut deaths) = (0, 0);
        while next < samples.len() && deaths < MOST_DEATHS {
            let request = Request {
                loading: Loading::EachCall,
                buffers: Buffers::Fresh,
                calls: (next..samples.len()).collect(),
                ..self.request(Variant::OptimizedOff.switches(self.subject.switches), samples)
            };
            let run = self.run(&request)?;
            for (fate, called) in fates[next..].iter_mut().zip(&run.calls) {
                *fate = self.fate(&called.answer);
            }
            next += run.calls.len();
            let Some(symptom) = died(&run.end) else { break };
            if let Some(fate) = fates.get_mut(next) {
                *fate = Fate::Refused(symptom);
            }
            next += 1;
            deaths += 1;
        }
        Ok(fates)
    }

    fn fate(&self, answer: &Answer) -> Fate {
        match answer {
            Answer::Outputs(outputs) => match self.refusal(outputs) {
                Some(text) => Fate::Refused(Symptom::Unsupported { text }),
                None => Fate::Taken(outputs.clone()),
            },
            other => Fate::Refused(symptom(other)),
        }
    }

    /// What the back-end has against outputs (`ReadOutputTensors`).
    fn refusal(&self, outputs: &[Output]) -> Option<String> {
        if let Some(scalar) = outputs.iter().position(|output| output.shape.is_empty()) {
            return Some(format!("output {scalar} is a scalar which is not supported."));
        }
        let expected = self.subject.outputs.as_ref()?;
        if expected.len() > outputs.len() {
            let count = outputs.len();
            return Some(format!(
                "an output refers to an output index which doesn't exist. This model has {count} outputs"
            ));
        }
        let mut pairs = expected.iter().zip(outputs).enumerate();
        let (at, (expected, output)) = pairs.find(|(_, (expected, output))| **expected != output.element)?;
        let provided = &output.element;
        Some(format!("configuration expects datatype TYPE_{expected} for output {at}, model provides TYPE_{provided}"))
    }

    /// Makes the calls of the plan in a process of its own.
    fn trial(&mut self, variant: Variant, plan: &Plan) -> Result<Trial, Stop> {
        (self.tell)(&variant.to_string());
        let request = Request {
            buffers: if variant == Variant::OwnInputs { Buffers::Fresh } else { Buffers::Reused },
            calls: plan.calls.clone(),
            ..self.request(variant.switches(self.subject.switches), &plan.samples)
        };
        let run = self.run(&request)?;
        let failures = plan.failures(&run);
        let calls = plan.calls.iter().zip(&run.calls);
        let calls = calls.map(|(sample, called)| (plan.shape(*sample), called.micros)).collect();
        self.runs.push(VariantRun { variant, calls, failures: failures.clone() });
        Ok(Trial { run, failures })
    }

    fn request(&self, switches: Switches, samples: &[Sample]) -> Request {
        Request {
            protocol: VERSION,
            token: format!("tritonlint-{:016x}", RandomState::new().build_hasher().finish()),
            model: self.subject.file.clone(),
            device: self.effort.device,
            switches,
            threads: 1,
            memory: self.effort.memory,
            loading: Loading::Once,
            buffers: Buffers::Reused,
            binding: self.binding,
            samples: samples.iter().map(|sample| self.ordered(sample)).collect(),
            calls: Vec::new(),
        }
    }

    fn ordered(&self, sample: &Sample) -> Sample {
        self.order.iter().filter_map(|argument| sample.get(*argument).cloned()).collect()
    }

    fn run(&mut self, request: &Request) -> Result<Run, Stop> {
        let run = (self.start)(request)?;
        self.ready.get_or_insert_with(|| run.ready.clone());
        let failed = match &run.end {
            End::LoadFailed(error) => Symptom::Error { text: error.clone() },
            end if !run.is_loaded => died(end).unwrap_or(Symptom::Hang),
            _ => return Ok(run),
        };
        // The server's libtorch may be newer, or have operators that this one has not.
        let libtorch = &run.ready.libtorch;
        let reason = format!("the model does not load with libtorch {libtorch}: {failed}");
        Err(Stop::Verdict(Verdict::Inconclusive { reason }))
    }

    /// The parameters that hold for the whole server, as far as the helper can set them.
    fn server_wide(&self) -> Vec<Variant> {
        let has_every_switch = self.ready.as_ref().is_some_and(|ready| ready.has_every_switch);
        let all = [Variant::TensorFuserOff, Variant::ProfilingOff, Variant::ExecutorOff];
        all.into_iter().filter(|variant| *variant != Variant::ExecutorOff || has_every_switch).collect()
    }

    fn baked(&self, walk: &Walk<'_>, base: &Shapes, all: &[Shapes]) -> Option<Verdict> {
        let is_taken = |shapes: &&Shapes| self.shapes.contains(shapes);
        let (accepted, rejected): (Vec<_>, Vec<_>) = all.iter().partition(is_taken);
        let (input, axis, size) = walk.baked(base, &accepted, &rejected).into_iter().next()?;
        let failure =
            self.rejected.iter().find(|other| rejected.iter().any(|shapes| shapes.described() == other.shapes));
        let failure =
            failure.map(|other| Failure { call: 1, shapes: other.shapes.clone(), symptom: other.symptom.clone() })?;
        Some(Verdict::OtherCause { cause: Cause::ShapeBaked { input, axis, size }, failure })
    }

    /// Whether calls that are right take too long, and again, and not without optimized execution.
    fn stalled(&mut self, configured: &Trial, plan: &Plan) -> Verdict {
        self.delay = plan.late(&configured.run, SHORTEST_DELAY);
        let Some(failure) = plan.late(&configured.run, SHORTEST_STALL) else { return Verdict::NotReproduced };
        let mut stalls =
            |variant| self.trial(variant, plan).map(|trial| plan.late(&trial.run, SHORTEST_STALL).is_some());
        match (stalls(Variant::Configured), stalls(Variant::OptimizedOff)) {
            (Ok(true), Ok(false)) => Verdict::Confirmed { failure, cures: vec![Variant::OptimizedOff] },
            _ => Verdict::NotReproduced,
        }
    }
}

impl Plan {
    /// Which shape a sample has, by its number.
    fn shape(&self, sample: usize) -> usize {
        sample * self.shapes.len() / self.samples.len().max(1)
    }

    fn failure(&self, call: usize, symptom: Symptom) -> Failure {
        let shapes = self.calls.get(call).map(|sample| self.shapes[self.shape(*sample)].described());
        Failure { call: call + 1, shapes: shapes.unwrap_or_default(), symptom }
    }

    /// The calls that went otherwise than with a freshly loaded model.
    fn failures(&self, run: &Run) -> Vec<Failure> {
        let calls = self.calls.iter().zip(&run.calls).enumerate();
        let wrong = calls.filter_map(|(at, (sample, called))| {
            let symptom = match &called.answer {
                Answer::Outputs(outputs) => self.deviation(&self.expected[*sample], outputs)?,
                other => symptom(other),
            };
            Some(self.failure(at, symptom))
        });
        let end = died(&run.end).map(|symptom| self.failure(run.calls.len(), symptom));
        wrong.chain(end).collect()
    }

    /// The first call that went right in one run and wrong in another, or differently.
    fn difference(&self, right: &Run, other: &Run) -> Option<Failure> {
        let pairs = right.calls.iter().zip(&other.calls).enumerate();
        let mut differences = pairs.filter_map(|(at, (right, other))| {
            let symptom = match (&right.answer, &other.answer) {
                (Answer::Outputs(right), Answer::Outputs(other)) => self.deviation(right, other)?,
                (Answer::Outputs(_), wrong) => symptom(wrong),
                _ => return None,
            };
            Some(self.failure(at, symptom))
        });
        differences.next().or_else(|| {
            let symptom = died(&other.end)?;
            (right.calls.len() > other.calls.len()).then(|| self.failure(other.calls.len(), symptom))
        })
    }

    fn deviation(&self, expected: &[Output], found: &[Output]) -> Option<Symptom> {
        let text = deviation(expected, found).filter(|_| self.is_deterministic)?;
        Some(Symptom::Deviation { text })
    }

    /// The first call that took many times as long as most of the same shape. The first of a shape does
    /// not count: memory is got for it, and pages are read.
    fn late(&self, run: &Run, shortest: u64) -> Option<Failure> {
        let calls: Vec<(usize, u64)> =
            self.calls.iter().zip(&run.calls).map(|(sample, called)| (self.shape(*sample), called.micros)).collect();
        let median = |shape: usize| {
            let mut micros: Vec<u64> = calls.iter().filter(|call| call.0 == shape).map(|call| call.1).collect();
            micros.sort_unstable();
            micros[micros.len() / 2]
        };
        let is_first = |at: usize| calls[..at].iter().all(|call| call.0 != calls[at].0);
        let stalled = |at: &usize| {
            let (shape, micros) = calls[*at];
            micros > shortest && micros > STALL_FACTOR * median(shape) && !is_first(*at)
        };
        let at = (0..calls.len()).find(stalled)?;
        let (shape, micros) = calls[at];
        let symptom = Symptom::Stall { milliseconds: micros / 1000, usual: median(shape) / 1000 };
        Some(self.failure(at, symptom))
    }
}

/// The arguments of `forward` without `self`, types and names, as libtorch quotes them in an error.
fn declared(error: &str) -> Option<Vec<(&str, &str)>> {
    let declaration = error.split_once("Declaration: forward(")?.1.split_once(") -> ")?.0;
    let mut depth = 0_u32;
    let parts = declaration.split(|character| {
        depth = match character {
            '(' | '[' => depth + 1,
            ')' | ']' => depth.saturating_sub(1),
            _ => depth,
        };
        character == ',' && depth == 0
    });
    parts.skip(1).map(declared_argument).collect()
}

fn declared_argument(part: &str) -> Option<(&str, &str)> {
    let (kind, name) = part.trim().rsplit_once(' ')?;
    Some((kind, name.split('=').next().unwrap_or(name)))
}

fn died(end: &End) -> Option<Symptom> {
    match end {
        End::Done | End::LoadFailed(_) => None,
        End::Hung => Some(Symptom::Hang),
        End::Died(death) if is_memory(&death.words) => Some(Symptom::OutOfMemory),
        End::Died(death) => Some(Symptom::Crash { signal: death.signal }),
    }
}

/// What went wrong with an answer that has no outputs.
fn symptom(answer: &Answer) -> Symptom {
    match answer {
        Answer::Error(text) if is_memory(text) => Symptom::OutOfMemory,
        Answer::Error(text) => Symptom::Error { text: text.clone() },
        Answer::Unsupported(text) => Symptom::Unsupported { text: text.clone() },
        Answer::Outputs(_) => Symptom::Error { text: String::new() },
    }
}

/// Whether libtorch complains ("Expected all tensors to be on the same device") that what belongs together lies on several devices.
fn is_of_devices(symptom: &Symptom) -> bool {
    matches!(symptom, Symptom::Error { text } if text.contains("the same device"))
}

/// Whether libtorch, or C++, complains of too little memory.
fn is_memory(text: &str) -> bool {
    ["can't allocate memory", "bad_alloc", "not enough memory"].iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::{Effort, declared, examine};
    use crate::probe::child::{Answer, Called, Death, End, Run};
    use crate::probe::protocol::{
        Binding, Buffers, Confinement, Element, Input, Loading, Output, Ready, Request, Sample, Switches,
    };
    use crate::probe::subject::{Argument, Placement, Subject};
    use crate::probe::verdict::{Cause, Failure, Outcome, Symptom, Variant, Verdict};

    /// What a call does: the request, the samples since the load with that of the call as the last.
    type Forward = fn(&Request, &[&Sample]) -> Result<Answer, End>;

    fn probed(forward: Forward) -> Outcome {
        probed_as(Switches::default(), forward)
    }

    /// Probes a model with one variable dimension that does this.
    fn probed_as(switches: Switches, forward: Forward) -> Outcome {
        let subject = Subject {
            name: "m".into(),
            file: "m.pt".into(),
            arguments: vec![Argument { name: "X".into(), element: Element::Fp32, dims: vec![-1] }],
            max_batch_size: 0,
            switches,
            placement: Placement::Cpu,
            warmup: Vec::new(),
            outputs: Some(vec!["FP32"]),
        };
        let start = |request: &Request| Ok(run(request, forward));
        examine(&subject, &start, &Effort::default(), &|_| {}).unwrap_or_else(|error| panic!("{error}"))
    }

    fn run(request: &Request, forward: Forward) -> Run {
        let ready = Ready {
            protocol: 1,
            libtorch: "9".into(),
            has_every_switch: false,
            confinement: Confinement::FilesAndNetwork,
        };
        let mut run = Run { ready, is_loaded: true, calls: Vec::new(), end: End::Done };
        let mut since_load = Vec::new();
        for sample in &request.calls {
            if request.loading == Loading::EachCall {
                since_load.clear();
            }
            since_load.push(&request.samples[*sample]);
            // Called with nothing, to hear how it is declared.
            if request.samples[*sample].is_empty() && request.binding == Binding::Positional {
                let declaration = match forward(request, &[&one_of(8)]) {
                    Ok(Answer::Error(text)) => text,
                    _ => "forward() is missing value for argument 'x'".into(),
                };
                run.calls.push(Called { micros: 10, answer: Answer::Error(declaration) });
                continue;
            }
            match forward(request, &since_load) {
                Ok(answer) => run.calls.push(Called { micros: 10, answer }),
                Err(end) => {
                    run.end = end;
                    break;
                }
            }
        }
        run
    }

    fn one_of(length: i64) -> Sample {
        vec![Input { name: "X".into(), element: Element::Fp32, shape: vec![length], seed: 0 }]
    }

    fn length(sample: &Sample) -> i64 {
        sample[0].shape[0]
    }

    /// An output with a value that depends on a sample.
    fn output_of(sample: &Sample) -> Answer {
        let value = length(sample) * 10 + i64::try_from(sample[0].seed >> 32).unwrap_or_default();
        let value = Some(f64::from(i32::try_from(value).unwrap_or_default()));
        let element = "FP32".into();
        Answer::Outputs(vec![Output { element, shape: vec![1], values: vec![value], magnitude: value, digest: None }])
    }

    fn last<'s>(samples: &[&'s Sample]) -> &'s Sample {
        samples[samples.len() - 1]
    }

    fn error(text: &str) -> Answer {
        Answer::Error(text.into())
    }

    fn is_new_length(samples: &[&Sample]) -> bool {
        samples.iter().any(|sample| length(sample) != length(last(samples)))
    }

    #[test]
    fn a_model_that_is_right_is_not_reproduced() {
        let outcome = probed(|_, samples| Ok(output_of(last(samples))));
        assert_eq!(outcome.verdict, Verdict::NotReproduced);
        assert_eq!(
            outcome.evidence.map(|evidence| evidence.shapes),
            Some(vec!["[8]".into(), "[1]".into(), "[13]".into(), "[16]".into()])
        );
    }

    #[test]
    fn what_fails_only_when_optimized_is_confirmed() {
        let outcome = probed(|request, samples| {
            let fails =
                request.switches.optimized && request.switches.profiling != Some(false) && is_new_length(samples);
            Ok(if fails { error("mat1 and mat2") } else { output_of(last(samples)) })
        });
        let symptom = Symptom::Error { text: "mat1 and mat2".into() };
        assert_eq!(
            outcome.verdict,
            Verdict::Confirmed {
                failure: Failure { call: 4, shapes: "[1]".into(), symptom },
                cures: vec![Variant::OptimizedOff, Variant::ProfilingOff],
            }
        );
    }

    #[test]
    fn a_crash_a_hang_and_wrong_values_are_failures() {
        let crash = probed(|request, samples| {
            let death = Death { signal: Some(11), words: String::new() };
            let fails = request.switches.optimized && samples.len() == 2;
            if fails { Err(End::Died(death)) } else { Ok(output_of(last(samples))) }
        });
        assert!(matches!(
            crash.verdict,
            Verdict::Confirmed { failure: Failure { call: 2, symptom: Symptom::Crash { signal: Some(11) }, .. }, .. }
        ));
        let hang = probed(|request, samples| {
            let fails = request.switches.optimized && samples.len() == 3;
            if fails { Err(End::Hung) } else { Ok(output_of(last(samples))) }
        });
        assert!(matches!(
            hang.verdict,
            Verdict::Confirmed { failure: Failure { call: 3, symptom: Symptom::Hang, .. }, .. }
        ));
        let wrong = probed(|request, samples| {
            let fails = request.switches.optimized && samples.len() > 1;
            Ok(output_of(if fails { samples[0] } else { last(samples) }))
        });
        assert!(matches!(
            wrong.verdict,
            Verdict::Confirmed { failure: Failure { call: 2, symptom: Symptom::Deviation { .. }, .. }, .. }
        ));
    }

    #[test]
    fn what_fails_without_optimizing_too_has_another_cause() {
        let state =
            probed(|_, samples| Ok(if is_new_length(samples) { error("sizes") } else { output_of(last(samples)) }));
        assert!(matches!(
            state.verdict,
            Verdict::OtherCause { cause: Cause::StateKept, failure: Failure { call: 4, .. } }
        ));
        let input = probed(|request, samples| {
            let is_overwritten = request.buffers == Buffers::Reused && samples.len() > 1;
            Ok(output_of(if is_overwritten { samples[0] } else { last(samples) }))
        });
        assert!(matches!(input.verdict, Verdict::OtherCause { cause: Cause::InputKept, .. }));
        let already_off = probed_as(Switches { optimized: false, ..Switches::default() }, |_, samples| {
            Ok(if samples.len() > 1 { error("again") } else { output_of(last(samples)) })
        });
        assert!(matches!(already_off.verdict, Verdict::OtherCause { cause: Cause::StateKept, .. }));
    }

    #[test]
    fn what_a_fresh_model_rejects_is_its_own_limit() {
        let short =
            probed(|_, samples| Ok(if length(last(samples)) < 5 { error("kernel") } else { output_of(last(samples)) }));
        assert_eq!(short.verdict, Verdict::NotReproduced);
        assert_eq!(short.evidence.map(|evidence| evidence.rejected.len()), Some(1));
        let baked =
            probed(|_, samples| Ok(if length(last(samples)) == 64 { output_of(last(samples)) } else { error("view") }));
        let cause = Cause::ShapeBaked { input: "X".into(), axis: 0, size: 64 };
        assert!(matches!(baked.verdict, Verdict::OtherCause { cause: found, .. } if found == cause));
        let never = probed(|_, _| Ok(error("operator")));
        assert!(matches!(never.verdict, Verdict::Inconclusive { reason } if reason.contains("operator")));
        let endless = probed(|_, _| Err(End::Hung));
        assert!(matches!(endless.verdict, Verdict::OtherCause { cause: Cause::Itself, .. }));
        let elsewhere =
            probed(|_, _| Ok(error("RuntimeError: Expected all tensors to be on the same device, but found")));
        assert!(matches!(elsewhere.verdict, Verdict::OtherCause { cause: Cause::DeviceBaked, .. }));
        let large = probed(|_, _| Ok(error("DefaultCPUAllocator: can't allocate memory")));
        assert!(matches!(
            large.verdict,
            Verdict::OtherCause { failure: Failure { symptom: Symptom::OutOfMemory, .. }, .. }
        ));
    }

    #[test]
    fn outputs_that_the_back_end_refuses_are_told() {
        let other = probed(|_, samples| match output_of(last(samples)) {
            Answer::Outputs(outputs) => Ok(Answer::Outputs(
                outputs.into_iter().map(|output| Output { element: "FP64".into(), ..output }).collect(),
            )),
            other => Ok(other),
        });
        assert!(matches!(other.verdict, Verdict::OtherCause { cause: Cause::UnsupportedOutput, .. }));
    }

    #[test]
    fn values_that_differ_anyway_prove_nothing() {
        // As if each call drew other random numbers, also the two with the same input.
        let outcome = probed(|request, samples| {
            let is_again = std::ptr::eq(last(samples), &raw const request.samples[request.samples.len() - 1]);
            let value = if is_again { 5.0 } else { f64::from(u32::try_from(samples.len()).unwrap_or_default()) };
            let output = Output {
                element: "FP32".into(),
                shape: vec![1],
                values: vec![Some(value)],
                magnitude: Some(value),
                digest: None,
            };
            Ok(Answer::Outputs(vec![output]))
        });
        assert_eq!(outcome.verdict, Verdict::NotReproduced);
    }

    #[test]
    fn a_model_that_wants_a_dictionary_gets_one() {
        let outcome = probed(|request, samples| {
            let declared = "missing value. Declaration: forward(__torch__.M self, Dict(str, Tensor) inputs) -> Tensor";
            Ok(if request.binding == Binding::Dictionary { output_of(last(samples)) } else { error(declared) })
        });
        assert_eq!(outcome.verdict, Verdict::NotReproduced);
    }

    #[test]
    fn declarations_are_read() {
        let error = "forward() is missing value for argument 'x'. Declaration: forward(__torch__.M self, Tensor x, \
                     (int, Tensor)[] pairs, float scale=0.5) -> (Tensor, Tensor)";
        let expected = vec![("Tensor", "x"), ("(int, Tensor)[]", "pairs"), ("float", "scale")];
        assert_eq!(declared(error), Some(expected));
        assert_eq!(declared("no such thing"), None);
    }

    #[test]
    fn a_model_that_does_not_load_says_nothing() {
        let outcome = probed(|_, _| Err(End::LoadFailed("Unknown builtin op: torchvision::nms".into())));
        assert!(matches!(outcome.verdict, Verdict::Inconclusive { reason } if reason.contains("torchvision")));
    }
}
