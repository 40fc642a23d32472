//! OpenVINO (`openvino_backend` `src/openvino.cc`, `ParseParameters` and `ParseBoolParameter`).

use super::{Domain, Otherwise, Parameter, Spelling, Table};

/// Anything but `yes` is taken for off.
const YES: Domain = Domain::Boolean(&Spelling { on: &["yes"], off: &["no"], any_case: true });

pub(super) static TABLE: Table = Table {
    backend: "openvino",
    reader: "the OpenVINO back-end",
    is_closed: true,
    parameters: &[
        Parameter::new("TARGET_DEVICE", Domain::Text, "The OpenVINO device to compile for, in any case.")
            .default("CPU")
            .since("25.10"),
        Parameter::new("INFERENCE_NUM_THREADS", Domain::DIGITS, "Threads of an inference.")
            .unless_empty()
            .since("22.09"),
        Parameter::new("COMPILATION_NUM_THREADS", Domain::DIGITS, "Threads that compile the model.")
            .unless_empty()
            .since("22.09"),
        Parameter::new(
            "HINT_BF16",
            Domain::Boolean(&Spelling { on: &["YES"], off: &[], any_case: true }),
            "Computes in BF16 where the device can. There is no value for off: leave it out.",
        )
        .unless_empty()
        .since("22.09"),
        Parameter::new(
            "NUM_STREAMS",
            Domain::Digits { words: &["AUTO", "NUMA"] },
            "Requests that are executed at once.",
        )
        .unless_empty()
        .since("22.09"),
        Parameter::new(
            "PERFORMANCE_HINT",
            Domain::Choice { values: &["LATENCY", "THROUGHPUT", "CUMULATIVE_THROUGHPUT"], any_case: true },
            "What OpenVINO tunes itself for.",
        )
        .unless_empty()
        .since("23.11"),
        Parameter::new("CPU_EXTENSION_PATH", Domain::Path, "A library of operators for the CPU.").since("21.03"),
        Parameter::new("SKIP_OV_DYNAMIC_BATCHSIZE", YES, "Keeps OpenVINO's dynamic batch size out of it.")
            .otherwise(Otherwise::Off)
            .unless_empty()
            .default("no")
            .since("21.03"),
        Parameter::new(
            "ENABLE_BATCH_PADDING",
            YES,
            "Fills batches up to `max_batch_size`. Without it a batch of another size is refused.",
        )
        .otherwise(Otherwise::Off)
        .unless_empty()
        .default("no")
        .since("21.03"),
        Parameter::new("RESHAPE_IO_LAYERS", YES, "Reshapes the model to the dims of the config.")
            .otherwise(Otherwise::Off)
            .unless_empty()
            .default("no")
            .since("21.04"),
        Parameter::new("CPU_THREADS_NUM", Domain::DIGITS, "Threads of an inference.")
            .replaced("22.09", "INFERENCE_NUM_THREADS"),
        Parameter::new("CPU_BIND_THREAD", Domain::Text, "Pinned threads to cores.").removed("22.09"),
        Parameter::new("CPU_THROUGHPUT_STREAMS", Domain::Text, "Requests that are executed at once.")
            .replaced("22.09", "NUM_STREAMS"),
        Parameter::new("ENFORCE_BF16", Domain::Text, "Computed in BF16.").replaced("22.09", "HINT_BF16"),
    ],
    command_line: &[],
};
