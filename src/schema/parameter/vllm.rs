//! vLLM (`vllm_backend` `src/model.py`), a back-end written in Python.

use super::{Domain, Otherwise, Parameter, Spelling, Table};

/// Anything but `true` is taken for off.
const TRUE: Domain = Domain::Boolean(&Spelling { on: &["true"], off: &["false"], any_case: true });

pub(super) static TABLE: Table = Table {
    backend: "vllm",
    reader: "the vLLM back-end",
    is_closed: false,
    parameters: &[
        Parameter::new("REPORT_CUSTOM_METRICS", TRUE, "Reports the engine's own metrics.")
            .otherwise(Otherwise::Off)
            .unless_empty()
            .default("false")
            .since("24.08"),
        Parameter::new(
            "ENABLE_VLLM_HEALTH_CHECK",
            TRUE,
            "Asks the engine whether it is well when readiness is asked for.",
        )
        .otherwise(Otherwise::Off)
        .unless_empty()
        .default("false")
        .since("24.12"),
        Parameter::new(
            "GPU_DEVICE_IDS",
            Domain::List { separator: ',', of: "numbers of GPUs, each once" },
            "The GPUs of an instance of `KIND_MODEL`; as many as the engine runs on. In the newest releases only.",
        ),
        super::python::EXECUTION_ENV_PATH.since("23.10"),
    ],
    command_line: super::python::COMMAND_LINE,
};
