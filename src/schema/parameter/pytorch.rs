//! The PyTorch back-end, which runs models in three ways and reads other keys for each.

use super::{Domain, Parameter, Table};

/// TorchScript (`pytorch_backend` `src/libtorch.cc`, later `src/pt/model_state.cc`: `ParseParameters`).
pub static TORCHSCRIPT: Table = Table {
    backend: "pytorch",
    reader: "the PyTorch back-end for TorchScript models",
    is_closed: true,
    parameters: &[
        Parameter::new(
            "DISABLE_OPTIMIZED_EXECUTION",
            Domain::BOOLEAN,
            "Runs the graph as it is instead of specialising it to the shapes of the first calls.",
        )
        .default("false")
        .since("21.06"),
        Parameter::new(
            "INFERENCE_MODE",
            Domain::BOOLEAN,
            "Runs under the inference-mode guard, which keeps no records for gradients.",
        )
        .default("true")
        .since("21.08"),
        Parameter::new("DISABLE_CUDNN", Domain::BOOLEAN, "Switches cuDNN off, for the whole process.")
            .default("false")
            .since("24.06"),
        Parameter::new(
            "ENABLE_CACHE_CLEANING",
            Domain::BOOLEAN,
            "Empties the CUDA caching allocator after every execution: less memory, much slower.",
        )
        .default("false")
        .since("22.07"),
        Parameter::new(
            "ENABLE_WEIGHT_SHARING",
            Domain::BOOLEAN,
            "Lets the instances on one device share one module.",
        )
        .default("false")
        .since("22.04"),
        Parameter::new(
            "ENABLE_TENSOR_FUSER",
            Domain::BOOLEAN,
            "Sets the tensor-expression fuser, for the whole process. Left out, it stays as libtorch has it.",
        )
        .since("21.11"),
        Parameter::new(
            "ENABLE_JIT_PROFILING",
            Domain::BOOLEAN,
            "Sets profiling mode, for the whole process. Left out, it stays as libtorch has it.",
        )
        .since("21.11"),
        Parameter::new(
            "ENABLE_JIT_EXECUTOR",
            Domain::BOOLEAN,
            "Sets the profiling graph executor, for the whole process. Left out, it stays as libtorch has it.",
        )
        .since("21.11"),
        Parameter::new(
            "INTRA_OP_THREAD_COUNT",
            Domain::INTEGER,
            "Threads within an operator, for the whole process: the first model loaded wins. 0 and less change nothing.",
        )
        .since("24.05"),
        Parameter::new(
            "INTER_OP_THREAD_COUNT",
            Domain::INTEGER,
            "Threads across operators, for the whole process: the first model loaded wins. 0 and less change nothing.",
        )
        .since("24.05"),
        Parameter::new("ENABLE_NVFUSER", Domain::BOOLEAN, "Switched the NVFuser of old libtorch releases.")
            .since("21.10")
            .removed("23.12"),
    ],
    command_line: &[],
};

/// Models that `runtime: "model.py"` runs (`pytorch_backend` `src/model.py`).
pub static PYTHON_RUNTIME: Table = Table {
    backend: "pytorch",
    reader: "the PyTorch back-end for models with `runtime: \"model.py\"`",
    is_closed: true,
    parameters: &[
        Parameter::new("NUM_THREADS", Domain::WholeInteger, "Threads within an operator.").default("1").since("24.01"),
        Parameter::new("NUM_INTEROP_THREADS", Domain::WholeInteger, "Threads across operators.")
            .default("1")
            .since("24.01"),
        Parameter::new(
            "TORCH_COMPILE_OPTIONAL_PARAMETERS",
            Domain::Json,
            "Keyword arguments for `torch.compile`: fullgraph, dynamic, backend, mode, options and disable.",
        )
        .default("{}")
        .since("24.01"),
        super::python::EXECUTION_ENV_PATH.since("24.01"),
    ],
    command_line: super::python::COMMAND_LINE,
};

/// Platform `torch_aoti` (`pytorch_backend` `src/pt2/model_state.cc`, `ParseParameters`). Releases before 26.06
/// read none: their code looked for keys only where a config has no `parameters`.
pub static AOTI: Table = Table {
    backend: "pytorch",
    reader: "the PyTorch back-end for the platform torch_aoti",
    is_closed: true,
    parameters: &[
        Parameter::new("INFERENCE_MODE", Domain::BOOLEAN, "Runs under the inference-mode guard.")
            .default("true")
            .since("26.06"),
        Parameter::new(
            "CACHE_CLEANING_ENABLED",
            Domain::BOOLEAN,
            "Empties the CUDA caching allocator after every execution. For TorchScript the key is `ENABLE_CACHE_CLEANING`.",
        )
        .default("false")
        .since("26.06"),
        Parameter::new(
            "DISABLE_CUDNN",
            Domain::BOOLEAN,
            "Whether cuDNN is used. The code stores the value as it is, so that `true` leaves it on.",
        )
        .since("26.06"),
        Parameter::new(
            "ENABLE_WEIGHT_SHARING",
            Domain::BOOLEAN,
            "Lets the instances on one device share one package.",
        )
        .default("false")
        .since("26.06"),
        Parameter::new(
            "INTRA_OP_THREAD_COUNT",
            Domain::INTEGER,
            "Threads within an operator, for the whole process: the first model loaded wins. 0 and less change nothing.",
        )
        .since("26.06"),
        Parameter::new(
            "INTER_OP_THREAD_COUNT",
            Domain::INTEGER,
            "Threads across operators, for the whole process: the first model loaded wins. 0 and less change nothing.",
        )
        .since("26.06"),
        Parameter::new(
            "DISABLE_OPTIMIZED_EXECUTION",
            Domain::BOOLEAN,
            "Is read and changes nothing: the package was compiled before.",
        )
        .default("false")
        .since("26.06"),
        Parameter::new(
            "MODEL_INIT_LIBRARY",
            Domain::Path,
            "A library that is loaded and called before the package is loaded.",
        )
        .since("26.06"),
    ],
    command_line: &[],
};
