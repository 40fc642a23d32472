//! The back-end parameters: keys that a back-end looks up in `parameters`, and in the `parameters` of an
//! execution accelerator. No back-end reports others, so these tables are all there is to compare with.
//!
//! One file a back-end; [`TABLES`] and [`accelerator::ACCELERATORS`] list them.

mod dali;
mod domain;
mod fil;
mod onnxruntime;
mod openvino;
mod python;
mod pytorch;
mod samples;
mod tensorflow;
mod tensorrt;
mod tensorrtllm;
mod vllm;

pub mod accelerator;

pub use domain::{Domain, Fault, Spelling};

use super::descriptor::Release;

/// A key that a back-end reads, or once read.
#[derive(Debug)]
pub struct Parameter {
    /// The key, exactly as the back-end looks it up.
    pub key: &'static str,
    /// What its value may be.
    pub domain: Domain,
    /// What the back-end makes of another value.
    pub otherwise: Otherwise,
    /// The value that stands for an entry left out; none if that is the framework's own choice.
    pub default: Option<&'static str>,
    /// The first release that reads it; none if all do that this project knows.
    pub since: Option<Release>,
    /// Values that later releases added, with the first release that takes each.
    pub newer_values: &'static [(&'static str, Release)],
    /// Whether it is still read.
    pub status: Status,
    /// Whether an empty value counts as none.
    pub empty_is_unset: bool,
    /// Whether only instances on a GPU read it.
    pub gpu_only: bool,
    /// What it does.
    pub doc: &'static str,
}

/// What a back-end makes of a value that it cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It fails to load the model.
    Refused,
    /// It takes the default.
    Default,
    /// It takes a switch for being off.
    Off,
}

/// Whether a parameter is still read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is.
    Read,
    /// It is, and has a successor.
    Deprecated {
        /// Since when.
        since: Release,
        /// What to write instead.
        successor: &'static str,
    },
    /// It is not.
    Removed {
        /// The first release without it; none if that is not known.
        since: Option<Release>,
        /// What to write instead, if there is such a thing.
        successor: Option<&'static str>,
    },
}

impl Parameter {
    const fn new(key: &'static str, domain: Domain, doc: &'static str) -> Self {
        Self {
            key,
            domain,
            otherwise: Otherwise::Refused,
            default: None,
            since: None,
            newer_values: &[],
            status: Status::Read,
            empty_is_unset: false,
            gpu_only: false,
            doc,
        }
    }

    const fn otherwise(self, otherwise: Otherwise) -> Self {
        Self { otherwise, ..self }
    }

    const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn since(self, release: &'static str) -> Self {
        Self { since: Some(Release::constant(release)), ..self }
    }

    const fn newer_values(self, newer_values: &'static [(&'static str, Release)]) -> Self {
        Self { newer_values, ..self }
    }

    const fn removed(self, release: &'static str) -> Self {
        Self { status: Status::Removed { since: Some(Release::constant(release)), successor: None }, ..self }
    }

    const fn obsolete(self) -> Self {
        Self { status: Status::Removed { since: None, successor: None }, ..self }
    }

    const fn replaced(self, release: &'static str, successor: &'static str) -> Self {
        let since = Some(Release::constant(release));
        Self { status: Status::Removed { since, successor: Some(successor) }, ..self }
    }

    const fn deprecated(self, release: &'static str, successor: &'static str) -> Self {
        Self { status: Status::Deprecated { since: Release::constant(release), successor }, ..self }
    }

    const fn unless_empty(self) -> Self {
        Self { empty_is_unset: true, ..self }
    }

    const fn gpu_only(self) -> Self {
        Self { gpu_only: true, ..self }
    }

    /// What is wrong with a text as its value.
    #[must_use]
    pub fn fault(&self, text: &str) -> Option<Fault> {
        if self.empty_is_unset && text.is_empty() { None } else { self.domain.fault(text) }
    }

    /// The first release that takes a value, if that is a later one than that of the parameter.
    #[must_use]
    pub fn value_since(&self, text: &str) -> Option<Release> {
        self.newer_values.iter().find(|(value, _)| *value == text).map(|(_, release)| *release)
    }

    /// Whether the newest release reads it.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        !matches!(self.status, Status::Removed { .. })
    }
}

/// What one reader looks up in a model's `parameters`.
#[derive(Debug)]
pub struct Table {
    /// The back-end's name; `core` for what the server itself reads.
    pub backend: &'static str,
    /// Who reads them, in words that follow "read by".
    pub reader: &'static str,
    /// Whether the back-end gives other keys to nobody: then one has no effect. A model in Python, or a
    /// back-end of many releases, may read more.
    pub is_closed: bool,
    /// The keys.
    pub parameters: &'static [Parameter],
    /// Settings of the whole back-end, which `--backend-config=<back-end>,<setting>=<value>` takes and
    /// `parameters` does not.
    pub command_line: &'static [&'static str],
}

impl Table {
    /// The parameter of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.key == key)
    }

    /// The keys that are still read.
    pub fn current(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.iter().filter(|parameter| parameter.is_read()).map(|parameter| parameter.key)
    }
}

/// What the server itself reads, for any back-end (core `backend_model.cc`, `TritonModel::Create`).
pub static CORE: Table = Table {
    backend: "core",
    reader: "the server itself, for every back-end",
    is_closed: false,
    parameters: &[Parameter::new(
        "TRITON_BATCH_STRATEGY_PATH",
        Domain::Path,
        "A library that decides which requests form a batch. Only a path inside the model's folder is taken.",
    )
    .since("23.01")],
    command_line: &["backend-directory", "default-max-batch-size", "min-compute-capability"],
};

pub use pytorch::{AOTI, PYTHON_RUNTIME, TORCHSCRIPT};

/// Every table. Of one back-end with several, the usual one comes first.
pub static TABLES: [&Table; 16] = [
    &CORE,
    &dali::TABLE,
    &fil::TABLE,
    &samples::IDENTITY,
    &onnxruntime::TABLE,
    &openvino::TABLE,
    &python::TABLE,
    &TORCHSCRIPT,
    &PYTHON_RUNTIME,
    &AOTI,
    &samples::REPEAT,
    &samples::SQUARE,
    &tensorflow::TABLE,
    &tensorrt::TABLE,
    &tensorrtllm::TABLE,
    &vllm::TABLE,
];

/// The table of a back-end; the first, where it has several.
#[must_use]
pub fn table(backend: &str) -> Option<&'static Table> {
    TABLES.into_iter().find(|table| table.backend == backend)
}

#[cfg(test)]
mod tests {
    use super::{TABLES, accelerator::ACCELERATORS};

    #[test]
    fn keys_are_unique_and_defaults_are_values() {
        let own = TABLES.iter().map(|table| (table.reader, table.parameters));
        let accelerators = ACCELERATORS.iter().map(|accelerator| (accelerator.name, accelerator.parameters));
        for (reader, parameters) in own.chain(accelerators) {
            let mut keys: Vec<_> = parameters.iter().map(|parameter| parameter.key).collect();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), parameters.len(), "a key is there twice: {reader}");
            for parameter in parameters {
                assert!(parameter.doc.ends_with('.'), "{}: {}", parameter.key, parameter.doc);
                let fault = parameter.default.and_then(|default| parameter.domain.fault(default));
                assert!(fault.is_none(), "the default of {} is none of its values: {fault:?}", parameter.key);
                let fault = parameter.newer_values.iter().find_map(|(value, _)| parameter.domain.fault(value));
                assert!(fault.is_none(), "{} has newer values that are none: {fault:?}", parameter.key);
            }
        }
    }
}
