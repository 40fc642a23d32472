//! `tritonlint rules`.

use std::io;

use super::{Output, Status};
use crate::rule::Applicability;

pub(super) fn run(output: &Output) -> io::Result<Status> {
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
    output.print(lines.collect::<String>().as_bytes())?;
    Ok(Status::Clean)
}
