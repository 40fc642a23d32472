//! Counts what comes of comparing, by rule, and writes it down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tritonlint::rule::Level;

use crate::judgement::{BEYOND, EXCEPTIONS, Outcome, Share, share_of};
use crate::repository::Finding;

/// What was counted.
#[derive(Default)]
pub(crate) struct Tally {
    accepted: usize,
    refused: usize,
    missed: usize,
    wrong: usize,
    unjudged: BTreeMap<&'static str, usize>,
    rules: BTreeMap<&'static str, RuleTally>,
}

#[derive(Default)]
struct RuleTally {
    refused: usize,
    wrong: usize,
}

impl Tally {
    /// Counts one model.
    pub(crate) fn count(&mut self, outcome: &Outcome, findings: &[Finding]) {
        match outcome {
            Outcome::Accepted => self.accepted += 1,
            Outcome::Refused => {
                self.refused += 1;
                let errors = findings.iter().filter(|found| found.level == Level::Error);
                for rule in errors.map(|found| found.rule.name).collect::<BTreeSet<_>>() {
                    self.rules.entry(rule).or_default().refused += 1;
                }
            }
            Outcome::Missed(_) => self.missed += 1,
            Outcome::False(rules) => {
                self.wrong += 1;
                for rule in rules {
                    self.rules.entry(rule).or_default().wrong += 1;
                }
            }
            Outcome::Unjudged(reason) => *self.unjudged.entry(reason).or_default() += 1,
        }
    }

    /// The totals in one sentence.
    pub(crate) fn summary(&self) -> String {
        let unjudged: usize = self.unjudged.values().sum();
        format!(
            "{} accepted by both, {} refused by both, {} missed, {} false, {unjudged} not judged",
            self.accepted, self.refused, self.missed, self.wrong
        )
    }

    /// All of it as Markdown.
    pub(crate) fn page(&self) -> String {
        let mut page = String::new();
        let mut line = |text: String| writeln!(page, "{text}").expect("a string takes text");
        line("| models that | |\n|---|---:|".into());
        line(format!("| the server accepts, and we too | {} |", self.accepted));
        line(format!("| the server refuses, and we report an error | {} |", self.refused));
        line(format!("| the server refuses, and we report none (missed) | {} |", self.missed));
        line(format!("| the server accepts, and we report an error (false) | {} |", self.wrong));
        for exception in EXCEPTIONS {
            let count = self.unjudged.get(exception.name).unwrap_or(&0);
            line(format!("| not judged: {} | {count} |", exception.name));
        }
        line(format!("| not judged: {BEYOND} | {} |", self.unjudged.get(BEYOND).unwrap_or(&0)));
        line("\nWhy some are not judged:\n".into());
        for exception in EXCEPTIONS {
            line(format!("- {}: {}.", exception.name, exception.reason));
        }
        line(format!(
            "- {BEYOND}: a stand-in says nothing of its own, and nobody sends requests. The pages of these rules \
             say so."
        ));
        line("\n| error of | the server refuses | the server accepts |\n|---|---:|---:|".into());
        for rule in tritonlint::rules::all().into_iter().filter(|rule| rule.level == Level::Error) {
            let counts = self.rules.get(rule.name);
            let (refused, wrong) = counts.map_or((0, 0), |counts| (counts.refused, counts.wrong));
            let (refused, wrong) = match share_of(rule) {
                Share::All => (refused.to_string(), wrong.to_string()),
                Share::Some => (refused.to_string(), "not judged".to_owned()),
                Share::None => ("not judged".to_owned(), "not judged".to_owned()),
            };
            line(format!("| `{}` | {refused} | {wrong} |", rule.name));
        }
        page
    }
}
