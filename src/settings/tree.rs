//! Settings before they have a type: each value with where it was said, so that files can be laid over
//! each other and everybody can be told who said what.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::Value as Json;

use super::selector::{LevelChange, Selector};
use super::{LevelSetting, Settings};

/// Settings by their names.
pub type Table = BTreeMap<String, Entry>;

/// A value and who said it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// Who said it.
    pub origin: Origin,
}

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Further settings.
    Table(Table),
    /// Several values.
    Array(Vec<Entry>),
    /// Anything else.
    Scalar(Json),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything else.
    Default,
    /// A settings file.
    File {
        /// The file as people are told it.
        path: Arc<Path>,
        /// The line, from 1.
        line: usize,
        /// The name by which it is said there.
        name: Arc<str>,
    },
    /// The command line.
    Option {
        /// The option, as it was given.
        option: String,
        /// The name by which it is said there.
        name: Arc<str>,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line, .. } => write!(f, "{}:{line}", path.display()),
            Self::Option { option, .. } => f.write_str(option),
        }
    }
}

/// The settings that hold where nobody said anything.
pub(super) fn defaults() -> Table {
    match of_json(serde_json::to_value(Settings::default()).unwrap_or_default()).value {
        Value::Table(table) => table,
        Value::Array(_) | Value::Scalar(_) => Table::new(),
    }
}

fn of_json(value: Json) -> Entry {
    let value = match value {
        Json::Object(map) => Value::Table(map.into_iter().map(|(name, value)| (name, of_json(value))).collect()),
        Json::Array(items) => Value::Array(items.into_iter().map(of_json).collect()),
        scalar => Value::Scalar(scalar),
    };
    Entry { value, origin: Origin::Default }
}

/// Lays settings over others. Tables are merged; any other value takes the place of the one below, but
/// for the overrides, which come after those below.
pub(super) fn merge(below: &mut Table, above: Table) {
    for (name, entry) in above {
        match (below.get_mut(&name).map(|entry| &mut entry.value), entry.value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (Some(Value::Array(below)), Value::Array(above)) if name == "overrides" => below.extend(above),
            (_, value) => {
                below.insert(name, Entry { value, origin: entry.origin });
            }
        }
    }
}

/// Writes the levels of a file out for every rule that they mean, so that in another file a category
/// can change what is said of a rule here. In one file the narrower name is right.
pub(super) fn spell_out(levels: &mut Table) {
    let mut named: Vec<_> = std::mem::take(levels)
        .into_iter()
        .filter_map(|(name, entry)| Some((name.parse::<Selector>().ok()?, entry)))
        .collect();
    named.sort_by_key(|(selector, _)| selector.breadth());
    for (selector, entry) in named {
        for rule in selector.rules() {
            levels.insert(rule.name.to_owned(), entry.clone());
        }
    }
}

/// Does what the command line says of rules, in its order.
pub(super) fn change_levels(levels: &mut Table, changes: &[LevelChange]) {
    let mut is_selection = false;
    let set = |levels: &mut Table, rule: &str, level: LevelSetting, name: &str| {
        let value = serde_json::to_value(level).unwrap_or_default();
        let origin = Origin::Option { option: option_of(level, name), name: name.into() };
        levels.insert(rule.to_owned(), Entry { value: Value::Scalar(value), origin });
    };
    let before = levels.clone();
    for change in changes {
        match change {
            LevelChange::Set(level, selector) => {
                for rule in selector.rules() {
                    set(levels, rule.name, *level, &selector.to_string());
                }
            }
            LevelChange::Select(selector) => {
                if !std::mem::replace(&mut is_selection, true) {
                    for rule in crate::rules::all() {
                        set(levels, rule.name, LevelSetting::Off, "all");
                    }
                }
                for rule in selector.rules() {
                    // What a file says of its level stays, unless that is to be silent.
                    match before.get(rule.name).filter(|entry| !is_off(entry)) {
                        Some(entry) => {
                            levels.insert(rule.name.to_owned(), entry.clone());
                        }
                        None => set(levels, rule.name, LevelSetting::Default, &selector.to_string()),
                    }
                }
            }
        }
    }
}

fn is_off(entry: &Entry) -> bool {
    matches!(&entry.value, Value::Scalar(Json::String(level)) if level == "off")
}

fn option_of(level: LevelSetting, name: &str) -> String {
    let option = match level {
        LevelSetting::Off => "--allow",
        LevelSetting::Info => "--info",
        LevelSetting::Warning => "--warn",
        LevelSetting::Error => "--deny",
        LevelSetting::Default => "--select",
    };
    format!("{option} {name}")
}

/// The settings with their types. What a file says was checked before.
pub(super) fn typed(table: &Table) -> Result<Settings, String> {
    Settings::deserialize(json_of(table)).map_err(|error| error.to_string())
}

fn json_of(table: &Table) -> Json {
    Json::Object(table.iter().map(|(name, entry)| (name.clone(), entry.to_json())).collect())
}

impl Entry {
    /// The value as JSON, without its origin.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Table(table) => json_of(table),
            Value::Array(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Scalar(scalar) => scalar.clone(),
        }
    }
}
