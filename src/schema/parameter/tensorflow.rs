//! TensorFlow (`tensorflow_backend` `src/tensorflow.cc`, `ModelState::ParseParameters`). Not in the containers
//! after 25.02.

use super::{Domain, Parameter, Table};

const COUNT: Domain = Domain::Integer { least: 0, most: i32::MAX as i64 };

pub(super) static TABLE: Table = Table {
    backend: "tensorflow",
    reader: "the TensorFlow back-end",
    is_closed: true,
    parameters: &[
        Parameter::new(
            "MAX_SESSION_SHARE_COUNT",
            Domain::Integer { least: 1, most: i32::MAX as i64 },
            "How many instances may share one session.",
        )
        .default("1"),
        Parameter::new("TF_NUM_INTRA_THREADS", COUNT, "Threads within an operator; 0 leaves it to TensorFlow.")
            .default("0"),
        Parameter::new("TF_NUM_INTER_THREADS", COUNT, "Threads across operators; 0 leaves it to TensorFlow.")
            .default("0"),
        Parameter::new(
            "TF_USE_PER_SESSION_THREADS",
            Domain::BOOLEAN,
            "Gives each session a thread pool of its own. The `yes` of its documentation is refused.",
        )
        .default("false"),
        Parameter::new("TF_GRAPH_TAG", Domain::Text, "The tag of the graph in a SavedModel.").default("serve"),
        Parameter::new("TF_SIGNATURE_DEF", Domain::Text, "The signature of a SavedModel.").default("serving_default"),
        Parameter::new(
            "TF_INIT_OPS_FILE",
            Domain::Path,
            "A file in the model's folder that lists operations to run when the model loads.",
        ),
    ],
    command_line: &["allow-soft-placement", "gpu-memory-fraction", "version"],
};
