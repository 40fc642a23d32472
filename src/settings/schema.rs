//! The JSON schema of a settings file: for editors, and for our own checks.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema as schema};
use serde_json::{Map, Value};

use super::selector::Selector;
use super::{LevelSetting, RuleOptions, Settings};
use crate::rule::Rule;

/// The schema of a settings file, as JSON.
#[must_use]
pub fn json_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| inlined().into_root_schema_for::<Settings>().to_value());
    &SCHEMA
}

/// An option of a rule, as it is documented.
#[derive(Clone, Debug)]
pub struct RuleOption {
    /// Its name.
    pub name: String,
    /// What it says.
    pub doc: String,
    /// What it takes, in a few words.
    pub takes: &'static str,
    /// What holds where nobody sets it, as TOML.
    pub default: String,
}

/// The options of a rule besides its level.
#[must_use]
pub fn options_of(rule: &Rule) -> Vec<RuleOption> {
    static OPTIONS: LazyLock<Value> = LazyLock::new(|| inlined().into_root_schema_for::<RuleOptions>().to_value());
    static DEFAULTS: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(RuleOptions::default()).unwrap_or_default());
    let properties = OPTIONS["properties"][rule.name]["properties"].as_object();
    let options = properties.into_iter().flatten().map(|(name, schema)| RuleOption {
        name: name.clone(),
        doc: schema["description"].as_str().unwrap_or_default().replace('\n', " "),
        takes: if schema["type"] == "array" { "a list of texts" } else { "an integer" },
        default: DEFAULTS[rule.name][name].to_string(),
    });
    options.collect()
}

fn inlined() -> SchemaGenerator {
    SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true).into_generator()
}

/// The table that gives rules and categories their levels: every name is known.
pub(super) fn levels(generator: &mut SchemaGenerator) -> Schema {
    let level = generator.subschema_for::<LevelSetting>().to_value();
    let levels: Vec<_> = level["oneOf"].as_array().into_iter().flatten().map(|level| level["const"].clone()).collect();
    let options = generator.subschema_for::<RuleOptions>().to_value();
    let properties: Map<String, Value> = Selector::names()
        .into_iter()
        .map(|name| {
            let description = match crate::rules::find(&name) {
                Some(rule) => rule.summary(),
                None => format!("The rules of `{name}`."),
            };
            let level = serde_json::json!({ "enum": levels });
            let schema = if crate::rules::find(&name).is_some() {
                let mut table = Map::from_iter([("level".to_owned(), level.clone())]);
                table.extend(options["properties"][&name]["properties"].as_object().cloned().unwrap_or_default());
                let table = serde_json::json!({ "type": "object", "additionalProperties": false, "properties": table });
                serde_json::json!({ "description": description, "anyOf": [level, table] })
            } else {
                serde_json::json!({ "description": description, "enum": levels })
            };
            (name, schema)
        })
        .collect();
    schema!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// Patterns for paths.
pub(super) fn patterns(_: &mut SchemaGenerator) -> Schema {
    schema!({ "type": "array", "items": { "type": "string", "format": "pattern" } })
}

/// Patterns for names.
pub(super) fn globs(_: &mut SchemaGenerator) -> Schema {
    schema!({ "type": "array", "items": { "type": "string", "format": "glob" } })
}

/// Shapes by the names of inputs, which can be any.
pub(super) fn shapes(_: &mut SchemaGenerator) -> Schema {
    let shape = serde_json::json!({ "type": "array", "items": { "type": "integer", "minimum": 1 } });
    schema!({ "type": "object", "additionalProperties": shape })
}
