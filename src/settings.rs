//! What users can set.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::rule::Level;
use crate::server::ServerSettings;

/// All settings, with their defaults.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Settings {
    /// Levels of rules by their names, in place of their own.
    pub rules: BTreeMap<String, LevelSetting>,
    /// What is known of the repository.
    pub repository: RepositorySettings,
    /// What is known of the server.
    pub server: ServerSettings,
}

/// What a user makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelSetting {
    /// Do not run it.
    Off,
    /// Report it as information.
    Info,
    /// Report it as a warning.
    Warning,
    /// Report it as an error.
    Error,
}

impl LevelSetting {
    /// The level that findings get; none for [`LevelSetting::Off`].
    #[must_use]
    pub fn level(self) -> Option<Level> {
        match self {
            Self::Off => None,
            Self::Info => Some(Level::Info),
            Self::Warning => Some(Level::Warning),
            Self::Error => Some(Level::Error),
        }
    }
}

/// What is known of the repository.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RepositorySettings {
    /// Whether the folder is all that is deployed.
    pub complete: Completeness,
}

/// Whether a repository is all that is deployed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completeness {
    /// If every model with a config has a version with files in it, and one of them has weights.
    #[default]
    Auto,
    /// It is: what is not there is missing.
    Yes,
    /// It is not: weights or whole models come from elsewhere.
    No,
}

impl Settings {
    /// Reads settings from TOML.
    ///
    /// # Errors
    ///
    /// If the text is no TOML, or a name or value is none of those above.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
