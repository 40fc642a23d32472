//! What rules ask of every model of a repository: each model is asked once in a run, so that comparing
//! each with all others takes linear time.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Model;

/// What the models of a repository answered to one question.
pub trait Survey: Any + Default + Send + Sync {
    /// What one model has to say.
    type Answer;

    /// A config without this word has nothing to say and is not read; empty if any may have.
    const WORD: &'static str;

    /// Asks a model. The answer must not depend on other models.
    fn ask(model: Model<'_>) -> Option<Self::Answer>;

    /// Notes the answer of a model; they come by its name, in their order.
    fn note(&mut self, name: &str, answer: Self::Answer);
}

type Done = Arc<OnceLock<Arc<dyn Any + Send + Sync>>>;

/// The surveys that were held so far in one repository.
#[derive(Default)]
pub(super) struct Surveys {
    held: Mutex<HashMap<TypeId, Done>>,
}

impl Surveys {
    /// The survey of a kind, which the first who wants it holds.
    pub(super) fn get<S: Survey>(&self, hold: impl FnOnce() -> S) -> Arc<S> {
        let done = {
            let mut surveys = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            Done::clone(surveys.entry(TypeId::of::<S>()).or_default())
        };
        let survey = Arc::clone(done.get_or_init(|| Arc::new(hold())));
        // It is what its type says, so that this never fails.
        survey.downcast().unwrap_or_default()
    }
}
