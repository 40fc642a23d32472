use std::collections::{BTreeSet, HashMap};

use crate::diagnostic::Findings;
use crate::model::{Backend, Model, Survey};
use crate::rule::{Category, Level, Rule};
use crate::schema::Spanned;

pub(super) static RULE: Rule = Rule {
    name: "shared-engine-cache",
    category: Category::Consistency,
    backends: &["onnxruntime"],
    level: Level::Warning,
    fix: None,
    page: include_str!("shared_engine_cache.md"),
    check,
};

/// ONNX Runtime names an engine by the name of the model's file without its folders, and by the names of the
/// tensors in the graph (`core/providers/tensorrt/onnx_ctx_model_helper.cc` and
/// `tensorrt_execution_provider_utils.h`, `TRTGenerateId`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(own) = Cache::of(model) else { return };
    let survey = model.repository().survey::<Caches>();
    let same = survey.0.get(&own.key()).into_iter().flatten();
    let mut others = same.filter(|name| Some(name.as_str()) != model.directory_name());
    let Some(other) = others.find_map(|name| model.repository().model(name)) else { return };
    let are_alike = tensors(model).is_some_and(|own| tensors(other) == Some(own));
    let level = if are_alike { Level::Warning } else { Level::Info };
    findings
        .add(own.path.span, format!("the model `{}` keeps its engines here, too", other.name()))
        .level(level)
        .note(
            "engines are told apart by the name of the model's file and the names of its tensors; weights do not count: \
             of two models of one structure, one takes the engine of the other and answers with its weights",
        )
        .help("give each model a folder of its own, or a `trt_engine_cache_prefix`");
}

/// Where a model keeps the engines that TensorRT builds for it.
struct Cache<'c> {
    path: &'c Spanned<String>,
    prefix: &'c str,
    file: &'c str,
}

impl<'c> Cache<'c> {
    fn of(model: Model<'c>) -> Option<Self> {
        if model.resolution().backend() != Some(&Backend::OnnxRuntime) {
            return None;
        }
        let lists = model.config().optimization.written()?.value.execution_accelerators.written()?;
        let mut accelerators = lists.value.gpu_execution_accelerator.iter();
        let written = accelerators.find(|written| written.name.text() == Some("tensorrt"))?;
        let parameters = &written.value.parameters;
        let is_on = parameters.get("trt_engine_cache_enable")?.value.written()?;
        let path = parameters.get("trt_engine_cache_path")?.value.written()?;
        let prefix = match parameters.get("trt_engine_cache_prefix") {
            Some(prefix) => prefix.value.written()?.value.as_str(),
            None => "",
        };
        let is_on = matches!(is_on.value.to_ascii_lowercase().as_str(), "true" | "1" | "on");
        is_on.then_some(Self { path, prefix, file: model.model_file_name()? })
    }

    /// What is the same of two models that keep the same engine.
    fn key(&self) -> Key {
        (self.path.value.trim_end_matches('/').to_owned(), self.prefix.to_owned(), self.file.to_owned())
    }
}

/// The folder of a cache, its prefix, and the name of the model's file.
type Key = (String, String, String);

/// The first two models that keep the same engine: one of them is another than any third.
#[derive(Default)]
struct Caches(HashMap<Key, Vec<String>>);

impl Survey for Caches {
    type Answer = Key;
    const WORD: &'static str = "execution_accelerators";

    fn ask(model: Model<'_>) -> Option<Self::Answer> {
        Cache::of(model).map(|cache| cache.key())
    }

    fn note(&mut self, name: &str, key: Self::Answer) {
        let models = self.0.entry(key).or_default();
        if models.len() < 2 {
            models.push(name.to_owned());
        }
    }
}

/// The names of a model's tensors; none if it does not write any.
fn tensors(model: Model<'_>) -> Option<(BTreeSet<&str>, BTreeSet<&str>)> {
    let config = model.config();
    let inputs: BTreeSet<_> = config.input.iter().filter_map(|input| input.value.name.text()).collect();
    let outputs: BTreeSet<_> = config.output.iter().filter_map(|output| output.value.name.text()).collect();
    (!inputs.is_empty() && !outputs.is_empty()).then_some((inputs, outputs))
}
