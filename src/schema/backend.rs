//! The names of back-ends and platforms.

/// What `platform` may be (core `constants.h`). Anything else is refused unless `backend` names a
/// back-end that does not look at it.
pub const PLATFORMS: [&str; 7] = [
    "ensemble",
    "onnxruntime_onnx",
    "pytorch_libtorch",
    "tensorflow_graphdef",
    "tensorflow_savedmodel",
    "tensorrt_plan",
    "torch_aoti",
];

/// The back-ends that come with the server or are published beside it. Others may be installed.
pub const BACKENDS: [&str; 18] = [
    "armnn_tflite",
    "dali",
    "fastertransformer",
    "fil",
    "hps",
    "hugectr",
    "identity",
    "onnxruntime",
    "openvino",
    "python",
    "pytorch",
    "repeat",
    "square",
    "stateful",
    "tensorflow",
    "tensorrt",
    "tensorrtllm",
    "vllm",
];
