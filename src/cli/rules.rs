//! `tritonlint rules`.

use std::io;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Output, Status};
use crate::rule::{Applicability, Rule};

#[derive(Args)]
pub(super) struct Arguments {
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    output_format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// As a table, one line a rule; the level of those that are off by default is in parentheses
    Text,
    /// As JSON, with their pages
    Json,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> io::Result<Status> {
    let text = match arguments.output_format {
        Format::Text => as_text(),
        Format::Json => as_json(),
    };
    output.print(text.as_bytes())?;
    Ok(Status::Clean)
}

fn as_json() -> String {
    let rules = crate::rules::all().into_iter().map(|rule| {
        json!({
            "name": rule.name,
            "category": rule.category,
            "level": rule.level,
            "on_by_default": rule.category.is_on_by_default(),
            "fix": rule.fix,
            "backends": rule.backends,
            "summary": rule.summary(),
            "page": rule.page,
        })
    });
    format!("{:#}\n", rules.collect::<Value>())
}

/// A table: a heading, and one line a rule.
fn as_text() -> String {
    const HEADING: [&str; 6] = ["RULE", "CATEGORY", "LEVEL", "FIX", "BACK-ENDS", "WHAT IT FINDS"];
    let mut rows = vec![HEADING.map(str::to_owned)];
    rows.extend(crate::rules::all().into_iter().map(cells));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths: [usize; 5] = std::array::from_fn(width);
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
        format!("{}{}\n", cells.collect::<String>(), row[5])
    });
    lines.collect()
}

fn cells(rule: &Rule) -> [String; 6] {
    let level = if rule.category.is_on_by_default() { rule.level.to_string() } else { format!("({})", rule.level) };
    let fix = match rule.fix {
        Some(Applicability::Safe) => "safe",
        Some(Applicability::Unsafe) => "unsafe",
        None => "-",
    };
    let backends = if rule.backends.is_empty() { "any".to_owned() } else { rule.backends.join(", ") };
    [rule.name.to_owned(), rule.category.to_string(), level, fix.to_owned(), backends, rule.summary()]
}
