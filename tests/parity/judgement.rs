//! What it means that the server refuses or accepts what we do or do not find an error in.

use std::collections::{BTreeMap, BTreeSet};

use tritonlint::rule::{Level, Rule};
use tritonlint::schema::Release;
use tritonlint::schema::vocabulary::{ENUMS, MESSAGES};

use crate::repository::{Finding, Repository, settings, settings_of_core};
use crate::server::{Mode, Refusal, THE_END, Verdict};
use crate::support::page::{Speaker, quotes_of};

/// The release that the server of the tests is of.
pub(crate) const RELEASE: Release = Release::constant("24.10");

/// What comes of comparing.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// The server accepts it, and so do we.
    Accepted,
    /// The server refuses it, and we say so.
    Refused,
    /// The server refuses it, and we find no error.
    Missed(Refusal),
    /// The server accepts it, and these rules find errors.
    False(BTreeSet<&'static str>),
    /// The verdict of this server says nothing about our rules.
    Unjudged(&'static str),
}

/// A refusal that says nothing about our rules.
pub(crate) struct Exception {
    pub(crate) name: &'static str,
    pub(crate) reason: &'static str,
    applies: fn(&Refused<'_>) -> bool,
}

struct Refused<'c> {
    model: &'c str,
    refusal: &'c Refusal,
    repository: &'c Repository,
    mode: Mode,
    verdicts: &'c BTreeMap<String, Verdict>,
    has_error_elsewhere: bool,
}

/// Every exception there is.
pub(crate) static EXCEPTIONS: &[Exception] = &[
    Exception {
        name: "end of the server",
        reason: "the server ended over another model of the repository, in which we find an error",
        applies: |refused| refused.says(&[THE_END]) && refused.has_error_elsewhere,
    },
    Exception {
        name: "completed by the back-end",
        reason: "the stand-ins complete no config, as the back-ends do in whose place they are; with auto-complete \
                 off we find an error",
        applies: |refused| refused.is_left_to_backend(),
    },
    Exception {
        name: "no library",
        reason: "which libraries and agents the server has is not in the repository, and those in it are placeholders",
        applies: |refused| {
            lacks_library(refused.refusal)
                || (refused.says(&["contains models that are not available"])
                    && refused
                        .verdicts
                        .values()
                        .any(|other| matches!(other, Verdict::Refused(why) if lacks_library(why))))
        },
    },
    Exception {
        name: "no label file",
        reason: "what lies outside of a model's folder, where its label file may be, is not looked at",
        applies: |refused| refused.says(&["failed to open text file for read"]) && refused.says(&["/../"]),
    },
];

fn lacks_library(refusal: &Refusal) -> bool {
    let fragments = [
        "unable to find backend library '",
        "unable to load shared library",
        "Batching library path",
        "for repo agent",
    ];
    fragments.iter().any(|fragment| refusal.message.contains(fragment))
}

impl Refused<'_> {
    fn says(&self, fragments: &[&str]) -> bool {
        fragments.iter().any(|fragment| self.refusal.message.contains(fragment))
    }

    fn is_left_to_backend(&self) -> bool {
        let is_error = |found: &Finding| found.level == Level::Error;
        self.mode == Mode::AutoComplete
            && self.repository.lint(&settings(Mode::Strict))[self.model].iter().any(is_error)
    }
}

/// Whether a repository has what only later releases know.
pub(crate) fn needs_newer(repository: &Repository) -> bool {
    let is_newer = |since: Option<Release>| since.is_some_and(|since| since > RELEASE);
    let fields = MESSAGES.iter().flat_map(|message| message.fields).filter(|field| is_newer(field.since));
    let values = ENUMS.iter().flat_map(|descriptor| descriptor.values).filter(|value| is_newer(value.since));
    let names: Vec<_> =
        fields.map(|field| field.name).chain(values.map(|value| value.name)).chain(["torch_aoti"]).collect();
    let has_newer_name = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        names.iter().any(|name| text.contains(name))
    };
    repository.configs().any(|(_, text)| has_newer_name(text))
        || repository.files.keys().any(|path| path.ends_with("/model.pt2"))
}

/// Compares the verdicts on one model of a repository with what we find in all of them.
pub(crate) fn outcome(
    repository: &Repository,
    verdicts: &BTreeMap<String, Verdict>,
    model: &str,
    found: &BTreeMap<String, Vec<Finding>>,
    mode: Mode,
) -> Outcome {
    match &verdicts[model] {
        Verdict::Refused(_) if errors(&found[model]).next().is_some() => Outcome::Refused,
        Verdict::Refused(refusal) => {
            let has_error_elsewhere = found.values().any(|found| errors(found).next().is_some());
            let refused = Refused { model, refusal, repository, mode, verdicts, has_error_elsewhere };
            match EXCEPTIONS.iter().find(|exception| (exception.applies)(&refused)) {
                Some(exception) => Outcome::Unjudged(exception.name),
                None => Outcome::Missed(refusal.clone()),
            }
        }
        Verdict::Accepted if errors(&found[model]).next().is_none() => Outcome::Accepted,
        Verdict::Accepted => {
            let found = repository.lint(&settings_of_core(mode));
            let judged: BTreeSet<_> = errors(&found[model]).map(|rule| rule.name).collect();
            if judged.is_empty() { Outcome::Unjudged(BEYOND) } else { Outcome::False(judged) }
        }
    }
}

fn errors(found: &[Finding]) -> impl Iterator<Item = &'static Rule> {
    found.iter().filter(|found| found.level == Level::Error).map(|found| found.rule)
}

/// Accepted by the server, with errors of rules only that it does not decide alone.
pub(crate) const BEYOND: &str = "said by a back-end or at a request";

/// How much of what a rule finds the core decides: back-ends are stand-ins, and nobody sends requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Share {
    None,
    Some,
    All,
}

/// Its page tells whom it quotes.
pub(crate) fn share_of(rule: &Rule) -> Share {
    let is_core = |(speaker, _): &(Speaker, String)| matches!(speaker, Speaker::Core | Speaker::CoreSince(_));
    let quotes = quotes_of(rule.page);
    match quotes.iter().filter(|quote| is_core(quote)).count() {
        core if core == quotes.len() => Share::All,
        0 => Share::None,
        _ => Share::Some,
    }
}
