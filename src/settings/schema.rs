//! The JSON schema of a settings file: for editors, and for our own checks.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema as schema};
use serde_json::{Map, Value, json};

use super::selector::Selector;
use super::{LevelSetting, RuleOptions, Settings};
use crate::rule::Rule;

/// The schema of a settings file, as JSON.
#[must_use]
pub fn json_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let mut schema = inlined().into_root_schema_for::<Settings>();
        schema.insert("definitions".into(), definitions());
        schema.to_value()
    });
    &SCHEMA
}

/// What a part of [`json_schema`] refers to, or the part itself.
pub(super) fn resolved(part: &'static Value) -> &'static Value {
    // In draft 7 nothing counts beside `$ref`, and so it stands by itself in `allOf`.
    let reference = part["$ref"].as_str().or_else(|| part["allOf"][0]["$ref"].as_str());
    let path = reference.and_then(|reference| reference.strip_prefix('#'));
    path.and_then(|path| json_schema().pointer(path)).map_or(part, resolved)
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

/// The table that gives rules and categories their levels. It is most of the schema, and so it stands there once.
pub(super) fn levels(_: &mut SchemaGenerator) -> Schema {
    schema!({ "allOf": [{ "$ref": "#/definitions/rules" }] })
}

/// What the schema refers to by name.
fn definitions() -> Value {
    let level = inlined().into_root_schema_for::<LevelSetting>().to_value();
    let levels: Vec<_> = level["oneOf"].as_array().into_iter().flatten().map(|level| &level["const"]).collect();
    let options = inlined().into_root_schema_for::<RuleOptions>().to_value();
    let properties: Map<String, Value> = Selector::names()
        .into_iter()
        .map(|name| {
            let (rule, options) = (crate::rules::find(&name), options["properties"][&name]["properties"].as_object());
            let description = rule.map_or_else(|| format!("The rules of `{name}`."), Rule::summary);
            let schema = match (rule, options) {
                (None, _) => json!({ "description": description, "allOf": [{ "$ref": "#/definitions/level" }] }),
                (Some(_), None) => json!({ "description": description, "allOf": [{ "$ref": "#/definitions/rule" }] }),
                (Some(_), Some(options)) => json!({ "description": description, "anyOf": level_or_table(options) }),
            };
            (name, schema)
        })
        .collect();
    json!({
        "level": { "enum": levels },
        "rule": { "anyOf": level_or_table(&Map::new()) },
        "rules": { "type": "object", "additionalProperties": false, "properties": properties },
    })
}

/// The alternatives of a rule: a level, or a table of the level and options.
fn level_or_table(options: &Map<String, Value>) -> Value {
    let level = json!({ "$ref": "#/definitions/level" });
    let mut table = options.clone();
    table.insert("level".into(), level.clone());
    json!([level, { "type": "object", "additionalProperties": false, "properties": table }])
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
    let shape = json!({ "type": "array", "items": { "type": "integer", "minimum": 1 } });
    schema!({ "type": "object", "additionalProperties": shape })
}
