//! DALI (`dali_backend` `src/dali_model.h` and `src/parameters.h`).

use super::{Domain, Parameter, Table};

pub(super) static TABLE: Table = Table {
    backend: "dali",
    reader: "the DALI back-end",
    is_closed: true,
    parameters: &[
        Parameter::new(
            "num_threads",
            Domain::INTEGER,
            "CPU threads of the pipeline. Left out, the pipeline's own number.",
        ),
        Parameter::new(
            "split_along_outer_axis",
            Domain::List { separator: ':', of: "names of outputs" },
            "Outputs whose samples are split along their outer dimension, so that one becomes several.",
        )
        .since("22.12"),
    ],
    command_line: &["plugin_libs"],
};
