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

/// The name under which a file says something of rules.
pub(super) const RULES: &str = "rules";

/// The name of a rule's level beside its options.
pub(super) const LEVEL: &str = "level";

/// The name of the options among the typed settings.
const OPTIONS: &str = "options";

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
    let Value::Table(mut table) = of_json(serde_json::to_value(Settings::default()).unwrap_or_default()).value else {
        return Table::new();
    };
    // Options stand in the tables of their rules.
    if let Some(options) = table.remove(OPTIONS) {
        table.insert(RULES.to_owned(), options);
    }
    table
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

/// Writes what a file says of rules out for every rule that it means, as a table of the rule's level and
/// options, so that in another file a category can change what is said of a rule here. In one file the
/// narrower name is right.
pub(super) fn spell_out(rules: &mut Table) {
    let mut named: Vec<_> = std::mem::take(rules)
        .into_iter()
        .filter_map(|(name, entry)| Some((name.parse::<Selector>().ok()?, entry)))
        .collect();
    named.sort_by_key(|(selector, _)| selector.breadth());
    for (selector, entry) in named {
        for rule in selector.rules() {
            match entry.value.clone() {
                Value::Table(said) => said.into_iter().for_each(|(key, entry)| set(rules, rule.name, &key, entry)),
                value => set(rules, rule.name, LEVEL, Entry { value, origin: entry.origin.clone() }),
            }
        }
    }
}

/// Sets the level or an option of a rule.
fn set(rules: &mut Table, rule: &str, key: &str, entry: Entry) {
    let said = rules
        .entry(rule.to_owned())
        .or_insert_with(|| Entry { value: Value::Table(Table::new()), origin: entry.origin.clone() });
    if let Value::Table(said) = &mut said.value {
        said.insert(key.to_owned(), entry);
    }
}

/// The level that was set for a rule.
fn level<'t>(rules: &'t Table, rule: &str) -> Option<&'t Entry> {
    match &rules.get(rule)?.value {
        Value::Table(said) => said.get(LEVEL),
        Value::Array(_) | Value::Scalar(_) => None,
    }
}

/// Does what the command line says of rules, in its order.
pub(super) fn change_levels(rules: &mut Table, changes: &[LevelChange]) {
    let mut is_selection = false;
    let set_level = |rules: &mut Table, rule: &str, level: LevelSetting, name: &str| {
        let value = serde_json::to_value(level).unwrap_or_default();
        let origin = Origin::Option { option: option_of(level, name), name: name.into() };
        set(rules, rule, LEVEL, Entry { value: Value::Scalar(value), origin });
    };
    let before = rules.clone();
    for change in changes {
        match change {
            LevelChange::Set(level, selector) => {
                for rule in selector.rules() {
                    set_level(rules, rule.name, *level, &selector.to_string());
                }
            }
            LevelChange::Select(selector) => {
                if !std::mem::replace(&mut is_selection, true) {
                    for rule in crate::rules::all() {
                        set_level(rules, rule.name, LevelSetting::Off, "all");
                    }
                }
                for rule in selector.rules() {
                    // What a file says of its level stays, unless that is to be silent.
                    match level(&before, rule.name).filter(|entry| !is_off(entry)) {
                        Some(entry) => set(rules, rule.name, LEVEL, entry.clone()),
                        None => set_level(rules, rule.name, LevelSetting::Default, &selector.to_string()),
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
    let mut settings = json_of(table);
    if let Some(settings) = settings.as_object_mut() {
        let (levels, options) = parted(settings.remove(RULES).unwrap_or_default());
        settings.insert(RULES.to_owned(), levels);
        settings.insert(OPTIONS.to_owned(), options);
        // Those that hold were laid over the other settings; in these tables they have no type.
        settings.remove("overrides");
    }
    Settings::deserialize(settings).map_err(|error| error.to_string())
}

/// Levels and options of rules, each by the name of the rule.
fn parted(rules: Json) -> (Json, Json) {
    let (mut levels, mut options) = (serde_json::Map::new(), serde_json::Map::new());
    let Json::Object(rules) = rules else { return (Json::Object(levels), Json::Object(options)) };
    for (rule, said) in rules {
        let Json::Object(mut said) = said else { continue };
        levels.extend(said.remove(LEVEL).map(|level| (rule.clone(), level)));
        if !said.is_empty() {
            options.insert(rule, Json::Object(said));
        }
    }
    (Json::Object(levels), Json::Object(options))
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
