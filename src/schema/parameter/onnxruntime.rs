//! ONNX Runtime (`onnxruntime_backend` `src/onnxruntime.cc`, `ModelState` and `LoadModel`).

use super::{Domain, Parameter, Table};

pub(super) static TABLE: Table = Table {
    backend: "onnxruntime",
    reader: "the ONNX Runtime back-end",
    is_closed: true,
    parameters: &[
        Parameter::new(
            "execution_mode",
            Domain::Integer { least: 0, most: 1 },
            "0 runs operators one after the other, 1 runs independent ones in parallel.",
        )
        .default("0")
        .since("21.12"),
        Parameter::new(
            "intra_op_thread_count",
            Domain::INTEGER,
            "Threads within an operator; 0 and less leave it to ONNX Runtime. Without effect with a global thread pool.",
        )
        .default("0")
        .since("21.10"),
        Parameter::new(
            "inter_op_thread_count",
            Domain::INTEGER,
            "Threads across operators; 0 and less leave it to ONNX Runtime. Only with `execution_mode` 1, and not \
             with a global thread pool.",
        )
        .default("0")
        .since("21.10"),
        Parameter::new("enable_mem_arena", Domain::BOOLEAN, "Memory arena of the CPU.").default("true").since("22.04"),
        Parameter::new("enable_mem_pattern", Domain::BOOLEAN, "Memory planning from the pattern of earlier runs.")
            .default("true")
            .since("22.04"),
        Parameter::new(
            "memory.enable_memory_arena_shrinkage",
            Domain::List { separator: ';', of: "devices such as `cpu:0` and `gpu:0`" },
            "Arenas that give memory back after every run.",
        )
        .since("22.04"),
        Parameter::new(
            "session.use_device_allocator_for_initializers",
            Domain::Choice { values: &["1", "0"], any_case: false },
            "Takes the memory of weights from the device instead of the arena.",
        )
        .default("0")
        .since("25.02"),
        Parameter::new(
            "cudnn_conv_algo_search",
            Domain::Integer { least: 0, most: 2 },
            "How cuDNN picks algorithms: 0 exhaustively, 1 by heuristics, 2 its default. Overrides the parameter of the \
             accelerator `cuda`.",
        )
        .default("0")
        .since("21.06")
        .gpu_only(),
        Parameter::new(
            "gpu_mem_limit",
            Domain::Text,
            "Bytes of GPU memory that the arena may take. Overrides the parameter of the accelerator `cuda`.",
        )
        .since("21.06")
        .gpu_only(),
        Parameter::new(
            "arena_extend_strategy",
            Domain::Integer { least: 0, most: 1 },
            "How the arena grows: 0 to the next power of two, 1 by what is asked for. Overrides the parameter of the \
             accelerator `cuda`.",
        )
        .default("0")
        .since("21.06")
        .gpu_only(),
        Parameter::new(
            "do_copy_in_default_stream",
            Domain::Text,
            "1 copies in the stream of the computation, 0 in one of its own. Overrides the parameter of the accelerator \
             `cuda`.",
        )
        .default("1")
        .since("21.06")
        .gpu_only(),
    ],
    command_line: &["enable-global-threadpool"],
};
