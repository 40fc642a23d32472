//! `tritonlint settings`, and the options that say which settings are in force.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, json};

use super::levels::Levels;
use super::{Output, Status};
use crate::model::CONFIG_FILE;
use crate::model::load::message;
use crate::output::{faults, visible};
use crate::settings::{Discovery, Entry, Origin, Resolved, Source, Table, Value, json_schema};

/// Which settings are in force.
#[derive(Args)]
#[group(skip)]
pub(super) struct Options {
    #[command(flatten)]
    levels: Levels,

    /// Read settings from this file, and from no other
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    config: Option<PathBuf>,

    /// Read no settings file
    #[arg(long, conflicts_with = "config", help_heading = "Settings")]
    isolated: bool,

    /// Leave excluded models alone even if they are named on the command line
    #[arg(long, help_heading = "Settings")]
    force_exclude: bool,
}

impl Options {
    pub(super) fn discovery(&self) -> Discovery {
        let source = match &self.config {
            Some(file) => Source::File(file.clone()),
            None if self.isolated => Source::Nowhere,
            None => Source::Closest,
        };
        Discovery::new(source, self.levels.0.clone(), self.force_exclude)
    }
}

impl Options {
    /// Whether the settings come from a file that was named.
    pub(super) fn names_a_file(&self) -> bool {
        self.config.is_some()
    }
}

/// Tells what is wrong in the settings files. Whether anything is.
pub(super) fn complain(discovery: &Discovery, output: &Output) -> bool {
    if discovery.faults().is_empty() {
        return false;
    }
    output.print_beside(&faults(discovery.faults(), output.graphics()));
    true
}

#[derive(Args)]
pub(super) struct Arguments {
    /// The model, config or folder that the question is about
    #[arg(default_value = ".")]
    path: PathBuf,

    #[command(flatten)]
    options: Options,

    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    output_format: Format,

    /// Print the JSON schema of a settings file
    #[arg(long, conflicts_with = "path")]
    schema: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// As a settings file, with comments
    Text,
    /// As JSON
    Json,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> io::Result<Status> {
    if arguments.schema {
        output.print(format!("{:#}\n", json_schema()).as_bytes())?;
        return Ok(Status::Clean);
    }
    let path = std::path::absolute(&arguments.path)?;
    if let Err(error) = path.metadata() {
        output.complain(&format!("{}: {}", arguments.path.display(), message(&error)));
        return Ok(Status::Failure);
    }
    let folder = if path.file_name().is_some_and(|name| name == CONFIG_FILE) { parent(&path) } else { &path };
    let name = folder.file_name().and_then(|name| name.to_str());
    let mut discovery = arguments.options.discovery();
    let resolved = discovery.resolve(folder, name);
    if complain(&discovery, output) {
        return Ok(Status::Failure);
    }
    let text = match arguments.output_format {
        Format::Text => as_text(&resolved),
        Format::Json => as_json(&resolved),
    };
    output.print(visible(&text).as_bytes())?;
    Ok(Status::Clean)
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn as_text(resolved: &Resolved) -> String {
    let mut text = String::new();
    if resolved.files.is_empty() {
        text.push_str("# No settings file.\n");
    }
    for file in &resolved.files {
        let _ = writeln!(text, "# {}", file.display());
    }
    let mut lines = Vec::new();
    for (name, entry) in told(&resolved.table) {
        match &entry.value {
            Value::Table(rules) if name == "rules" => lines.extend(lines_of_rules(rules)),
            _ => lines.extend(lines_of(name, entry)),
        }
    }
    let width = lines.iter().map(|(setting, _)| setting.chars().count()).max().unwrap_or_default();
    for (setting, origin) in lines {
        let _ = writeln!(text, "{setting:width$}  # {origin}");
    }
    text.push_str("# Other rules have the levels that `tritonlint rules` tells.\n");
    text
}

/// What is worth telling: overrides and what a file extends are in the other settings already.
fn told(table: &Table) -> impl Iterator<Item = (&str, &Entry)> {
    let entries = table.iter().map(|(name, entry)| (name.as_str(), entry));
    entries.filter(|(name, entry)| !matches!(*name, "extend" | "overrides") && !is_unset(entry))
}

fn is_unset(entry: &Entry) -> bool {
    matches!(entry.value, Value::Scalar(serde_json::Value::Null))
}

/// A line a setting, and who said it.
fn lines_of(name: &str, entry: &Entry) -> Vec<(String, String)> {
    match &entry.value {
        Value::Table(inner) => {
            let inner = inner.iter().filter(|(_, entry)| !is_unset(entry));
            inner.flat_map(|(key, entry)| lines_of(&format!("{name}.{key}"), entry)).collect()
        }
        Value::Array(_) | Value::Scalar(_) => {
            vec![(format!("{name} = {}", entry.to_json()), entry.origin.to_string())]
        }
    }
}

/// A line for each name that was given a level, as far as it still holds for a rule, and for each option.
fn lines_of_rules(rules: &Table) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (rule, entry) in rules {
        let Value::Table(said) = &entry.value else { continue };
        // Beside options a level has its own name.
        let has_options = said.len() > 1;
        for (key, entry) in said {
            let name = match &entry.origin {
                Origin::File { name, .. } | Origin::Option { name, .. } if key == "level" => match &**name {
                    name if name == rule && has_options => format!("{rule}.level"),
                    name => name.to_owned(),
                },
                _ => format!("{rule}.{key}"),
            };
            let line = (format!("rules.{name} = {}", entry.to_json()), entry.origin.to_string());
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines.sort();
    lines
}

fn as_json(resolved: &Resolved) -> String {
    let files: Vec<_> = resolved.files.iter().map(|file| file.to_string_lossy()).collect();
    let settings = json_of(&resolved.table);
    format!("{:#}\n", json!({ "files": files, "settings": settings }))
}

fn json_of(table: &Table) -> serde_json::Value {
    let entries = told(table).map(|(name, entry)| {
        let value = match &entry.value {
            Value::Table(inner) => json_of(inner),
            Value::Array(_) | Value::Scalar(_) => {
                json!({ "value": entry.to_json(), "origin": entry.origin.to_string() })
            }
        };
        (name.to_owned(), value)
    });
    serde_json::Value::Object(entries.collect::<Map<_, _>>())
}
