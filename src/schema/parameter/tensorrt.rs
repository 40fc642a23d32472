//! TensorRT (`tensorrt_backend` `src/model_state.cc`, `ParseParameters`).

use super::{Domain, Otherwise, Parameter, Spelling, Table};

/// Anything but these is taken for off.
const SWITCH: Domain = Domain::Boolean(&Spelling { on: &["true", "1"], off: &["false", "0"], any_case: true });

pub(super) static TABLE: Table = Table {
    backend: "tensorrt",
    reader: "the TensorRT back-end",
    is_closed: true,
    parameters: &[
        Parameter::new(
            "execution_context_allocation_strategy",
            Domain::Choice { values: &["STATIC", "ON_PROFILE_CHANGE"], any_case: false },
            "When an execution context takes its memory: once for the largest profile, or at every change of profile.",
        )
        .default("STATIC")
        .since("25.05"),
        Parameter::new("enable_multi_device", SWITCH, "Runs one engine on several GPUs. Needs `kind: KIND_MODEL`.")
            .otherwise(Otherwise::Off)
            .unless_empty()
            .default("false")
            .since("26.06"),
        Parameter::new(
            "multi_device_gpus",
            Domain::List { separator: ',', of: "two or more numbers of GPUs" },
            "The GPUs of an engine that runs on several. Required with `enable_multi_device`.",
        )
        .since("26.06"),
        Parameter::new(
            "multi_device_per_rank_engines",
            SWITCH,
            "Loads one engine a GPU, from the model file's name with `.rank0`, `.rank1` and so on behind it.",
        )
        .otherwise(Otherwise::Off)
        .unless_empty()
        .default("false")
        .since("26.06"),
    ],
    command_line: &["plugins", "version-compatible", "execution-policy", "coalesce-request-input"],
};
