//! `tritonlint explain`.

use std::io;

use clap::Args;

mod vocabulary;

use super::{Output, Status};
use crate::rule::Applicability;
use crate::schema::nearest;

#[derive(Args)]
pub(super) struct Arguments {
    /// The name of a rule; or `parameter:BACKEND`, `parameter:BACKEND.KEY`, `backend:NAME` or `field:PATH`
    rule: String,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> io::Result<Status> {
    match vocabulary::explain(&arguments.rule) {
        Some(Ok(page)) => {
            output.print(page.as_bytes())?;
            return Ok(Status::Clean);
        }
        Some(Err(complaint)) => {
            output.complain(&complaint);
            return Ok(Status::Failure);
        }
        None => {}
    }
    let Some(rule) = crate::rules::find(&arguments.rule) else {
        let names = crate::rules::all().into_iter().map(|rule| rule.name);
        let hint = nearest(&arguments.rule, names).map(|name| format!("; did you mean `{name}`?"));
        let hint = hint.unwrap_or_else(|| "; `tritonlint rules` lists them".into());
        output.complain(&format!("there is no rule `{}`{hint}", arguments.rule.escape_debug()));
        return Ok(Status::Failure);
    };
    let fix = match rule.fix {
        Some(Applicability::Safe) => "`--fix`",
        Some(Applicability::Unsafe) => "`--fix --unsafe-fixes`",
        None => "by hand",
    };
    let (title, rest) = rule.page.split_once('\n').unwrap_or((rule.page, ""));
    let about = format!("Category: {} · Level: {} · Fix: {fix}", rule.category, rule.level);
    output.print(format!("{title}\n\n{about}\n{rest}").as_bytes())?;
    Ok(Status::Clean)
}
