//! Rules about Python models: what the config says of them against what their code says.

use crate::artifact::Artifact;
use crate::artifact::python::Python;
use crate::model::{Model, ModelFile};
use crate::rule::Rule;
use crate::syntax::Span;

mod decoupled_mismatch;
mod gpu_input_as_array;
mod ignored_instance_device;
mod invalid_execution_environment;
mod missing_python_model;
mod uncallable_python_method;
mod unknown_called_model;
mod unknown_python_input;
mod unwritten_parameter;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &decoupled_mismatch::RULE,
    &gpu_input_as_array::RULE,
    &ignored_instance_device::RULE,
    &invalid_execution_environment::RULE,
    &missing_python_model::RULE,
    &uncallable_python_method::RULE,
    &unknown_called_model::RULE,
    &unknown_python_input::RULE,
    &unwritten_parameter::RULE,
];

/// The code of the versions of a model that the Python back-end loads; none for models of other back-ends.
fn sources(model: Model<'_>) -> impl Iterator<Item = (&ModelFile, &Python)> {
    let is_python = model.runs_python();
    model.model_files().iter().filter(move |_| is_python).filter_map(|file| match file.artifact()? {
        Artifact::Python(python) => Some((file, &**python)),
        _ => None,
    })
}

/// Whether the model goes by its config as it is written: the code is known not to complete it.
fn is_as_written(model: Model<'_>, python: &Python) -> bool {
    !model.server().auto_complete_config || python.completes_config() == Some(false)
}

/// Where the config says that this is a Python model.
fn backend_span(model: Model<'_>) -> Span {
    let written = model.selecting();
    written.map_or(Span::empty(0), |written| written.span)
}
