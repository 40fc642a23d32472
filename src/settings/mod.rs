//! What users can set, where they say it, and what is in force for a model.
//!
//! [`Settings`] is what a settings file may hold, and the one place that a new setting is added to: the
//! JSON schema, the checks of a file, the merging of files and the origin of each value follow from
//! the type. [`Discovery`] finds the files and says what is in force where.

mod discovery;
mod document;
mod options;
mod probe;
mod schema;
mod selector;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use discovery::{Discovery, InForce, Resolved, Source, is_settings_file};
pub use document::Fault;
pub use options::RuleOptions;
pub use probe::{ProbeSettings, ProbeShapes};
pub use schema::{RuleOption, json_schema, options_of};
pub use selector::{LevelChange, Selector, UnknownSelector};
pub use tree::{Entry, Origin, Table, Value};

use crate::rule::{Level, Rule};
use crate::server::ServerSettings;

/// All settings, with their defaults.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(title = "Settings of tritonlint")]
pub struct Settings {
    /// Another settings file that this one goes on from: what is not said here is as it is there.
    #[schemars(extend("format" = "path"))]
    pub extend: Option<PathBuf>,
    /// Models and folders to leave alone, as patterns of the kind that `.gitignore` takes, relative to
    /// the file that they stand in.
    #[schemars(schema_with = "schema::patterns")]
    pub exclude: Vec<String>,
    /// Whether models that are named on the command line are excluded too.
    pub force_exclude: bool,
    /// A file that says what was found before and need not be reported.
    #[schemars(extend("format" = "path"))]
    pub baseline: Option<PathBuf>,
    /// Levels of rules, by their names, by the names of categories, or by `all`. In place of a level a rule
    /// takes a table of its `level` and its options.
    #[schemars(schema_with = "schema::levels")]
    pub rules: BTreeMap<String, LevelSetting>,
    /// The options of rules, which in a file stand in the tables of their rules.
    #[schemars(skip)]
    pub options: RuleOptions,
    /// What is known of the repository.
    pub repository: RepositorySettings,
    /// What is known of the server that loads it. What is left out is not judged, or told as a warning.
    pub server: ServerSettings,
    /// How the probe runs models. It runs none unless the command line asks for it.
    pub probe: ProbeSettings,
    /// What is different for some models. Of several that fit, the last one wins.
    pub overrides: Vec<Override>,
}

/// What a user makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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
    /// Report it at its own level.
    Default,
}

/// What is known of the repository.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RepositorySettings {
    /// Whether the folder is all that is deployed.
    pub complete: Completeness,
}

/// Whether a repository is all that is deployed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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

/// What is different for some models.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Override {
    /// The names of the models that are meant, as patterns with `*`, `?` and `[…]`.
    #[schemars(schema_with = "schema::globs")]
    pub models: Vec<String>,
    /// Where the models that are meant lie, as patterns of the kind that `.gitignore` takes, relative
    /// to the file that they stand in.
    #[schemars(schema_with = "schema::patterns")]
    pub paths: Vec<String>,
    /// Levels of rules, by their names, by the names of categories, or by `all`; or tables of the `level` and
    /// the options of a rule.
    #[schemars(schema_with = "schema::levels")]
    pub rules: BTreeMap<String, LevelSetting>,
}

/// What is to become of the findings of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There are to be none.
    Off,
    /// They have the levels that the rule gives them.
    Own,
    /// They have this level.
    Level(Level),
}

impl Settings {
    /// Reads settings from TOML, without the files that it may extend.
    ///
    /// # Errors
    ///
    /// If the text is no TOML, or a name or value is none of those above.
    pub fn from_toml(text: &str) -> Result<Self, Fault> {
        let path = Path::new("tritonlint.toml");
        let read = document::read(path, path, text, document::Kind::Own);
        let read = read.map_err(|faults| faults.into_iter().next().unwrap_or_else(|| Fault::unreadable(path, "")))?;
        let mut all = tree::defaults();
        tree::merge(&mut all, read.unwrap_or_default().table);
        tree::typed(&all).map_err(|reason| Fault::unreadable(path, &reason))
    }

    /// What is to become of the findings of a rule.
    #[must_use]
    pub fn verdict(&self, rule: &Rule) -> Verdict {
        match self.rules.get(rule.name) {
            None | Some(LevelSetting::Default) if rule.category.is_on_by_default() => Verdict::Own,
            None | Some(LevelSetting::Default | LevelSetting::Off) => Verdict::Off,
            Some(LevelSetting::Info) => Verdict::Level(Level::Info),
            Some(LevelSetting::Warning) => Verdict::Level(Level::Warning),
            Some(LevelSetting::Error) => Verdict::Level(Level::Error),
        }
    }
}

/// Says which settings are in force where.
pub trait Governs: Sync {
    /// The settings for the model or repository whose folder that is, as the workspace calls it.
    fn of(&self, folder: &Path) -> &Settings;
}

impl Governs for Settings {
    fn of(&self, _: &Path) -> &Settings {
        self
    }
}
