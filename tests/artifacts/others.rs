use std::io::Cursor;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tritonlint::artifact::json::{TensorRtLlmEngine, read_tensorrt_llm, read_vllm};
use tritonlint::artifact::tensorrt::{self, Version};
use tritonlint::artifact::tree_model::{self, Format};
use tritonlint::artifact::{Unreadable, openvino};
use tritonlint::schema::vocabulary::DataType;

use super::{damaged, files, folder};

const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";

fn other<T>(kind: &str) -> Result<T, Unreadable> {
    Err(Unreadable::Other(kind.to_owned()))
}

// ---- OpenVINO --------------------------------------------------------------------------------------

fn openvino(bytes: &[u8]) -> Result<openvino::OpenVino, Unreadable> {
    openvino::read(Cursor::new(bytes))
}

#[test]
fn what_it_says_is_what_openvino_says() {
    let type_name = |tensor: &openvino::Tensor| match tensor.precision.as_str() {
        "BOOL" => "boolean".to_owned(),
        "FP16" | "FP32" | "FP64" => tensor.precision.replace("FP", "f"),
        other => other.to_lowercase(),
    };
    let describe = |tensor: &openvino::Tensor| {
        let mut names = tensor.names.clone();
        names.sort();
        json!({ "names": names, "type": type_name(tensor), "dims": tensor.dims })
    };
    for path in files(&folder("others"), ".expected.json") {
        let bytes = std::fs::read(path.to_string_lossy().replace(".expected.json", ".xml")).expect("it is there");
        let model = openvino(&bytes).expect("it reads");
        assert_eq!(model.version, Some(11));
        let mut expected: Json = serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("JSON");
        // That a result without dimensions is a scalar is not in the file.
        for output in expected["outputs"].as_array_mut().expect("a list") {
            if output["dims"] == json!([]) {
                output["dims"] = Json::Null;
            }
        }
        let described = |tensors: &[openvino::Tensor]| tensors.iter().map(describe).collect::<Vec<_>>();
        let said = json!({ "inputs": described(&model.inputs), "outputs": described(&model.outputs) });
        assert_eq!(said, expected, "{}", path.display());
    }
}

#[test]
fn types_of_openvino_are_the_back_ends() {
    let shapes = openvino(&std::fs::read(folder("others").join("shapes.xml")).expect("it is there")).expect("it reads");
    let types: Vec<_> = shapes.inputs.iter().map(openvino::Tensor::data_type).collect();
    assert_eq!(types, [Some(DataType::Fp16), Some(DataType::Bool), None]);
}

#[test]
fn what_is_no_openvino_model_is_named() {
    assert_eq!(openvino(b""), Err(Unreadable::Empty));
    assert_eq!(openvino(LFS_POINTER), Err(Unreadable::LfsPointer));
    assert_eq!(openvino(b"PK\x03\x04"), other("a zip archive"));
    assert_eq!(openvino(b"{}"), other("no OpenVINO model"));
    assert_eq!(openvino(b"<?xml version=\"1.0\"?><project/>"), other("no OpenVINO model"));
    assert!(matches!(openvino(b"<?xml version=\"1.0\"?><net><layers>"), Err(Unreadable::Truncated(_))));
    assert!(matches!(openvino(b"<net><layers></net>"), Err(Unreadable::Malformed(_))));
}

#[test]
fn xml_of_ill_will_is_bounded() {
    let nested = [b"<net>".to_vec(), b"<a>".repeat(1_000_000)].concat();
    assert!(matches!(openvino(&nested), Err(Unreadable::Malformed(_))));
    let port = b"<layer type='Parameter' id='1'><output><port id='0'/></output></layer>";
    let ports = [b"<net><layers>".to_vec(), port.repeat(250_000)].concat();
    assert!(matches!(openvino(&ports), Err(Unreadable::TooLarge(_))));
    let names = format!("<layer type='Parameter'><output><port names='{}'/></output></layer>", ",".repeat(60_000));
    assert!(matches!(openvino(format!("<net><layers>{}", names.repeat(10)).as_bytes()), Err(Unreadable::TooLarge(_))));
    assert!(matches!(openvino(&b" ".repeat(25 * 1024 * 1024)), Err(Unreadable::TooLarge(_))));
    // Entities are not replaced, however many they stand for.
    let entities = b"<!DOCTYPE net [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>
        <net version='11'><layers><layer id='0' type='Parameter'><output><port names='&b;'/></output></layer></layers></net>";
    let model = openvino(entities).expect("it reads");
    assert_eq!((model.version, model.inputs.len()), (Some(11), 1));
    assert!(model.inputs[0].names.is_empty());
}

// ---- TensorRT --------------------------------------------------------------------------------------

#[test]
fn an_engine_says_its_version() {
    let engine = [b"ftrt".as_slice(), &[0; 20], &[10, 3, 0, 26], &[7; 100]].concat();
    let version = Version { major: 10, minor: 3, patch: 0, build: 26 };
    let read = |bytes: &[u8]| tensorrt::read(bytes).map(|engine| engine.version);
    assert_eq!(read(&engine), Ok(Some(version)));
    assert_eq!(read(&[b"ftrt".as_slice(), &[1; 40]].concat()), Ok(None), "a header that is not known");
    assert!(matches!(read(&engine[..20]), Err(Unreadable::Truncated(_))));
    assert_eq!(read(b""), Err(Unreadable::Empty));
    assert_eq!(read(LFS_POINTER), Err(Unreadable::LfsPointer));
    assert_eq!(read(b"PK\x03\x04"), other("a zip archive"));
    assert_eq!(read(&[1; 100]), Ok(None), "engines of older versions");
}

// ---- Decision trees --------------------------------------------------------------------------------

#[test]
fn formats_of_decision_trees_are_told_apart() {
    let read = |name: &str| tree_model::read(std::fs::File::open(folder("others").join(name)).expect("it is there"));
    let formats = [Format::XgboostJson, Format::XgboostUbj, Format::LightGbm, Format::TreeliteCheckpoint];
    for format in formats {
        assert_eq!(read(format.default_file()), Ok(Some(format)));
    }
    let names = formats.map(Format::model_type);
    assert_eq!(names, ["xgboost_json", "xgboost_ubj", "lightgbm", "treelite_checkpoint"]);
    let read = |bytes: &[u8]| tree_model::read(bytes);
    assert_eq!(read(b"binf\0\0\0\x3f"), Ok(None), "the old format of XGBoost may be anything");
    assert_eq!(read(b"\x80\x04\x95abc"), other("a pickle"));
    assert_eq!(read(b""), Err(Unreadable::Empty));
}

// ---- JSON ------------------------------------------------------------------------------------------

#[test]
fn engines_of_tensorrt_llm_say_what_they_were_built_for() {
    let config = json!({
        "version": "0.17.0",
        "pretrained_config": {
            "architecture": "LlamaForCausalLM",
            "mapping": { "world_size": 4, "tp_size": 2, "pp_size": 2, "gpus_per_node": 8 },
        },
        "build_config": {
            "max_batch_size": 64, "max_beam_width": 1, "max_input_len": 2048, "max_seq_len": 4096,
            "max_num_tokens": 8192, "kv_cache_type": "PAGED", "gather_context_logits": false,
            "gather_generation_logits": true, "plugin_config": { "use_paged_context_fmha": true, "other": [1] },
        },
    });
    let read = |config: &Json| read_tensorrt_llm(config.to_string().as_bytes());
    let expected = TensorRtLlmEngine {
        version: Some("0.17.0".to_owned()),
        architecture: Some("LlamaForCausalLM".to_owned()),
        max_batch_size: Some(64),
        max_beam_width: Some(1),
        max_input_len: Some(2048),
        max_seq_len: Some(4096),
        max_num_tokens: Some(8192),
        world_size: Some(4),
        tensor_parallel: Some(2),
        pipeline_parallel: Some(2),
        kv_cache_type: Some("PAGED".to_owned()),
        paged_context_attention: Some(true),
        gathers_context_logits: Some(false),
        gathers_generation_logits: Some(true),
    };
    assert_eq!(read(&config), Ok(expected));
    let old = json!({ "builder_config": { "max_batch_size": 8, "tensor_parallel": 2 }, "plugin_config": {} });
    let expected =
        TensorRtLlmEngine { max_batch_size: Some(8), tensor_parallel: Some(2), ..TensorRtLlmEngine::default() };
    assert_eq!(read(&old), Ok(expected));
    // What is of another type than usual is not known; the rest is.
    let odd = json!({ "version": 1, "build_config": { "max_batch_size": "8", "max_beam_width": 2 }, "pretrained_config": [] });
    let expected = TensorRtLlmEngine { max_beam_width: Some(2), ..TensorRtLlmEngine::default() };
    assert_eq!(read(&odd), Ok(expected));
}

#[test]
fn what_is_no_json_object_is_named() {
    assert_eq!(read_tensorrt_llm(b"".as_slice()), Err(Unreadable::Empty));
    assert_eq!(read_tensorrt_llm(LFS_POINTER), Err(Unreadable::LfsPointer));
    assert_eq!(read_tensorrt_llm(b"3".as_slice()), other("no JSON object"));
    assert!(matches!(read_tensorrt_llm(b"{\"version\": ".as_slice()), Err(Unreadable::Truncated(_))));
    assert!(matches!(read_tensorrt_llm(b"{'version': 1}".as_slice()), Err(Unreadable::Malformed(_))));
    // Deeper than a reader goes, but not deeper than the server's may go.
    let nested = b"{\"a\":".repeat(100_000);
    assert!(matches!(read_vllm(nested.as_slice()), Err(Unreadable::TooLarge(_))));
    // What is of no interest is passed over.
    assert!(matches!(read_tensorrt_llm(nested.as_slice()), Err(Unreadable::Truncated(_))));
    let lists = b"[".repeat(1_000_000);
    assert!(matches!(read_tensorrt_llm(lists.as_slice()), Err(Unreadable::Other(_) | Unreadable::TooLarge(_))));
    assert!(matches!(read_vllm(&*b" ".repeat(2 << 20)), Err(Unreadable::TooLarge(_))));
}

#[test]
fn engines_of_vllm_say_what_they_serve() {
    let arguments = br#"{"model": "facebook/opt-125m", "tensor_parallel_size": 2, "enable_lora": true, "x": null}"#;
    let engine = read_vllm(arguments.as_slice()).expect("it reads");
    assert_eq!(engine.model.as_deref(), Some("facebook/opt-125m"));
    assert_eq!((engine.tensor_parallel_size, engine.pipeline_parallel_size), (Some(2), None));
    assert_eq!(engine.enable_lora, Some(true));
    assert_eq!(engine.arguments.iter().collect::<Vec<_>>(), ["enable_lora", "model", "tensor_parallel_size", "x"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Whatever happens to a model, no reader panics over it.
    #[test]
    fn any_bytes_are_read(bytes in damaged("others", "")) {
        let is_empty = bytes.is_empty();
        let refused = [
            openvino(&bytes).is_err(),
            tensorrt::read(bytes.as_slice()).is_err(),
            tree_model::read(bytes.as_slice()).is_err(),
            read_tensorrt_llm(bytes.as_slice()).is_err(),
            read_vllm(bytes.as_slice()).is_err(),
        ];
        prop_assert!(!is_empty || refused == [true; 5]);
    }
}
