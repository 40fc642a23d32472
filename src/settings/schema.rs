//! The JSON schema of a settings file: for editors, and for our own checks.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema as schema};
use serde_json::{Map, Value};

use super::selector::Selector;
use super::{LevelSetting, Settings};

/// The schema of a settings file, as JSON.
#[must_use]
pub fn json_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
        settings.into_generator().into_root_schema_for::<Settings>().to_value()
    });
    &SCHEMA
}

/// The table that gives rules and categories their levels: every name is known.
pub(super) fn levels(generator: &mut SchemaGenerator) -> Schema {
    let level = generator.subschema_for::<LevelSetting>().to_value();
    let levels: Vec<_> = level["oneOf"].as_array().into_iter().flatten().map(|level| level["const"].clone()).collect();
    let properties: Map<String, Value> = Selector::names()
        .into_iter()
        .map(|name| {
            let description = match crate::rules::find(&name) {
                Some(rule) => rule.summary(),
                None => format!("The rules of `{name}`."),
            };
            (name, serde_json::json!({ "description": description, "enum": levels }))
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
