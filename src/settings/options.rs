//! What can be set of single rules besides their levels.
//!
//! A new option is a field with its default: schema, checks, merging, `tritonlint settings`, `explain` and
//! the documentation follow from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The options of rules, each under the rule's name, in `[rules.NAME]` beside its `level`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RuleOptions {
    /// Of `ignored-parameter`.
    pub ignored_parameter: IgnoredParameter,
    /// Of `long-queue-delay`.
    pub long_queue_delay: LongQueueDelay,
    /// Of `many-instances`.
    pub many_instances: ManyInstances,
    /// Of `missing-custom-operator`.
    pub missing_custom_operator: MissingCustomOperator,
    /// Of `missing-operator-library`.
    pub missing_operator_library: MissingOperatorLibrary,
    /// Of `oversubscribed-cpu`.
    pub oversubscribed_cpu: OversubscribedCpu,
}

/// Of `ignored-parameter`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct IgnoredParameter {
    /// Keys that are not reported: the model reads them, or a tool of your own does.
    pub known_keys: Vec<String>,
}

/// Of `long-queue-delay`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LongQueueDelay {
    /// The shortest delay that is a warning, in microseconds.
    pub threshold_microseconds: u64,
}

impl Default for LongQueueDelay {
    /// A minute: longer than clients wait for a reply.
    fn default() -> Self {
        Self { threshold_microseconds: 60_000_000 }
    }
}

/// Of `many-instances`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ManyInstances {
    /// So many instances on each GPU are not reported.
    pub max_instances: u64,
}

impl Default for ManyInstances {
    /// More copies of a model on one GPU are rarely meant.
    fn default() -> Self {
        Self { max_instances: 8 }
    }
}

/// Of `missing-custom-operator`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct MissingCustomOperator {
    /// Namespaces of operators and classes whose libraries the server preloads.
    pub preloaded: Vec<String>,
}

/// Of `missing-operator-library`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct MissingOperatorLibrary {
    /// Domains of operators that the server's build of ONNX Runtime has.
    pub built_in_domains: Vec<String>,
}

/// Of `oversubscribed-cpu`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct OversubscribedCpu {
    /// So many instances on the CPU are not reported.
    pub max_instances: u64,
}

impl Default for OversubscribedCpu {
    /// A second instance is the first that shares the cores.
    fn default() -> Self {
        Self { max_instances: 1 }
    }
}
