//! The probe: runs a model as the server would, and says whether optimized execution makes it fail.
//!
//! Models run in processes of the helper, `tritonlint-probe`, which alone links libtorch. This side
//! chooses the calls, starts a process for each way to run them, and compares: [`Subject`] says what to
//! call, `shapes` with what, `experiment` in which variants; `child` lives through whatever a model does.

mod cache;
mod child;
mod compare;
mod consequence;
mod device;
mod experiment;
mod helper;
pub mod protocol;
mod shapes;
mod subject;
mod verdict;

use std::sync::Mutex;

pub use cache::Cache;
pub use consequence::{Means, Probed};
pub use experiment::Effort;
pub use helper::{Helper, Surroundings, Unavailable};
pub use protocol::{Confinement, Device};
pub use shapes::Shapes;
pub use subject::{Argument, GivenShape, Placement, Subject};
pub use verdict::{Cause, Evidence, Failure, Outcome, Rejected, Symptom, Variant, VariantRun, Verdict};

/// Hears what the probe is doing.
pub trait Progress: Sync {
    /// A variant of a model is being run.
    fn runs(&self, model: &str, variant: &str);
    /// A model is done.
    fn done(&self, model: &str);
}

/// Hears nothing.
pub struct Silence;

impl Progress for Silence {
    fn runs(&self, _model: &str, _variant: &str) {}
    fn done(&self, _model: &str) {}
}

/// Probes models, several at once, and says of each what was found, in their order. What is in the cache is not
/// run again.
///
/// # Errors
///
/// If the helper does not work here. That is found with the first model.
pub fn probe(means: Means<'_>, subjects: &[Subject]) -> Result<Vec<Outcome>, Unavailable> {
    let Means { helper, effort, progress, .. } = means;
    let start = |request: &protocol::Request| child::run(helper, request, effort.patience);
    let next = Mutex::new(subjects.iter().enumerate());
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..effort.at_once.clamp(1, subjects.len().max(1)) {
            scope.spawn(|| {
                while let Some((at, subject)) = take(&next) {
                    let tell = |variant: &str| progress.runs(&subject.name, variant);
                    let outcome = remembered(means, subject, || experiment::examine(subject, &start, effort, &tell));
                    progress.done(&subject.name);
                    let is_over = outcome.is_err();
                    push(&found, (at, outcome));
                    if is_over {
                        break;
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, outcome)| outcome).collect()
}

/// What was found before, or is found now and kept.
fn remembered(
    means: Means<'_>,
    subject: &Subject,
    examine: impl FnOnce() -> Result<Outcome, Unavailable>,
) -> Result<Outcome, Unavailable> {
    let known = means.cache.and_then(|cache| Some((cache, cache::key(means.helper, subject, means.effort)?)));
    let Some((cache, key)) = known else { return examine() };
    if let Some(found) = cache.find(&key) {
        // The same file can be in several models.
        return Ok(Outcome { model: subject.name.clone(), ..found });
    }
    let found = examine()?;
    cache.keep(&key, &found);
    Ok(found)
}

fn take<T>(next: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    next.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next()
}

fn push<T>(found: &Mutex<Vec<T>>, item: T) {
    found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(item);
}
