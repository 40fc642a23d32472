//! The Python back-end (`python_backend` `src/python_be.cc`, `ModelState` and `ModelInstanceState`).

use super::{Domain, Parameter, Spelling, Table};

pub(super) const EXECUTION_ENV_PATH: Parameter = Parameter::new(
    "EXECUTION_ENV_PATH",
    Domain::Path,
    "The Python environment to run in: an archive made by conda-pack, or a folder. `$$TRITON_MODEL_DIRECTORY` at \
     the beginning stands for the model's folder.",
)
.since("21.06");

pub(super) const COMMAND_LINE: &[&str] = &[
    "shm-default-byte-size",
    "shm-growth-byte-size",
    "shm-region-prefix-name",
    "stub-timeout-seconds",
    "thread-pool-size",
];

pub(super) static TABLE: Table = Table {
    backend: "python",
    reader: "the Python back-end",
    // Every parameter reaches the model, which may read what it likes.
    is_closed: false,
    parameters: &[
        EXECUTION_ENV_PATH,
        Parameter::new(
            "FORCE_CPU_ONLY_INPUT_TENSORS",
            Domain::Boolean(&Spelling { on: &["yes"], off: &["no"], any_case: false }),
            "Whether inputs are copied to the CPU before the model sees them.",
        )
        .default("yes")
        .since("21.08"),
    ],
    command_line: COMMAND_LINE,
};
