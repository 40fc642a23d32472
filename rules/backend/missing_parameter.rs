use super::fil_classifies;
use crate::diagnostic::Findings;
use crate::edit::set_parameter;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "missing-parameter",
    category: Category::Backend,
    backends: &["fil", "tensorrt", "tensorrtllm"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("missing_parameter.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.config().parameters.is_intact() {
        return;
    }
    match model.resolution().backend() {
        Some(Backend::Other(name)) if name == "fil" => fil(model, findings),
        Some(Backend::Other(name)) if name == "tensorrtllm" => tensorrt_llm(model, findings),
        Some(Backend::TensorRt) => tensorrt(model, findings),
        _ => {}
    }
}

/// `fil_backend` `src/shared_state.h`, `RapidsSharedState::load`.
fn fil(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_left_out = |key: &str| model.config().parameters.get(key).is_none();
    if is_left_out("is_classifier") && is_left_out("output_class") {
        findings
            .add(place(model), "nothing says whether the model is a classifier: `is_classifier` is missing")
            .note("the FIL back-end has no default for it and fails to load the model")
            .help(
                "set the parameter is_classifier to \"true\" or \"false\"; before release 25.09 it is called \
                 output_class",
            );
    }
    if fil_classifies(model) == Some(true) && is_left_out("threshold") {
        let finding = findings
            .add(place(model), "the model is a classifier, and has no `threshold`")
            .note("the documentation has a default of 0.5, the FIL back-end has none and fails to load the model")
            .help("set the parameter threshold, as a rule to \"0.5\"");
        if let Some(edit) = set_parameter(model.tree(), &model.config().parameters, "threshold", "0.5") {
            finding.fix(Applicability::Unsafe, "set `threshold` to 0.5", edit);
        }
    }
}

/// `inflight_batcher_llm` `src/model_state.cc` and `src/model_instance_state.cc`.
fn tensorrt_llm(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_left_out = |key: &str| model.config().parameters.get(key).is_none();
    let is_empty = |key: &str| is_left_out(key) || model.parameter(key) == Some("");
    if is_left_out("gpt_model_type") {
        findings
            .add(place(model), "`gpt_model_type` is missing")
            .note("the TensorRT-LLM back-end has no default for it and fails to load the model")
            .help("set the parameter gpt_model_type, as a rule to \"inflight_fused_batching\"");
    }
    if is_empty("gpt_model_path") && is_empty("encoder_model_path") {
        findings
            .add(place(model), "nothing says where the engine is: `gpt_model_path` is missing")
            .note("the TensorRT-LLM back-end fails to load a model without an engine for the decoder or the encoder")
            .help("set the parameter gpt_model_path to the folder of the engine");
    }
    let newer = ["tokenizer_dir", "xgrammar_tokenizer_info_path", "guided_decoding_backend"];
    let missing: Vec<_> = newer.into_iter().filter(|key| is_left_out(key)).map(|key| format!("`{key}`")).collect();
    if !missing.is_empty() {
        findings
            .add(place(model), format!("newer releases want {} as well", missing.join(", ")))
            .level(Level::Warning)
            .note(
                "since TensorRT-LLM can guide decoding, its back-end fails to load a model without these keys; their \
                 values may be empty",
            )
            .help("set them, to \"\" if there is nothing to say");
    }
    if model.parameter("decoding_mode") == Some("lookahead") {
        for key in ["lookahead_window_size", "lookahead_ngram_size", "lookahead_verification_set_size"] {
            if is_left_out(key) {
                findings
                    .add(place(model), format!("`{key}` is missing, and `decoding_mode` is lookahead"))
                    .note("lookahead decoding needs all three of its sizes; without one the model fails to load")
                    .help(format!("set the parameter {key}, or choose another decoding_mode"));
            }
        }
    }
}

/// `tensorrt_backend` `src/model_state.cc`, `ParseParameters`.
fn tensorrt(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_on =
        model.parameter("enable_multi_device").is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"));
    if is_on && model.config().parameters.get("multi_device_gpus").is_none() {
        findings
            .add(place(model), "`enable_multi_device` is on, and `multi_device_gpus` is missing")
            .note("an engine that runs on several GPUs has to be told which; without that it fails to load")
            .help("set the parameter multi_device_gpus to the numbers of two or more GPUs, such as \"0,1\"");
    }
}

/// What stands for the model as a whole: the word that selects the back-end.
fn place(model: Model<'_>) -> Span {
    let selects = model.selecting();
    selects.map_or(Span::empty(0), |written| written.span)
}
