//! What is known of the server that will load a repository: its release, its flags and its devices.
//!
//! What a rule cannot tell without them it leaves unsaid, or says as a warning.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::schema::Release;

/// The settings under `[server]`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ServerSettings {
    /// The release of its container, such as "24.10", or the version of the server, such as "2.51.0".
    #[serde(with = "release")]
    #[schemars(with = "Option<String>", extend("format" = "release"))]
    pub version: Option<Release>,
    /// How many GPUs it has that it supports (`--min-supported-compute-capability`).
    pub gpus: Option<u32>,
    /// How many cores of the CPU it may use.
    pub cpus: Option<u32>,
    /// The back-ends that are installed in its back-end directory.
    pub backends: Option<Vec<String>>,
    /// Whether back-ends may complete configs; off is `--disable-auto-complete-config`.
    pub auto_complete_config: bool,
    /// Whether it has a response cache (`--cache-config`).
    pub response_cache: Option<bool>,
    /// What `--rate-limit` is set to.
    pub rate_limit: Option<RateLimit>,
    /// What `--rate-limit-resource` makes available. Without any, all that is asked for is.
    pub rate_limit_resource: Vec<RateLimitResource>,
    /// What `--model-control-mode` is set to.
    pub model_control_mode: Option<ModelControlMode>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            version: None,
            gpus: None,
            cpus: None,
            backends: None,
            auto_complete_config: true,
            response_cache: None,
            rate_limit: None,
            rate_limit_resource: Vec::new(),
            model_control_mode: None,
        }
    }
}

impl ServerSettings {
    /// Whether the server is known to be that release or a later one.
    #[must_use]
    pub fn is_since(&self, release: &'static str) -> bool {
        self.version.is_some_and(|version| version >= Release::constant(release))
    }

    /// Whether it loads all models of a repository at once, as far as is known.
    #[must_use]
    pub fn loads_all(&self) -> bool {
        self.model_control_mode != Some(ModelControlMode::Explicit)
    }

    /// How much of a resource each instance on a device may have at most, or of a global one all together
    /// (core `rate_limiter.cc`, `ParseAndValidateExplicitResources`). None if there is no limit.
    #[must_use]
    pub fn limit(&self, name: &str, device: ResourceDevice) -> Option<u64> {
        if self.rate_limit_resource.is_empty() {
            return None;
        }
        let counts = |resource: &&RateLimitResource| {
            let is_there = match device {
                ResourceDevice::Gpu(gpu) => resource.device.is_none_or(|device| device == gpu),
                ResourceDevice::Global | ResourceDevice::Unknown => true,
            };
            resource.name == name && is_there
        };
        // What is not listed is not available.
        Some(self.rate_limit_resource.iter().filter(counts).map(|resource| resource.count).max().unwrap_or(0))
    }
}

/// What a resource of the rate limiter belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceDevice {
    /// To all devices together.
    Global,
    /// To one GPU.
    Gpu(u32),
    /// To a device that is not known.
    Unknown,
}

/// When instances may execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateLimit {
    /// At any time; resources and priorities are not looked at. The server's default.
    Off,
    /// When their resources are available.
    ExecutionCount,
}

/// Which models the server loads, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModelControlMode {
    /// All of them, when it starts. The server's default.
    None,
    /// Those that it is told to.
    Explicit,
    /// All of them, and again what changes.
    Poll,
}

/// One `--rate-limit-resource`: `NAME:COUNT`, or `NAME:COUNT:DEVICE` for one GPU only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimitResource {
    /// The name that configs ask for.
    pub name: String,
    /// How much of it there is.
    pub count: u64,
    /// The GPU that it belongs to; none if each has as much.
    pub device: Option<u32>,
}

impl Serialize for RateLimitResource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.device {
            None => serializer.collect_str(&format_args!("{}:{}", self.name, self.count)),
            Some(device) => serializer.collect_str(&format_args!("{}:{}:{device}", self.name, self.count)),
        }
    }
}

impl FromStr for RateLimitResource {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "`NAME:COUNT` or `NAME:COUNT:DEVICE`, as --rate-limit-resource has it, like \"gpu:4:0\"";
        let parts: Vec<_> = text.split(':').collect();
        let (name, count, device) = match parts.as_slice() {
            [name, count] => (*name, *count, None),
            [name, count, device] => (*name, *count, Some(*device)),
            _ => return Err(EXPECTED),
        };
        let device = device.map(str::parse).transpose().map_err(|_| EXPECTED)?;
        let count = count.parse().map_err(|_| EXPECTED)?;
        if name.is_empty() { Err(EXPECTED) } else { Ok(Self { name: name.to_owned(), count, device }) }
    }
}

impl<'de> Deserialize<'de> for RateLimitResource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|expected| de::Error::invalid_value(Unexpected::Str(&text), &expected))
    }
}

impl JsonSchema for RateLimitResource {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RateLimitResource".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "rate-limit-resource" })
    }
}

/// How a release is written and read.
mod release {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::ReleaseVisitor;
    use crate::schema::Release;

    struct Written(Release);

    impl<'de> Deserialize<'de> for Written {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(ReleaseVisitor).map(Self)
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "serde hands it out so")]
    pub(super) fn serialize<S: Serializer>(release: &Option<Release>, serializer: S) -> Result<S::Ok, S::Error> {
        release.map(|release| release.to_string()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Release>, D::Error> {
        Ok(Option::<Written>::deserialize(deserializer)?.map(|written| written.0))
    }
}

struct ReleaseVisitor;

impl Visitor<'_> for ReleaseVisitor {
    type Value = Release;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(RELEASE)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Release, E> {
        release_of(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// How a release is written.
pub(crate) const RELEASE: &str =
    "a release of the container such as \"24.10\", or a version of the server such as \"2.51.0\"";

/// The release of the container that is meant by it or by the version of the server.
pub(crate) fn release_of(text: &str) -> Option<Release> {
    let bare = text.strip_prefix(['r', 'v']).unwrap_or(text);
    bare.parse().ok().or_else(|| release_of_core(bare))
}

/// The container that a version of the server came in. There was one a month, each with the
/// next minor version but for one.
fn release_of_core(text: &str) -> Option<Release> {
    /// Month 0 is the one before 00.01.
    const fn month_of(year: u16, month: u16) -> u16 {
        year * 12 + month
    }
    let mut parts = text.split('.');
    let (major, minor) = (parts.next()?, parts.next()?.parse::<u16>().ok()?);
    let patch = parts.next().map_or(Ok(0), str::parse::<u16>).ok()?;
    if major != "2" || parts.next().is_some() || !(10..=200).contains(&minor) {
        return None;
    }
    let month = match (minor, patch) {
        // The one version that stayed for two months.
        (59, 1..) => month_of(25, 7),
        (..60, _) => month_of(23, 4) + minor - 33,
        _ => month_of(25, 8) + minor - 60,
    };
    let (year, month) = ((month - 1) / 12, (month - 1) % 12 + 1);
    Some(Release { year: u8::try_from(year).ok()?, month: u8::try_from(month).ok()? })
}

#[cfg(test)]
mod tests {
    use super::{RateLimitResource, ResourceDevice, ServerSettings, release_of_core};

    #[test]
    fn versions_are_those_of_the_containers() {
        // From the servers' release pages.
        let known = [
            ("2.10.0", "21.05"),
            ("2.24.0", "22.07"),
            ("2.33.0", "23.04"),
            ("2.41.0", "23.12"),
            ("2.42.0", "24.01"),
            ("2.51.0", "24.10"),
            ("2.51", "24.10"),
            ("2.55.0", "25.02"),
            ("2.59.0", "25.06"),
            ("2.59.1", "25.07"),
            ("2.60.0", "25.08"),
            ("2.63.0", "25.11"),
            ("2.67.0", "26.03"),
            ("2.71.0", "26.07"),
            ("2.73.0", "26.09"),
        ];
        for (version, release) in known {
            assert_eq!(release_of_core(version).map(|found| found.to_string()).as_deref(), Some(release), "{version}");
        }
        for other in ["3.1.0", "2", "2.x", "2.51.0.1", "2.5", "24.10.1"] {
            assert_eq!(release_of_core(other), None, "{other}");
        }
    }

    #[test]
    fn values_are_read_or_told_what_they_should_be() {
        let read = |text: &str| toml::from_str::<ServerSettings>(text);
        let all = "version = 'r24.10'\ngpus = 2\nauto-complete-config = false\nrate-limit = 'execution_count'\n\
                   rate-limit-resource = ['a:3', 'a:5:1']\nmodel-control-mode = 'poll'";
        let settings = read(all).expect("all of them");
        assert!(settings.is_since("24.10") && !settings.is_since("24.11") && !settings.auto_complete_config);
        let resource = |count, device| RateLimitResource { name: "a".into(), count, device };
        assert_eq!(settings.rate_limit_resource, [resource(3, None), resource(5, Some(1))]);
        assert_eq!(settings.limit("a", ResourceDevice::Gpu(0)), Some(3));
        assert_eq!(settings.limit("a", ResourceDevice::Gpu(1)), Some(5));
        assert_eq!(settings.limit("a", ResourceDevice::Global), Some(5));
        assert_eq!(settings.limit("b", ResourceDevice::Global), Some(0));
        assert_eq!(ServerSettings::default().limit("b", ResourceDevice::Global), None);
        for (text, told) in [
            ("version = 24.10", "a release of the container such as \"24.10\""),
            ("version = 'latest'", "or a version of the server such as \"2.51.0\""),
            ("gpus = -1", "expected u32"),
            ("rate-limit = 'on'", "expected `off` or `execution_count`"),
            ("rate-limit-resource = ['a']", "`NAME:COUNT` or `NAME:COUNT:DEVICE`"),
            ("model-control-mode = 'manual'", "expected one of `none`, `explicit`, `poll`"),
            ("gpu = 1", "unknown field `gpu`"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
