//! The options that change the levels of rules, in the order in which they are given.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, error::Result};

use crate::settings::{LevelChange, LevelSetting, Selector};

/// What the options say, from left to right.
#[derive(Clone, Default)]
pub(super) struct Levels(pub(super) Vec<LevelChange>);

/// What an option does with the rules that it names.
type Change = fn(Selector) -> LevelChange;

/// An option that changes levels.
struct LevelOption {
    name: &'static str,
    short: Option<char>,
    /// Another name, as other linters have it.
    alias: Option<&'static str>,
    help: &'static str,
    change: Change,
}

impl LevelOption {
    const fn new(name: &'static str, help: &'static str, change: Change) -> Self {
        Self { name, short: None, alias: None, help, change }
    }

    const fn short(self, short: char) -> Self {
        Self { short: Some(short), ..self }
    }

    const fn alias(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }
}

const OPTIONS: [LevelOption; 5] = [
    LevelOption::new("deny", "Report these rules as errors", |of| LevelChange::Set(LevelSetting::Error, of)).short('D'),
    LevelOption::new("warn", "Report these rules as warnings", |of| LevelChange::Set(LevelSetting::Warning, of))
        .short('W'),
    LevelOption::new("info", "Report these rules as information", |of| LevelChange::Set(LevelSetting::Info, of)),
    LevelOption::new("allow", "Do not run these rules", |of| LevelChange::Set(LevelSetting::Off, of))
        .short('A')
        .alias("ignore"),
    LevelOption::new("select", "Run these rules only", LevelChange::Select),
];

impl FromArgMatches for Levels {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self> {
        let mut changes = Vec::new();
        for LevelOption { name, change, .. } in OPTIONS {
            let indices = matches.indices_of(name).into_iter().flatten();
            let selectors = matches.get_many::<Selector>(name).into_iter().flatten();
            changes.extend(indices.zip(selectors).map(|(index, selector)| (index, change(selector.clone()))));
        }
        changes.sort_by_key(|(index, _)| *index);
        Ok(Self(changes.into_iter().map(|(_, change)| change).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<()> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Levels {
    fn augment_args(command: Command) -> Command {
        OPTIONS.into_iter().fold(command, |command, LevelOption { name, short, alias, help, .. }| {
            let arg = Arg::new(name).long(name).help(help).value_name("RULES").help_heading("Rules");
            let arg = arg.action(ArgAction::Append).value_delimiter(',').value_parser(str::parse::<Selector>);
            let arg = if let Some(short) = short { arg.short(short) } else { arg };
            command.arg(if let Some(alias) = alias { arg.visible_alias(alias) } else { arg })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
