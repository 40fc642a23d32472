//! FIL (`fil_backend` `src/shared_state.h`; booleans by RAPIDS-Triton's `get_config_param`).

use super::{Domain, Otherwise, Parameter, Release, Spelling, Table};

/// In lower case only.
const BOOLEAN: Domain = Domain::Boolean(&Spelling { on: &["true"], off: &["false"], any_case: false });

pub(super) static TABLE: Table = Table {
    backend: "fil",
    reader: "the FIL back-end",
    is_closed: true,
    parameters: &[
        Parameter::new(
            "model_type",
            Domain::Choice {
                values: &["xgboost", "xgboost_json", "xgboost_ubj", "lightgbm", "treelite_checkpoint"],
                any_case: false,
            },
            "The format of the model file, and with it the default file: `xgboost.model`, `xgboost.json`, \
             `xgboost.ubj` (24.10), `model.txt`, `checkpoint.tl`.",
        )
        .newer_values(&[("xgboost_ubj", Release::constant("24.10"))])
        .default("xgboost"),
        Parameter::new(
            "is_classifier",
            BOOLEAN,
            "Whether the model classifies. Required, unless `output_class` says so.",
        )
        .since("25.09"),
        Parameter::new("predict_proba", BOOLEAN, "Whether a classifier answers with probabilities.").default("false"),
        Parameter::new(
            "threshold",
            Domain::Number,
            "The score from which on a binary classifier says yes. Required for a classifier.",
        ),
        Parameter::new(
            "xgboost_allow_unknown_field",
            BOOLEAN,
            "Whether fields of an XGBoost JSON model that are not known are passed over.",
        )
        .default("false")
        .since("23.10"),
        Parameter::new("transfer_threshold", Domain::INTEGER, "Batches below this size run on the CPU.")
            .otherwise(Otherwise::Default)
            .default("0"),
        Parameter::new(
            "layout",
            Domain::Choice {
                values: &["depth_first", "breadth_first", "layered", "layered_children_together"],
                any_case: false,
            },
            "How the trees lie in memory.",
        )
        .default("depth_first")
        .since("25.09"),
        Parameter::new("chunk_size", Domain::INTEGER, "Rows that a group of threads takes at once; at least 1.")
            .otherwise(Otherwise::Default)
            .default("1")
            .since("25.09"),
        Parameter::new("cpu_nthread", Domain::INTEGER, "CPU threads; -1 takes all.")
            .otherwise(Otherwise::Default)
            .default("-1")
            .since("22.03"),
        Parameter::new(
            "use_experimental_optimizations",
            BOOLEAN,
            "Chooses the newer engine. Announced to go, with that engine as the only one.",
        )
        .default("false"),
        Parameter::new("algo", Domain::Text, "How the trees were walked.")
            .default("ALGO_AUTO")
            .replaced("25.09", "layout"),
        Parameter::new("threads_per_tree", Domain::Text, "Threads of one tree.")
            .default("1")
            .replaced("25.09", "chunk_size"),
        Parameter::new(
            "output_class",
            BOOLEAN,
            "Whether the model classifies. Overrides `is_classifier` where both are there.",
        )
        .deprecated("25.09", "is_classifier"),
        Parameter::new("storage_type", Domain::Text, "How the forest lay in memory.").default("AUTO").removed("25.09"),
        Parameter::new("blocks_per_sm", Domain::Text, "Blocks of threads per multiprocessor.")
            .default("0")
            .removed("25.09"),
    ],
    command_line: &[],
};
