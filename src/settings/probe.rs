//! How the probe runs models. Nothing here makes it run any: only the command line does.

use std::collections::BTreeMap;
use std::path::PathBuf;

use globset::Glob;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the probe runs models, where the command line asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ProbeSettings {
    /// The folder of libtorch. Only a file that `--config` names may say so: what is in that folder runs as any
    /// program does.
    #[schemars(extend("format" = "path"))]
    pub libtorch: Option<PathBuf>,
    /// Where models run: `cpu`, `cuda`, or `cuda:1` and so on.
    #[schemars(extend("format" = "device"))]
    pub device: Option<String>,
    /// How often each shape is called, at least; 4 if it is left out.
    #[schemars(range(min = 1, max = 10000))]
    pub calls: Option<u32>,
    /// Seconds that a load or call may take before it counts as a hang; 60 if it is left out.
    #[schemars(range(min = 1, max = 86400))]
    pub timeout: Option<u32>,
    /// How much memory of the host a model may have, in GiB; 16 if it is left out.
    #[schemars(range(min = 1, max = 65536))]
    pub memory: Option<u32>,
    /// How many models are probed at the same time; one for each two cores if it is left out.
    #[schemars(range(min = 1, max = 1024))]
    pub jobs: Option<u32>,
    /// Shapes to begin with.
    pub shapes: Vec<ProbeShapes>,
}

/// Shapes to begin with, for some models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ProbeShapes {
    /// The names of the models that are meant, as patterns with `*`, `?` and `[…]`; all if it is left out.
    #[schemars(schema_with = "super::schema::globs")]
    pub models: Vec<String>,
    /// A shape for each input that is named, with the batch dimension.
    #[schemars(schema_with = "super::schema::shapes")]
    pub inputs: BTreeMap<String, Vec<i64>>,
}

impl ProbeShapes {
    /// Whether the model of that name is meant.
    #[must_use]
    pub fn is_for(&self, model: &str) -> bool {
        let fits = |glob: &String| Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(model));
        self.models.is_empty() || self.models.iter().any(fits)
    }
}
