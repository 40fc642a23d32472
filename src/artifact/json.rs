//! Model files that are JSON: engines of TensorRT-LLM, and what vLLM is to serve.

use std::collections::BTreeSet;
use std::io::Read;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Unreadable, refuse_other};

/// The bytes of the longest file that is read; real ones have some kilobytes.
const LONGEST: u64 = 1024 * 1024;

/// A `config.json` beside an engine of TensorRT-LLM. What is not there, or not of the usual type, is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TensorRtLlmEngine {
    /// The version of TensorRT-LLM that built the engine; it runs with no other.
    pub version: Option<String>,
    /// What the model is, such as `LlamaForCausalLM`.
    pub architecture: Option<String>,
    /// The requests that it takes at once.
    pub max_batch_size: Option<u64>,
    /// The most beams of a search.
    pub max_beam_width: Option<u64>,
    /// The most tokens of an input.
    pub max_input_len: Option<u64>,
    /// The most tokens of an input and its output.
    pub max_seq_len: Option<u64>,
    /// The most tokens that are worked on at once.
    pub max_num_tokens: Option<u64>,
    /// The processes that it runs in: a file `rankN.engine` each.
    pub world_size: Option<u64>,
    /// Over how many devices its tensors are split.
    pub tensor_parallel: Option<u64>,
    /// Over how many devices its layers are split.
    pub pipeline_parallel: Option<u64>,
    /// How the keys and values are kept, such as `PAGED`.
    pub kv_cache_type: Option<String>,
    /// Whether the context is worked on with a paged cache, as `enable_chunked_context` and reuse of the cache need.
    pub paged_context_attention: Option<bool>,
    /// Whether logits of the input are given.
    pub gathers_context_logits: Option<bool>,
    /// Whether logits of the output are given.
    pub gathers_generation_logits: Option<bool>,
}

/// A `model.json` of the vLLM back-end: the arguments of its engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VllmEngine {
    /// The name or path of the model.
    pub model: Option<String>,
    /// Over how many devices its tensors are split.
    pub tensor_parallel_size: Option<u64>,
    /// Over how many devices its layers are split.
    pub pipeline_parallel_size: Option<u64>,
    /// The share of a GPU's memory that it takes, in thousandths.
    pub gpu_memory_thousandths: Option<u32>,
    /// Whether adapters are served: then `multi_lora.json` must be beside it.
    pub enable_lora: Option<bool>,
    /// All arguments that are given.
    pub arguments: BTreeSet<String>,
}

/// Reads the `config.json` of an engine of TensorRT-LLM.
///
/// # Errors
///
/// If the file only stands for one, is no JSON, no object, or too long.
pub fn read_tensorrt_llm(file: impl Read) -> Result<TensorRtLlmEngine, Unreadable> {
    let config: EngineConfig = read(file)?;
    let (build, pretrained) = (config.build_config, config.pretrained_config);
    // Up to 2023, everything was in one group.
    let old = config.builder_config;
    Ok(TensorRtLlmEngine {
        version: config.version,
        architecture: pretrained.architecture,
        max_batch_size: build.max_batch_size.or(old.max_batch_size),
        max_beam_width: build.max_beam_width.or(old.max_beam_width),
        max_input_len: build.max_input_len.or(old.max_input_len),
        max_seq_len: build.max_seq_len,
        max_num_tokens: build.max_num_tokens.or(old.max_num_tokens),
        world_size: pretrained.mapping.world,
        tensor_parallel: pretrained.mapping.tensor_parallel.or(old.tensor_parallel),
        pipeline_parallel: pretrained.mapping.pipeline_parallel.or(old.pipeline_parallel),
        kv_cache_type: build.kv_cache_type,
        paged_context_attention: build.plugin_config.use_paged_context_fmha,
        gathers_context_logits: build.gather_context_logits.or(old.gather_all_token_logits),
        gathers_generation_logits: build.gather_generation_logits.or(old.gather_all_token_logits),
    })
}

/// Reads the `model.json` of the vLLM back-end.
///
/// # Errors
///
/// If the file only stands for one, is no JSON, no object, or too long.
pub fn read_vllm(file: impl Read) -> Result<VllmEngine, Unreadable> {
    let arguments: serde_json::Map<String, Value> = read(file)?;
    let number = |name: &str| arguments.get(name)?.as_u64();
    Ok(VllmEngine {
        model: arguments.get("model").and_then(Value::as_str).map(str::to_owned),
        tensor_parallel_size: number("tensor_parallel_size"),
        pipeline_parallel_size: number("pipeline_parallel_size"),
        gpu_memory_thousandths: arguments.get("gpu_memory_utilization").and_then(Value::as_f64).and_then(thousandths),
        enable_lora: arguments.get("enable_lora").and_then(Value::as_bool),
        arguments: arguments.keys().cloned().collect(),
    })
}

/// A share as thousandths; none if it is no share of one.
fn thousandths(share: f64) -> Option<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
    (0.0..=1.0).contains(&share).then(|| (share * 1000.0).round() as u32)
}

fn read<T: DeserializeOwned>(file: impl Read) -> Result<T, Unreadable> {
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    refuse_other(&bytes, bytes.len() as u64)?;
    if bytes.len() as u64 > LONGEST {
        return Err(Unreadable::TooLarge(format!("it has more than {} KiB", LONGEST / 1024)));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => Unreadable::Truncated(error.to_string()),
        serde_json::error::Category::Data => Unreadable::Other("no JSON object".to_owned()),
        // Other parsers go deeper.
        _ if error.to_string().starts_with("recursion limit") => {
            Unreadable::TooLarge("it is nested too deeply".to_owned())
        }
        _ => Unreadable::Malformed(error.to_string()),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EngineConfig {
    #[serde(deserialize_with = "lenient")]
    version: Option<String>,
    #[serde(deserialize_with = "lenient_group")]
    pretrained_config: PretrainedConfig,
    #[serde(deserialize_with = "lenient_group")]
    build_config: BuildConfig,
    #[serde(deserialize_with = "lenient_group")]
    builder_config: BuilderConfig,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PretrainedConfig {
    #[serde(deserialize_with = "lenient")]
    architecture: Option<String>,
    #[serde(deserialize_with = "lenient_group")]
    mapping: Mapping,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Mapping {
    #[serde(rename = "world_size", deserialize_with = "lenient")]
    world: Option<u64>,
    #[serde(rename = "tp_size", deserialize_with = "lenient")]
    tensor_parallel: Option<u64>,
    #[serde(rename = "pp_size", deserialize_with = "lenient")]
    pipeline_parallel: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BuildConfig {
    #[serde(deserialize_with = "lenient")]
    max_batch_size: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_beam_width: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_input_len: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_seq_len: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_num_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    kv_cache_type: Option<String>,
    #[serde(deserialize_with = "lenient")]
    gather_context_logits: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    gather_generation_logits: Option<bool>,
    #[serde(deserialize_with = "lenient_group")]
    plugin_config: PluginConfig,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PluginConfig {
    #[serde(deserialize_with = "lenient")]
    use_paged_context_fmha: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BuilderConfig {
    #[serde(deserialize_with = "lenient")]
    max_batch_size: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_beam_width: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_input_len: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_num_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    tensor_parallel: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pipeline_parallel: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    gather_all_token_logits: Option<bool>,
}

/// A value; none if it is of another type.
fn lenient<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Value::deserialize(deserializer)?).ok())
}

/// A group of values; an empty one if it is of another type.
fn lenient_group<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(lenient(deserializer)?.unwrap_or_default())
}
