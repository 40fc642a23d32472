//! `tritonlint pages`: what the documentation site is made of, besides the files that are there anyway.
//! `scripts/docs` makes the site.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _};
use serde_json::Value;

use super::explain::{page, vocabulary};
use super::{Output, Status};
use crate::rule::{Applicability, Rule};
use crate::schema::backend::BACKENDS;
use crate::schema::parameter::TABLES;
use crate::schema::parameter::accelerator::ACCELERATORS;
use crate::schema::vocabulary::ModelConfig;
use crate::schema::{EnumDescriptor, FieldDescriptor, FieldType, Label, MessageDescriptor};
use crate::settings::json_schema;

#[derive(Args)]
pub(super) struct Arguments {
    /// The folder that they are written to
    folder: PathBuf,
}

/// The text of each page by its path.
type Pages = BTreeMap<String, String>;

pub(super) fn run(arguments: &Arguments, _: &Output) -> io::Result<Status> {
    let mut pages = Pages::new();
    rules(&mut pages);
    fields(&mut pages);
    parameters(&mut pages);
    pages.insert("reference/backends.md".into(), backends());
    pages.insert("reference/settings.md".into(), settings());
    pages.insert("reference/commands.md".into(), commands());
    for (path, text) in pages {
        let path = arguments.folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(path, text)?;
    }
    Ok(Status::Clean)
}

/// A page of each rule, and one that lists them.
fn rules(pages: &mut Pages) {
    let mut index = "# Rules\n".to_owned();
    let mut category = None;
    let mut paths = Vec::new();
    for rule in crate::rules::all() {
        if category.replace(rule.category) != Some(rule.category) {
            let name = rule.category;
            let state = if name.is_on_by_default() { "" } else { "\nOff unless asked for.\n" };
            let _ = write!(index, "\n## {name}\n{state}\n");
        }
        let path = format!("{}/{}.md", rule.category, rule.name.replace('-', "_"));
        let _ = writeln!(index, "- [{}]({path}): {}{}", rule.name, rule.summary(), about(rule));
        pages.insert(format!("rules/{path}"), page(rule));
        paths.push(path);
    }
    index.push_str(&contents(&paths));
    pages.insert("rules/index.md".into(), index);
}

fn about(rule: &Rule) -> String {
    let fix = match rule.fix {
        Some(Applicability::Safe) => ", fix",
        Some(Applicability::Unsafe) => ", unsafe fix",
        None => "",
    };
    format!(" ({}{fix})", rule.level)
}

/// A page of each message and enum that a config may hold, and one that lists them.
fn fields(pages: &mut Pages) {
    let mut messages = BTreeMap::new();
    let mut enums = BTreeMap::new();
    reach(ModelConfig::DESCRIPTOR, &mut messages, &mut enums);
    let mut index = format!(
        "# Fields\n\nA config is a [{0}](./{0}.md); what it may hold, of which type.\n\n",
        ModelConfig::DESCRIPTOR.name
    );
    for (name, message) in &messages {
        let _ = writeln!(index, "- [{name}](./{name}.md): {}", vocabulary::prose(message.doc));
        pages.insert(format!("reference/fields/{name}.md"), message_page(message));
    }
    index.push_str("\n## Enums\n\n");
    for (name, values) in &enums {
        let _ = writeln!(index, "- [{name}](./{name}.md): {}", vocabulary::prose(values.doc));
        pages.insert(format!("reference/fields/{name}.md"), enum_page(values));
    }
    let paths: Vec<_> = messages.keys().chain(enums.keys()).map(|name| format!("{name}.md")).collect();
    index.push_str(&contents(&paths));
    pages.insert("reference/fields/index.md".into(), index);
}

fn reach(
    message: &'static MessageDescriptor,
    messages: &mut BTreeMap<&'static str, &'static MessageDescriptor>,
    enums: &mut BTreeMap<&'static str, &'static EnumDescriptor>,
) {
    let mut waiting = vec![message];
    while let Some(message) = waiting.pop() {
        if messages.insert(message.name, message).is_some() {
            continue;
        }
        for field in message.fields {
            match innermost(&field.ty) {
                FieldType::Message(inner) => waiting.push(inner),
                FieldType::Enum(values) => {
                    enums.insert(values.name, values);
                }
                FieldType::Scalar(_) | FieldType::Map { .. } => {}
            }
        }
    }
}

/// Of a map the type of its values.
fn innermost(ty: &'static FieldType) -> &'static FieldType {
    match ty {
        FieldType::Map { value, .. } => innermost(value),
        other => other,
    }
}

fn message_page(message: &MessageDescriptor) -> String {
    let mut page = format!("# {}\n\n{}\n", message.name, vocabulary::prose(message.doc));
    for field in message.fields {
        let _ = write!(page, "\n## {}\n\n{}\n\n- Type: {}\n", field.name, vocabulary::prose(field.doc), type_of(field));
        if let Some(oneof) = field.oneof {
            let _ = writeln!(page, "- One of: `{oneof}`, of which only one field may be given");
        }
        if let Some(since) = field.since {
            let _ = writeln!(page, "- Since: release {since}");
        }
    }
    page
}

fn type_of(field: &'static FieldDescriptor) -> String {
    let name = match innermost(&field.ty) {
        FieldType::Scalar(scalar) => format!("`{}`", scalar.name()),
        FieldType::Message(MessageDescriptor { name, .. }) | FieldType::Enum(EnumDescriptor { name, .. }) => {
            format!("[{name}](./{name}.md)")
        }
        FieldType::Map { .. } => String::new(),
    };
    match (field.label, &field.ty) {
        (_, FieldType::Map { key, .. }) => format!("a map from `{}` to {name}", key.name()),
        (Label::Repeated, _) => format!("{name}, any number of times"),
        _ => name,
    }
}

fn enum_page(values: &EnumDescriptor) -> String {
    let mut page = format!("# {}\n\n{}\n\n", values.name, vocabulary::prose(values.doc));
    for value in values.values {
        let since = value.since.map(|since| format!(" (since release {since})")).unwrap_or_default();
        let _ = writeln!(page, "- `{}` = {}: {}{since}", value.name, value.number, vocabulary::prose(value.doc));
    }
    page
}

/// A page of each back-end that has parameters, and one that lists them.
fn parameters(pages: &mut Pages) {
    let mut index = "# Parameters\n\nWhat each back-end reads of `parameters`.\n\n".to_owned();
    let mut names: Vec<&str> = TABLES.iter().map(|table| table.backend).collect();
    names.dedup();
    for name in &names {
        let _ = writeln!(index, "- [{name}](./{name}.md)");
        let mut page = format!("# Parameters of {name}\n");
        for table in TABLES.iter().filter(|table| table.backend == *name) {
            let reader = format!("Read by {}, in `parameters`.", table.reader);
            if table.parameters.is_empty() {
                let _ = write!(page, "\n{} reads none.\n", table.reader);
            }
            for parameter in table.parameters {
                let _ = write!(page, "\n#{}", vocabulary::parameter_page(parameter, &reader, None));
            }
            if !table.command_line.is_empty() {
                let settings = table.command_line.join("`, `");
                let _ = write!(
                    page,
                    "\n## On the command line\n\nThe server takes these with `--backend-config={name},SETTING=VALUE`: \
                     `{settings}`.\n"
                );
            }
        }
        for accelerator in ACCELERATORS.iter().filter(|accelerator| accelerator.backend == *name) {
            let _ = write!(page, "\n#{}", vocabulary::accelerator_page(accelerator));
            for parameter in accelerator.parameters {
                let reader = format!("Read by the accelerator `{}`.", accelerator.name);
                let _ = write!(page, "\n##{}", vocabulary::parameter_page(parameter, &reader, Some(accelerator)));
            }
        }
        pages.insert(format!("reference/parameters/{name}.md"), page);
    }
    let paths: Vec<_> = names.iter().map(|name| format!("{name}.md")).collect();
    index.push_str(&contents(&paths));
    pages.insert("reference/parameters/index.md".into(), index);
}

fn backends() -> String {
    let texts = BACKENDS.iter().map(|backend| format!("\n#{}", vocabulary::backend_text(backend)));
    format!("# Back-ends\n{}", texts.collect::<String>())
}

/// What a settings file may hold, from its schema.
fn settings() -> String {
    let mut page = "# Settings\n\nWhat `tritonlint.toml`, `.tritonlint.toml` and `[tool.tritonlint]` in \
                    `pyproject.toml` may hold.\n"
        .to_owned();
    let mut tables = vec![(String::new(), json_schema())];
    while let Some((name, schema)) = tables.pop() {
        if !name.is_empty() {
            let _ = write!(page, "\n## {name}\n\n{}\n", described(schema));
        }
        let (mut inner, marks) = (Vec::new(), if name.is_empty() { "##" } else { "###" });
        let properties = schema["properties"].as_object().into_iter().flatten();
        for (key, schema) in properties {
            let path = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            let item = if schema["items"]["properties"].is_object() { &schema["items"] } else { schema };
            match key.as_str() {
                // Every rule and category has a name there.
                "rules" => {
                    let doc = described(schema);
                    let _ = write!(
                        page,
                        "\n{marks} {path}\n\n{doc} The [rules](../rules/index.md) tell which there are.\n"
                    );
                }
                _ if item["properties"].is_object() => inner.push((path, item)),
                _ => {
                    let _ = write!(page, "\n{marks} {path}\n\n{}\n", described(schema));
                    if !schema["default"].is_null() {
                        let _ = write!(page, "\n- Default: `{}`\n", schema["default"]);
                    }
                }
            }
        }
        tables.extend(inner.into_iter().rev());
    }
    page
}

fn described(schema: &Value) -> String {
    let values = schema["oneOf"].as_array().into_iter().flatten();
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    let values = values.chain(alternatives.flat_map(|one| one["oneOf"].as_array().into_iter().flatten()));
    let values: String = values
        .filter_map(|value| {
            let doc = value["description"].as_str().unwrap_or_default();
            Some(format!("\n- `{}`: {}", value["const"].as_str()?, vocabulary::prose(doc)))
        })
        .collect();
    let doc = vocabulary::prose(schema["description"].as_str().unwrap_or_default());
    if values.is_empty() { doc } else { format!("{doc}\n{values}") }
}

/// What each command says of itself.
fn commands() -> String {
    let mut command = super::Arguments::command();
    command.build();
    let mut page = "# Commands\n".to_owned();
    for command in command.get_subcommands_mut().filter(|one| one.get_name() != "help" && !one.is_hide_set()) {
        let help = command.render_long_help();
        let _ = write!(page, "\n## tritonlint {}\n\n```text\n{help}\n```\n", command.get_name());
    }
    page
}

/// What puts pages into the navigation.
fn contents(paths: &[String]) -> String {
    format!("\n```{{toctree}}\n:hidden:\n\n{}\n```\n", paths.join("\n"))
}
