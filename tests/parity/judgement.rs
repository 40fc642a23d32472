//! What it means that the server refuses or accepts what we do or do not find an error in.

use std::collections::{BTreeMap, BTreeSet};

use tritonlint::rule::{Level, Rule};
use tritonlint::schema::Release;
use tritonlint::schema::vocabulary::{ENUMS, MESSAGES};

use crate::repository::{Finding, Repository};
use crate::server::{Refusal, THE_END, Verdict};
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
    verdicts: &'c BTreeMap<String, Verdict>,
    has_error_elsewhere: bool,
}

/// Every exception there is.
pub(crate) static EXCEPTIONS: &[Exception] = &[
    Exception {
        name: "fault of another model",
        reason: "an ensemble is refused because one of its models is, which is judged by itself",
        applies: |refused| refused.is_for_another_model(),
    },
    Exception {
        name: "end of the server",
        reason: "the server ended over another model of the repository, in which we find an error",
        applies: |refused| refused.says(&[THE_END]) && refused.has_error_elsewhere,
    },
    Exception {
        name: "back-end not installed",
        reason: "any back-end may be installed: which ones are here is not in the repository",
        applies: |refused| {
            refused.says(&["unable to find backend library for backend", "Python backend based backend library"])
        },
    },
    Exception {
        name: "newer than the server",
        reason: "the server does not know fields, values and platforms that later releases have",
        applies: |refused| refused.is_for_something_newer(),
    },
    Exception {
        name: "completed by the back-end",
        reason: "the stand-ins complete no config, as the back-ends do in whose place they are",
        applies: |refused| {
            refused.says(&[
                "must specify 'name'",
                "must specify 'data_type'",
                "must specify 'dims'",
                "to non-existing input",
                "from non-existing output",
                "unknown source input name",
                "unknown target output name",
            ]) && refused.repository.has_completing_backend()
        },
    },
    Exception {
        name: "older than the parser",
        reason: "the parser of this server does not know the escape `\\X`, that of later releases does",
        applies: |refused| {
            let is_escape =
                |(_, words): &(usize, String)| words.starts_with("Invalid escape sequence in string literal");
            refused.refusal.parse.as_ref().is_some_and(is_escape) && refused.has_in_config("\\X")
        },
    },
    Exception {
        name: "no config",
        reason: "without auto-complete every model needs a config, with it not",
        applies: |refused| refused.says(&["config.pbtxt: No such file or directory"]),
    },
    Exception {
        name: "folder without a config",
        reason: "a folder without a config and without a model file may not be meant as a model",
        applies: |refused| {
            refused.says(&["Could not determine backend for model"])
                && !refused.repository.configs().any(|(model, _)| model == refused.model)
        },
    },
    Exception {
        name: "no rule yet",
        reason: "warm-up samples, repository agents, runtimes, metric tags, outputs of the same name and products \
                 of dims beyond 64 bits are not looked at closely enough",
        applies: |refused| {
            refused.says(&[
                "[request id: <id_unknown>]",
                "for repo agent",
                "unable to find backend library '",
                "escapes backend directory",
                "model configuration is not provided",
                "Invalid label name",
                "are mapped to the same ensemble tensor",
            ]) || (refused.says(&["different size for dims and reshape"])
                && refused.has_in_config("9223372036854775807"))
        },
    },
    Exception {
        name: "no library",
        reason: "the libraries in these repositories are placeholders",
        applies: |refused| refused.says(&["unable to load shared library", "Batching library path"]),
    },
];

impl Refused<'_> {
    fn says(&self, fragments: &[&str]) -> bool {
        fragments.iter().any(|fragment| self.refusal.message.contains(fragment))
    }

    fn has_in_config(&self, fragment: &str) -> bool {
        self.repository.configs().any(|(_, text)| String::from_utf8_lossy(text).contains(fragment))
    }

    fn is_for_another_model(&self) -> bool {
        if self.says(&["which is not valid", "which has no loaded version"]) {
            return true;
        }
        let Some((_, names)) = self.refusal.message.split_once("that are not available or ambiguous: ") else {
            return false;
        };
        names.split(", ").all(|name| matches!(self.verdicts.get(name), Some(Verdict::Refused(_))))
    }

    fn is_for_something_newer(&self) -> bool {
        let said = self.refusal.parse.as_ref().map_or(self.refusal.message.as_str(), |(_, words)| words);
        let is_unknown = ["has no field named", "Unknown enumeration value", "platform", "Could not determine backend"]
            .iter()
            .any(|words| said.contains(words));
        is_unknown && needs_newer(self.repository)
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
) -> Outcome {
    let errors = |model: &str| found[model].iter().filter(|found| found.level == Level::Error).map(|found| found.rule);
    match &verdicts[model] {
        Verdict::Refused(_) if errors(model).next().is_some() => Outcome::Refused,
        Verdict::Refused(refusal) => {
            let has_error_elsewhere = found.keys().any(|other| errors(other).next().is_some());
            let refused = Refused { model, refusal, repository, verdicts, has_error_elsewhere };
            match EXCEPTIONS.iter().find(|exception| (exception.applies)(&refused)) {
                Some(exception) => Outcome::Unjudged(exception.name),
                None => Outcome::Missed(refusal.clone()),
            }
        }
        Verdict::Accepted if errors(model).next().is_none() => Outcome::Accepted,
        Verdict::Accepted => {
            let judged: BTreeSet<_> =
                errors(model).filter(|rule| !is_beyond_stand_ins(rule)).map(|rule| rule.name).collect();
            if judged.is_empty() { Outcome::Unjudged(BEYOND) } else { Outcome::False(judged) }
        }
    }
}

/// Accepted by the server, with errors only of rules that it does not decide.
pub(crate) const BEYOND: &str = "said by a back-end or at a request";

/// Whether what the rule finds is refused by a back-end, or when a request arrives: its page says so.
pub(crate) fn is_beyond_stand_ins(rule: &Rule) -> bool {
    quotes_of(rule.page).iter().any(|(speaker, _)| matches!(speaker, Speaker::BackEnd | Speaker::Request))
}
