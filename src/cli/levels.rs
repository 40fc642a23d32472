//! The options that change the levels of rules, in the order in which they are given.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, error::Result};

use crate::settings::{LevelChange, LevelSetting, Selector};

/// What the options say, from left to right.
#[derive(Clone, Default)]
pub(super) struct Levels(pub(super) Vec<LevelChange>);

/// What an option does with the rules that it names.
type Change = fn(Selector) -> LevelChange;

const OPTIONS: [(&str, Option<char>, &str, Change); 6] = [
    ("deny", Some('D'), "Report these rules as errors", |of| LevelChange::Set(LevelSetting::Error, of)),
    ("warn", Some('W'), "Report these rules as warnings", |of| LevelChange::Set(LevelSetting::Warning, of)),
    ("info", None, "Report these rules as information", |of| LevelChange::Set(LevelSetting::Info, of)),
    ("allow", Some('A'), "Do not run these rules", |of| LevelChange::Set(LevelSetting::Off, of)),
    ("select", None, "Run these rules only", LevelChange::Select),
    ("ignore", None, "Do not run these rules", |of| LevelChange::Set(LevelSetting::Off, of)),
];

impl FromArgMatches for Levels {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self> {
        let mut changes = Vec::new();
        for (name, _, _, change) in OPTIONS {
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
        OPTIONS.into_iter().fold(command, |command, (name, short, help, _)| {
            let arg = Arg::new(name).long(name).help(help).value_name("RULES").help_heading("Rules");
            let arg = arg.action(ArgAction::Append).value_delimiter(',').value_parser(str::parse::<Selector>);
            command.arg(if let Some(short) = short { arg.short(short) } else { arg })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
