//! Rules about which back-end runs a model, and what it is told.

use crate::model::{Backend, Model};
use crate::rule::{Level, Rule};
use crate::schema::Spanned;
use crate::schema::parameter::accelerator::{self, AcceleratorDescriptor, List};
use crate::schema::parameter::{CORE, Parameter};
use crate::schema::vocabulary::{Accelerator, InstanceGroupKind};
use crate::syntax::Span;

mod backend_of_newer_release;
mod conflicting_accelerators;
mod engine;
mod escaping_runtime;
mod ignored_accelerator;
mod ignored_parameter;
mod incompatible_tensorrt_engine;
mod invalid_boolean_parameter;
mod invalid_graph_spec;
mod invalid_parameter_value;
mod mismatched_dali_pipeline;
mod mismatched_engine;
mod mismatched_tree_model;
mod missing_engine;
mod missing_parameter;
mod openvino_input_count;
mod overridden_parameter;
mod platform_of_another_backend;
mod python_model_without_extension;
mod repeated_accelerator;
mod undetermined_backend;
mod unknown_accelerator;
mod unknown_accelerator_parameter;
mod unknown_backend;
mod unknown_openvino_tensor;
mod unknown_platform;
mod unpadded_openvino_batch;
mod unsupported_vllm_engine;
mod unsupported_vllm_setting;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &backend_of_newer_release::RULE,
    &conflicting_accelerators::RULE,
    &escaping_runtime::RULE,
    &ignored_accelerator::RULE,
    &ignored_parameter::RULE,
    &incompatible_tensorrt_engine::RULE,
    &invalid_boolean_parameter::RULE,
    &invalid_graph_spec::RULE,
    &invalid_parameter_value::RULE,
    &mismatched_dali_pipeline::RULE,
    &mismatched_engine::RULE,
    &mismatched_tree_model::RULE,
    &missing_engine::RULE,
    &missing_parameter::RULE,
    &openvino_input_count::RULE,
    &overridden_parameter::RULE,
    &platform_of_another_backend::RULE,
    &python_model_without_extension::RULE,
    &repeated_accelerator::RULE,
    &undetermined_backend::RULE,
    &unknown_accelerator::RULE,
    &unknown_accelerator_parameter::RULE,
    &unknown_backend::RULE,
    &unknown_openvino_tensor::RULE,
    &unknown_platform::RULE,
    &unpadded_openvino_batch::RULE,
    &unsupported_vllm_engine::RULE,
    &unsupported_vllm_setting::RULE,
];

/// A parameter that the model's back-end reads, with the value that the config gives it.
struct Setting<'m> {
    parameter: &'static Parameter,
    /// The value; empty where the entry has none.
    text: &'m str,
    /// The value's literal, if it is written.
    value: Option<Span>,
    /// The whole entry.
    entry: Span,
    /// Whether every server that loads the model reads it; false if it depends on the host.
    is_certain: bool,
}

impl Setting<'_> {
    fn place(&self) -> Span {
        self.value.unwrap_or(self.entry)
    }

    /// The level of a finding about a value that the back-end refuses.
    fn level(&self) -> Level {
        if self.is_certain { Level::Error } else { Level::Warning }
    }
}

/// The parameters that the back-end reads of the model's `parameters` and of its accelerators'.
fn settings(model: Model<'_>) -> Vec<Setting<'_>> {
    let Some(backend) = model.resolution().backend() else { return Vec::new() };
    let Some(table) = backend.parameters() else { return Vec::new() };
    let on_gpu = runs_on_gpu(model);
    let mut settings = Vec::new();
    for entry in model.config().parameters.in_force() {
        let Some(key) = entry.key.written() else { continue };
        let Some(parameter) = table.get(&key.value).or_else(|| CORE.get(&key.value)) else { continue };
        if !parameter.is_read() || (entry.value.written().is_none() && !entry.value.is_absent()) {
            continue;
        }
        if parameter.gpu_only && on_gpu == Answer::No {
            continue;
        }
        // An entry without a value, or without a string in it, has the empty string for one.
        let written = entry.value.written().map(|value| &value.value.string_value);
        let Some(text) = written.map_or(Some(""), |value| value.text()) else { continue };
        let value = written.and_then(|value| value.written()).map(|value| value.span);
        let is_certain = !parameter.gpu_only || on_gpu == Answer::Yes;
        settings.push(Setting { parameter, text, value, entry: entry.span, is_certain });
    }
    for (written, accelerator) in known_accelerators(model) {
        for entry in written.parameters.in_force() {
            let Some(key) = entry.key.written() else { continue };
            let Some(parameter) = accelerator.get(&key.value) else { continue };
            if entry.value.written().is_none() && !entry.value.is_absent() {
                continue;
            }
            let text = entry.value.written().map_or("", |value| value.value.as_str());
            let value = entry.value.written().map(|value| value.span);
            let is_certain = accelerator.list == List::Cpu || on_gpu == Answer::Yes;
            settings.push(Setting { parameter, text, value, entry: entry.span, is_certain });
        }
    }
    settings
}

/// The accelerators of a config that its back-end knows and reads.
fn known_accelerators(
    model: Model<'_>,
) -> impl Iterator<Item = (&Spanned<Accelerator>, &'static AcceleratorDescriptor)> {
    let backend = model.resolution().backend().and_then(Backend::name);
    let on_gpu = runs_on_gpu(model);
    written_accelerators(model).filter_map(move |(list, written)| {
        if list == List::Gpu && on_gpu == Answer::No {
            return None;
        }
        Some((written, accelerator::find(backend?, list, written.name.text()?)?))
    })
}

/// The accelerators of a config, with the list that each is in.
fn written_accelerators(model: Model<'_>) -> impl Iterator<Item = (List, &Spanned<Accelerator>)> {
    let optimization = model.config().optimization.written();
    let accelerators = optimization.and_then(|optimization| optimization.execution_accelerators.written());
    accelerators.into_iter().flat_map(|lists| {
        let gpu = lists.gpu_execution_accelerator.iter().map(|written| (List::Gpu, written));
        gpu.chain(lists.cpu_execution_accelerator.iter().map(|written| (List::Cpu, written)))
    })
}

/// What a config alone says to a question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// It depends on the host, or cannot be read.
    Depends,
}

/// Whether a model has instances on a GPU. Where no kind is written, a host with GPUs decides for them.
fn runs_on_gpu(model: Model<'_>) -> Answer {
    let groups = &model.config().instance_group;
    let kinds: Vec<_> = groups.iter().map(|group| group.kind.get()).collect();
    if kinds.contains(&Some(InstanceGroupKind::Gpu)) {
        Answer::Yes
    } else if !kinds.is_empty()
        && groups.is_intact()
        && kinds.iter().all(|kind| matches!(kind, Some(InstanceGroupKind::Cpu | InstanceGroupKind::Model)))
    {
        Answer::No
    } else {
        Answer::Depends
    }
}

/// Whether a FIL model classifies, by either name of the parameter; the outdated one wins.
fn fil_classifies(model: Model<'_>) -> Option<bool> {
    let said = |key: &str| match model.parameter(key)? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    said("output_class").or_else(|| said("is_classifier"))
}
