//! Where the engine of a TensorRT-LLM model is, as far as it lies in the model's own folder.

use crate::artifact::json::TensorRtLlmEngine;
use crate::artifact::{Artifact, Format};
use crate::model::{Backend, Model, Reading};
use crate::syntax::Span;

/// The folder of the decoder's engine.
pub(super) struct EngineFolder {
    /// Where the config names it.
    pub(super) span: Span,
    /// Its path in the model's folder.
    pub(super) path: String,
}

/// The folder in which the back-end for TensorRT-LLM looks for the engine, if the path that the config has goes through a
/// version of this model: `/models/my_model/1`. What the root of the repository is called on the server nobody knows here.
pub(super) fn engine_folder(model: Model<'_>) -> Option<EngineFolder> {
    let is_trtllm = matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "tensorrtllm");
    let name = model.directory_name().filter(|_| is_trtllm)?;
    let entry = model.config().parameters.get("gpt_model_path")?;
    let path = model.parameter("gpt_model_path")?;
    let parts: Vec<_> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return None;
    }
    let is_version = |folder: &str| folder.bytes().all(|byte| byte.is_ascii_digit());
    let at = parts.windows(2).rposition(|pair| pair[0] == name && is_version(pair[1]))?;
    Some(EngineFolder { span: entry.span, path: parts[at + 1..].join("/") })
}

impl EngineFolder {
    /// The path of its `config.json`.
    pub(super) fn config(&self) -> String {
        format!("{}/config.json", self.path)
    }

    /// What its `config.json` says; none if it is not there.
    pub(super) fn read(&self, model: Model<'_>) -> Option<Reading> {
        model.read_beside(&self.config(), Format::TensorRtLlm)
    }
}

/// What an engine was built for, if its `config.json` could be read.
pub(super) fn built_for(reading: &Reading) -> Option<&TensorRtLlmEngine> {
    match reading.as_ref() {
        Ok(Artifact::TensorRtLlm(engine)) => Some(engine),
        _ => None,
    }
}
