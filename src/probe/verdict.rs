//! What the probe found, with the evidence.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::protocol::{Confinement, Device, Switches};

/// What the probe found about one model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The model.
    pub model: String,
    /// What it comes to.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What it rests on; none if nothing was run.
    pub evidence: Option<Evidence>,
    /// Whether it was found by an earlier run, and kept.
    #[serde(rename = "from_cache")]
    pub is_from_cache: bool,
}

/// Whether optimized execution makes the model fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// It does: the model failed as configured, and the same calls without optimized execution did not.
    Confirmed {
        /// How it failed first.
        failure: Failure,
        /// The parameters with each of which all calls were right, the best first.
        cures: Vec<Variant>,
    },
    /// The model fails, and just the same without optimized execution.
    OtherCause {
        /// Why.
        cause: Cause,
        /// How it failed first.
        failure: Failure,
    },
    /// Every call was right.
    NotReproduced,
    /// There is nothing to say.
    Inconclusive {
        /// Why not.
        reason: String,
    },
}

/// Why a model fails that fails without optimized execution too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// A call depends on those before it.
    StateKept,
    /// It keeps an input, which is a view of memory that the next request overwrites.
    InputKept,
    /// It takes one size only of a dimension that the config has as variable.
    ShapeBaked {
        /// Of which input.
        input: String,
        /// Which dimension, from 0, with that of the batch.
        axis: usize,
        /// The one size.
        size: i64,
    },
    /// What it computes with lies on several devices: its code names one.
    DeviceBaked,
    /// The back-end does not take what it gives for an output.
    UnsupportedOutput,
    /// It fails with every shape, also freshly loaded.
    Itself,
}

/// A call that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which call since the load, from 1.
    pub call: usize,
    /// The shapes of its inputs.
    pub shapes: String,
    /// How.
    pub symptom: Symptom,
}

/// How a call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "symptom", rename_all = "kebab-case")]
pub enum Symptom {
    /// libtorch reports an error.
    Error {
        /// What it says.
        text: String,
    },
    /// The process dies.
    Crash {
        /// Of which signal, where there are signals.
        signal: Option<i32>,
    },
    /// The call does not come back.
    Hang,
    /// There is not enough memory.
    OutOfMemory,
    /// The outputs are others than those of a freshly loaded model.
    Deviation {
        /// In what.
        text: String,
    },
    /// The back-end does not take the outputs.
    Unsupported {
        /// What it says.
        text: String,
    },
    /// The call takes many times as long as others.
    Stall {
        /// Milliseconds that it takes.
        milliseconds: u64,
        /// Milliseconds that others take.
        usual: u64,
    },
}

/// A way to run the model, each in a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// As the config says.
    Configured,
    /// With `DISABLE_OPTIMIZED_EXECUTION`.
    OptimizedOff,
    /// The same, and each call has input memory of its own.
    OwnInputs,
    /// Without `ENABLE_TENSOR_FUSER`.
    TensorFuserOff,
    /// Without `ENABLE_JIT_PROFILING`.
    ProfilingOff,
    /// Without `ENABLE_JIT_EXECUTOR`.
    ExecutorOff,
}

/// What was run, and what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// The release of libtorch.
    pub libtorch: String,
    /// The device.
    pub device: String,
    /// What the model was kept from.
    pub confinement: Confinement,
    /// Whether it ran in the server's inference mode, if the config does not switch that off.
    pub has_inference_mode: bool,
    /// Whether the config may place the model on a device of another kind, where it was not run.
    pub may_run_elsewhere: bool,
    /// The shapes that were called.
    pub shapes: Vec<String>,
    /// The shapes that the model itself does not take: freshly loaded, without optimized execution.
    pub rejected: Vec<Rejected>,
    /// A call that was right, and took many times as long as others of its shape.
    pub delay: Option<Failure>,
    /// One run a variant.
    pub runs: Vec<VariantRun>,
}

/// Shapes that a model does not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The shapes.
    pub shapes: String,
    /// What happens.
    pub symptom: Symptom,
}

/// What came of one variant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VariantRun {
    /// The variant.
    pub variant: Variant,
    /// The calls that came back: which shape, by its number, and microseconds.
    pub calls: Vec<(usize, u64)>,
    /// The calls that went wrong.
    pub failures: Vec<Failure>,
}

impl Variant {
    /// The parameter that makes the server run it so, with its value.
    #[must_use]
    pub fn parameter(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Configured | Self::OwnInputs => None,
            Self::OptimizedOff => Some(("DISABLE_OPTIMIZED_EXECUTION", "true")),
            Self::TensorFuserOff => Some(("ENABLE_TENSOR_FUSER", "false")),
            Self::ProfilingOff => Some(("ENABLE_JIT_PROFILING", "false")),
            Self::ExecutorOff => Some(("ENABLE_JIT_EXECUTOR", "false")),
        }
    }

    /// Whether the parameter holds for all TorchScript models of a server.
    #[must_use]
    pub fn is_server_wide(self) -> bool {
        matches!(self, Self::TensorFuserOff | Self::ProfilingOff | Self::ExecutorOff)
    }

    pub(super) fn switches(self, configured: Switches) -> Switches {
        match self {
            Self::Configured => configured,
            Self::OptimizedOff | Self::OwnInputs => Switches { optimized: false, ..configured },
            Self::TensorFuserOff => Switches { tensor_fuser: Some(false), ..configured },
            Self::ProfilingOff => Switches { profiling: Some(false), ..configured },
            Self::ExecutorOff => Switches { executor: Some(false), ..configured },
        }
    }
}

impl Symptom {
    /// Whether the result is right, and only late.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        matches!(self, Self::Stall { .. })
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configured => f.write_str("as configured"),
            Self::OwnInputs => f.write_str("own input memory"),
            other => {
                let (key, value) = other.parameter().unwrap_or_default();
                write!(f, "{key} {value}")
            }
        }
    }
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { text } | Self::Unsupported { text } => write!(f, "error: {}", essence(text)),
            Self::Crash { signal: Some(signal) } => write!(f, "crash (signal {signal}{})", name(*signal)),
            Self::Crash { signal: None } => f.write_str("crash"),
            Self::Hang => f.write_str("hang"),
            Self::OutOfMemory => f.write_str("out of memory"),
            Self::Deviation { text } => write!(f, "wrong result: {text}"),
            Self::Stall { milliseconds, usual } => write!(f, "late: {milliseconds} ms, where {usual} ms are usual"),
        }
    }
}

fn name(signal: i32) -> &'static str {
    match signal {
        4 => ", illegal instruction",
        6 => ", abort",
        8 => ", arithmetic error",
        9 => ", killed",
        11 => ", segmentation fault",
        25 => ", file size limit",
        _ => "",
    }
}

/// The line of libtorch's report that says what is wrong; the others say where in the model's code.
fn essence(text: &str) -> &str {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().rfind(|line| line.contains("Error: "));
    error.or_else(|| lines().next()).unwrap_or_default()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {} with {}: {}", self.call, self.shapes, self.symptom)
    }
}

impl Outcome {
    /// Nothing could be run, for this reason.
    #[must_use]
    pub fn inconclusive(model: String, reason: String) -> Self {
        Self { model, verdict: Verdict::Inconclusive { reason }, evidence: None, is_from_cache: false }
    }

    /// The verdict in one word or two.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match &self.verdict {
            Verdict::Confirmed { .. } => "confirmed",
            Verdict::OtherCause { .. } => "other cause",
            Verdict::NotReproduced => "not reproduced",
            Verdict::Inconclusive { .. } => "inconclusive",
        }
    }

    /// The verdict in sentences.
    #[must_use]
    pub fn explanation(&self) -> String {
        let mut ran = self.evidence.as_ref().map(Evidence::described).unwrap_or_default();
        if self.is_from_cache {
            ran.push_str(", found by an earlier run");
        }
        match &self.verdict {
            Verdict::Confirmed { failure, cures } => {
                let cures: Vec<_> = cures.iter().map(|cure| format!("with {cure}")).collect();
                let passed = if cures.is_empty() {
                    "without optimized execution the same call is right, but not all others are".to_owned()
                } else if failure.symptom.is_slow() {
                    format!("no call stalls {}", cures.join(", "))
                } else {
                    format!("all calls are right {}", cures.join(", "))
                };
                format!("{failure}; {passed} ({ran})")
            }
            Verdict::OtherCause { cause, failure } => format!("{}; {failure} ({ran})", cause.explanation()),
            Verdict::NotReproduced => {
                let elsewhere = self.evidence.as_ref().filter(|evidence| evidence.may_run_elsewhere);
                let limit = match elsewhere {
                    Some(evidence) if evidence.device == Device::Cpu.to_string() => {
                        "; it may be placed on GPUs, where libtorch generates other code, so this refutes nothing"
                    }
                    Some(_) => "; it may be placed on the CPU too, where it was not run",
                    None => "; the server's libtorch may be another",
                };
                let delay = self.evidence.as_ref().and_then(|evidence| evidence.delay.as_ref());
                let delay = delay.map(|delay| format!("; the slowest repeated one is {delay}")).unwrap_or_default();
                format!("every call was right ({ran}){delay}{limit}")
            }
            Verdict::Inconclusive { reason } if ran.is_empty() => reason.clone(),
            Verdict::Inconclusive { reason } => format!("{reason} ({ran})"),
        }
    }
}

impl Cause {
    /// The rule that is about this, if there is one.
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        Some(match self {
            Self::StateKept => "state-kept-in-module",
            Self::InputKept => "input-kept-without-copy",
            Self::ShapeBaked { .. } => "baked-shape",
            Self::DeviceBaked => "baked-device",
            Self::UnsupportedOutput => "unsupported-forward-signature",
            Self::Itself => return None,
        })
    }

    /// Why the model fails, and what would help.
    #[must_use]
    pub fn explanation(&self) -> String {
        match self {
            Self::StateKept => "the model keeps state between calls, with and without optimized execution: a call \
                                depends on those before it"
                .into(),
            Self::InputKept => "the model keeps an input without clone(), with and without optimized execution: the \
                                server's inputs are views of memory that the next request overwrites"
                .into(),
            Self::ShapeBaked { input, axis, size } => format!(
                "dimension {axis} of `{input}` can only be {size}, as tracing bakes sizes in: other sizes fail with \
                 the first call, and without optimized execution"
            ),
            Self::DeviceBaked => {
                "the model's code names a device, so that what it makes there does not go together with \
                                  inputs and weights on another, with and without optimized execution"
                    .into()
            }
            Self::UnsupportedOutput => "the back-end does not take what the model gives".into(),
            Self::Itself => "the model fails by itself: freshly loaded, and without optimized execution".into(),
        }
    }
}

impl Evidence {
    /// "9 calls of 2 shapes, CPU, libtorch 2.13.0".
    #[must_use]
    pub fn described(&self) -> String {
        let calls = self.runs.first().map_or(0, |run| run.calls.len());
        let libtorch = &self.libtorch;
        if calls == 0 {
            return format!("{}, libtorch {libtorch}", self.device);
        }
        let shapes = self.shapes.len();
        let shapes = if shapes == 1 { "1 shape".to_owned() } else { format!("{shapes} shapes") };
        format!("{calls} calls of {shapes}, {}, libtorch {libtorch}", self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::essence;

    #[test]
    fn the_line_that_matters_is_told() {
        let text = "The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript (most \
                    recent call last):\n  File \"m.py\", line 5, in forward\n    return x + y\n           ~~~~~ <--- \
                    HERE\nRuntimeError: The size of tensor a (13) must match\n";
        assert_eq!(essence(text), "RuntimeError: The size of tensor a (13) must match");
        assert_eq!(essence("shape '[8, 2]' is invalid\nException raised from"), "shape '[8, 2]' is invalid");
        assert_eq!(essence(""), "");
    }
}
