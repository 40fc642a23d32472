//! `tritonlint rules`.

use std::io;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Output, Status};
use crate::rule::Applicability;

#[derive(Args)]
pub(super) struct Arguments {
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    output_format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One line a rule
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
            "fix": rule.fix,
            "summary": rule.summary(),
            "page": rule.page,
        })
    });
    format!("{:#}\n", rules.collect::<Value>())
}

fn as_text() -> String {
    let rules = crate::rules::all();
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    let lines = rules.iter().map(|rule| {
        let fix = match rule.fix {
            Some(Applicability::Safe) => "fix",
            Some(Applicability::Unsafe) => "unsafe fix",
            None => "",
        };
        format!("{:width$}  {:7}  {:10}  {}\n", rule.name, rule.level.to_string(), fix, rule.summary())
    });
    lines.collect()
}
