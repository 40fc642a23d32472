//! What a rule is: its name, its page, and the function that looks at a model.

use std::fmt;

use serde::Serialize;

use crate::diagnostic::Findings;
use crate::model::Model;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Info,
    /// The model loads, but is likely to fail, be slow, or do something else than what is written.
    Warning,
    /// The server refuses it: the model does not load, or every request to it fails.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Whether applying a fix needs a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// It may change what the server does with the model. Applied only when asked for.
    Unsafe,
    /// It keeps what the server does, or is the only reading under which the model loads.
    Safe,
}

/// What a rule is about: the folder that it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The text of the file, whatever it means.
    Syntax,
    /// Fields, values and their types.
    Schema,
    /// Files and folders, and what names them.
    Layout,
    /// Which back-end runs the model.
    Backend,
    /// Inputs and outputs.
    Tensor,
    /// Batching, queues and their policies.
    Batching,
    /// Sequences and their state.
    Sequence,
    /// Instance groups and devices.
    Instance,
    /// What surrounds inference: warm-up, response cache, metrics, transaction policy.
    Serving,
    /// Ensembles: how models are put together.
    Ensemble,
    /// The PyTorch back-end.
    Pytorch,
    /// ONNX models.
    Onnx,
    /// Python models.
    Python,
    /// Comments that silence other rules.
    Suppression,
    /// Settings that contradict each other or have no effect.
    Consistency,
    /// What makes the model slower or larger than it need be.
    Performance,
    /// What newer releases no longer do.
    Deprecated,
    /// What opens the server to others.
    Security,
    /// What reads worse than it might, and means the same to the server. Off unless asked for. How the text
    /// is laid out is a formatter's business and none of it.
    Style,
    /// What is right more often than not, and yet worth a look. Off unless asked for.
    Pedantic,
}

impl Category {
    /// Whether its rules run where the settings say nothing of them.
    #[must_use]
    pub fn is_on_by_default(self) -> bool {
        !matches!(self, Self::Style | Self::Pedantic)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "syntax",
            Self::Schema => "schema",
            Self::Layout => "layout",
            Self::Backend => "backend",
            Self::Tensor => "tensor",
            Self::Batching => "batching",
            Self::Sequence => "sequence",
            Self::Instance => "instance",
            Self::Serving => "serving",
            Self::Ensemble => "ensemble",
            Self::Pytorch => "pytorch",
            Self::Onnx => "onnx",
            Self::Python => "python",
            Self::Suppression => "suppression",
            Self::Consistency => "consistency",
            Self::Performance => "performance",
            Self::Deprecated => "deprecated",
            Self::Security => "security",
            Self::Style => "style",
            Self::Pedantic => "pedantic",
        })
    }
}

/// A rule.
pub struct Rule {
    /// Its name, which names the bad thing.
    pub name: &'static str,
    /// What it is about.
    pub category: Category,
    /// The back-ends whose models it is about, by their names; `ensemble` for ensembles. None if it is about
    /// models of any.
    pub backends: &'static [&'static str],
    /// The level of its findings, unless one of them says otherwise.
    pub level: Level,
    /// The safest fix that it ever proposes.
    pub fix: Option<Applicability>,
    /// Its page: documentation and test at once.
    pub page: &'static str,
    /// Looks at one model. Pure: the same model, the same findings.
    pub check: fn(Model<'_>, &mut Findings<'_>),
}

impl Rule {
    /// What it finds, in one line: the first paragraph of its page.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines = self.page.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
