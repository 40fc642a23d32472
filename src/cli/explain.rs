//! `tritonlint explain`.

use std::io;

use clap::Args;

pub(super) mod vocabulary;

use super::{Output, Status};
use crate::rule::{Applicability, Rule};
use crate::rules;
use crate::schema::nearest;
use crate::server_message::{Match, search};
use crate::settings::{Selector, options_of};

#[derive(Args)]
pub(super) struct Arguments {
    /// The name of a rule, category, field, parameter or back-end; or `parameter:BACKEND`, `parameter:BACKEND.KEY`, `backend:NAME` or `field:PATH`; or
    /// what the server said: a line of its log, best in quotes
    #[arg(required = true, value_name = "TOPIC|MESSAGE")]
    words: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> io::Result<Status> {
    let text = arguments.words.join(" ");
    let text = text.trim();
    if let Some(rule) = rules::find(text) {
        output.print_page(&page(rule))?;
        return Ok(Status::Clean);
    }
    match vocabulary::explain(text) {
        Some(Ok(page)) => {
            output.print_page(&page)?;
            return Ok(Status::Clean);
        }
        Some(Err(complaint)) => {
            output.complain(&complaint);
            return Ok(Status::Failure);
        }
        None => {}
    }
    // No message is a single word.
    if text.contains(char::is_whitespace) {
        return explain_message(text, output);
    }
    let pages: Vec<_> = category_page(text).into_iter().chain(vocabulary::explain_word(text)).collect();
    if !pages.is_empty() {
        output.print_page(&pages.join("\n"))?;
        return Ok(Status::Clean);
    }
    let hint = match nearest(text, Selector::names().iter().map(String::as_str)).or_else(|| vocabulary::near(text)) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => "; `tritonlint rules` lists the rules".into(),
    };
    output.complain(&format!("there is no rule, category, field or parameter `{}`{hint}", text.escape_debug()));
    Ok(Status::Failure)
}

/// The rules of a category.
fn category_page(name: &str) -> Option<String> {
    let rules: Vec<_> = rules::all().into_iter().filter(|rule| rule.category.to_string() == name).collect();
    let category = rules.first()?.category;
    let default = if category.is_on_by_default() { "" } else { ", off by default" };
    let lines = rules.iter().map(|rule| format!("- `{}`: {}\n", rule.name, rule.summary()));
    Some(format!("# {name}\n\nA category of {} rules{default}:\n\n{}", rules.len(), lines.collect::<String>()))
}

fn explain_message(message: &str, output: &Output) -> io::Result<Status> {
    match search(message, &rules::all()).as_slice() {
        [] => {
            output.complain(
                "no rule knows this message of the server; it may come from a back-end, from the model, or from the \
                 machine",
            );
            return Ok(Status::Failure);
        }
        [Match { rule, quote, .. }] => {
            let heading = format!("The server says this of what `{}` finds:\n\n    {quote}\n\n", rule.name);
            output.print_page(&format!("{heading}{}", page(rule)))?;
        }
        several => {
            let width = several.iter().map(|found| found.rule.name.len()).max().unwrap_or_default();
            let lines =
                several.iter().map(|found| format!("    {:width$}  {}\n", found.rule.name, found.rule.summary()));
            let heading = format!("The server says this of what {} rules find:\n\n", several.len());
            let end = "\n`tritonlint explain RULE` tells more of each.\n";
            output.print_page(&format!("{heading}{}{end}", lines.collect::<String>()))?;
        }
    }
    Ok(Status::Clean)
}

/// The page of a rule, with what is known of it besides.
pub(super) fn page(rule: &Rule) -> String {
    let fix = match rule.fix {
        Some(Applicability::Safe) => "`--fix`",
        Some(Applicability::Unsafe) => "`--fix --unsafe-fixes`",
        None => "by hand",
    };
    let (title, rest) = rule.page.split_once('\n').unwrap_or((rule.page, ""));
    let level = if rule.category.is_on_by_default() { "" } else { " (off by default)" };
    let backends = match rule.backends {
        [] => String::new(),
        some => format!(" · Back-ends: {}", some.join(", ")),
    };
    let about = format!("Category: {} · Level: {}{level} · Fix: {fix}{backends}", rule.category, rule.level);
    let page = format!("{title}\n\n{about}\n{rest}");
    let options = options_of(rule).into_iter().map(|option| {
        format!("- `{}`: {} ({}, by default `{}`)\n", option.name, option.doc, option.takes, option.default)
    });
    let options: String = options.collect();
    if options.is_empty() { page } else { page.replacen(OPTIONS, &format!("{OPTIONS}\n{options}"), 1) }
}

/// The heading on the pages of rules that have options.
const OPTIONS: &str = "## Options\n";
