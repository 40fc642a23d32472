//! From the server's own words to the rule that would have told before.
//!
//! The page of a rule quotes what the server says, with the values of the page's examples in it: names,
//! numbers, types. In a log they are others, so that only the words between them are compared. A quote
//! fits as far as its words are in the line, in the same order; rare words count more than common ones.

use std::collections::{BTreeMap, BTreeSet};

use crate::rule::Rule;
use crate::schema::parameter::TABLES;
use crate::schema::vocabulary::{ENUMS, MESSAGES};

/// What a page says that the server says.
const HEADING: &str = "## What the server says";

/// Of a quote this share must be in the line; messages differ a little from release to release.
const LEAST_SHARE: f64 = 0.75;

/// And this many words: one alone is in many lines.
const LEAST_WORDS: usize = 2;

/// A quote of a page that fits a line.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    /// The rule of the page.
    pub rule: &'static Rule,
    /// The quote.
    pub quote: &'static str,
    /// How much of it is in the line; comparable within one search.
    score: f64,
}

/// The rules whose pages quote what a line of a server's log says, each with the quote that fits best.
/// Of several that fit none better than another all are given, in the order of the rules.
#[must_use]
pub fn search(line: &str, rules: &[&'static Rule]) -> Vec<Match> {
    let quotes: Vec<_> = rules.iter().flat_map(|rule| quotes_of(rule)).collect();
    let weights = Weights::new(&quotes);
    let line = words(told(line));
    let line: Vec<_> = line.iter().map(|word| word.text.as_str()).collect();
    let mut best: Vec<Match> = Vec::new();
    for quote in &quotes {
        let Some(score) = quote.score(&line, &weights) else { continue };
        let found = Match { rule: quote.rule, quote: quote.text, score };
        match best.first().map(|best| score - best.score) {
            Some(more) if more < -f64::EPSILON => {}
            Some(more) if more <= f64::EPSILON => {
                if best.iter().all(|best| best.rule.name != quote.rule.name) {
                    best.push(found);
                }
            }
            _ => best = vec![found],
        }
    }
    best
}

/// The lines that a page quotes.
pub fn quoted_lines(page: &str) -> impl Iterator<Item = &str> {
    let section = page.split_once(HEADING).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    // What is between the first fence and the second, the third and the fourth, and so on.
    let blocks = section.split("```").skip(1).step_by(2);
    blocks.flat_map(|block| block.lines().skip(1)).filter(|line| !line.trim().is_empty())
}

struct Quote {
    rule: &'static Rule,
    text: &'static str,
    /// The words between the values.
    runs: Vec<Vec<String>>,
}

fn quotes_of(rule: &'static Rule) -> impl Iterator<Item = Quote> {
    let values = values_of(rule.page);
    quoted_lines(rule.page).map(move |text| {
        let mut runs: Vec<Vec<String>> = vec![Vec::new()];
        for word in words(told(text)) {
            if word.is_value(&values) {
                runs.push(Vec::new());
            } else if let Some(run) = runs.last_mut() {
                run.push(word.text);
            }
        }
        runs.retain(|run| !run.is_empty());
        Quote { rule, text, runs }
    })
}

impl Quote {
    /// How much of the quote is in the line; none if that is too little to mean anything.
    fn score(&self, line: &[&str], weights: &Weights) -> Option<f64> {
        let (mut found, mut all, mut at, mut count) = (0.0, 0.0, 0, 0);
        for run in &self.runs {
            let weight = |words: &[String]| words.iter().map(|word| weights.of(word)).sum::<f64>();
            all += weight(run);
            // A line may have been copied in part only.
            if let Some((part, end)) = longest_part(run, &line[at..]) {
                found += weight(part);
                at += end;
                count += part.len();
            }
        }
        let share = if all > 0.0 { found / all } else { 0.0 };
        (share >= LEAST_SHARE && count >= LEAST_WORDS).then_some(found * share)
    }
}

/// The longest part of a run that is in a line, the first of several, and where it ends there.
fn longest_part<'r>(run: &'r [String], line: &[&str]) -> Option<(&'r [String], usize)> {
    (1..=run.len()).rev().find_map(|length| {
        run.windows(length).find_map(|part| {
            let start = line.windows(length).position(|window| window == part)?;
            Some((part, start + length))
        })
    })
}

/// How much a word tells: the more, the fewer pages quote it.
struct Weights {
    rules: usize,
    by_word: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Weights {
    fn new(quotes: &[Quote]) -> Self {
        let mut by_word: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
        for quote in quotes {
            for word in quote.runs.iter().flatten() {
                by_word.entry(word.clone()).or_default().insert(quote.rule.name);
            }
        }
        Self { rules: quotes.len(), by_word }
    }

    #[expect(clippy::cast_precision_loss, reason = "there are hundreds of rules, not quadrillions")]
    fn of(&self, word: &str) -> f64 {
        let pages = self.by_word.get(word).map_or(1, BTreeSet::len);
        (1.0 + self.rules as f64 / pages as f64).ln()
    }
}

/// A word of a message: letters and digits, or a symbol that stands alone.
struct Word {
    text: String,
    is_in_double_quotes: bool,
}

impl Word {
    /// Whether it is but an example: elsewhere something else will stand there.
    fn is_value(&self, values: &BTreeSet<String>) -> bool {
        let text = self.text.as_str();
        let is_word = text.starts_with(|c: char| c.is_alphanumeric());
        // The text parser of protobuf has its names in double quotes, the server its own in single ones.
        if is_new(text) {
            return false;
        }
        (self.is_in_double_quotes && is_word)
            || text.bytes().all(|byte| byte.is_ascii_digit())
            || text.starts_with("type_")
            || (values.contains(text) && !is_field(text) && !is_parameter(text))
    }
}

fn is_field(name: &str) -> bool {
    MESSAGES.iter().any(|message| message.field(name).is_some())
}

/// Whether a back-end reads a parameter of that name.
fn is_parameter(name: &str) -> bool {
    TABLES.iter().flat_map(|table| table.parameters).any(|parameter| parameter.key.eq_ignore_ascii_case(name))
}

/// Whether only some releases have a field or value of that name: of such a name messages say more.
fn is_new(name: &str) -> bool {
    let has_new_field = MESSAGES.iter().any(|message| message.field(name).is_some_and(|field| field.since.is_some()));
    let values = || ENUMS.iter().flat_map(|descriptor| descriptor.values);
    has_new_field || values().any(|value| value.since.is_some() && value.name.eq_ignore_ascii_case(name))
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        let is_in_double_quotes = chunk.starts_with('"');
        let bare = chunk.trim_matches(['\'', '"', '`', '.', ',', ':', ';', '(', ')', '|', '…']);
        let parts = bare.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|part| !part.is_empty());
        let before = words.len();
        words.extend(parts.map(|part| Word { text: part.to_lowercase(), is_in_double_quotes }));
        if words.len() == before && !bare.is_empty() {
            words.push(Word { text: bare.to_owned(), is_in_double_quotes });
        }
    }
    words
}

/// What is said, without where and of what.
fn told(line: &str) -> &str {
    const PARSING: &str = "Error parsing text-format inference.ModelConfig:";
    let line = line.trim();
    if let Some((_, rest)) = line.split_once(PARSING) {
        return rest;
    }
    let after_version = line.split_once("failed to load '").and_then(|(_, rest)| rest.split_once("' version "));
    match after_version.and_then(|(_, rest)| rest.split_once(": ")) {
        Some((_, rest)) if !rest.trim().is_empty() => rest,
        _ => line,
    }
}

/// The strings in the examples of a page: its messages may have them as values.
fn values_of(page: &str) -> BTreeSet<String> {
    let mut values = BTreeSet::from(["my_model".to_owned()]);
    for block in page.split("```").skip(1).step_by(2).filter(|block| block.starts_with("pbtxt")) {
        for line in block.lines() {
            values.extend(line.split(['"', '\'']).skip(1).step_by(2).map(str::to_lowercase));
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::{quoted_lines, search};

    fn found(line: &str) -> Vec<&'static str> {
        search(line, &crate::rules::all()).iter().map(|found| found.rule.name).collect()
    }

    #[test]
    fn every_quote_finds_its_own_page() {
        for rule in crate::rules::all() {
            for quote in quoted_lines(rule.page) {
                let found = found(quote);
                assert!(found.contains(&rule.name), "{quote}\nof {}, found {found:?}", rule.name);
                assert!(found.len() < 5, "{quote}\nsays nothing: {found:?}");
            }
        }
    }

    #[test]
    fn lines_of_logs_find_their_rule() {
        let cases = [
            (
                "E1122 20:53:46.625718 11682 model_repository_manager.cc:1460] \"Poll failed for model directory \
                 'resnet': unexpected platform type 'onnx' for resnet\"",
                "unknown-platform",
            ),
            (
                "[libprotobuf ERROR /tmp/build/text_format.cc:335] Error parsing text-format inference.ModelConfig: \
                 7:12: Message type \"inference.ModelInput\" has no field named \"shape\".",
                "unknown-field",
            ),
            ("Error parsing text-format inference.ModelConfig: 12:1: Expected identifier, got: <", "merge-conflict"),
            (
                "| e | 1 | UNAVAILABLE: Invalid argument: in ensemble e, ensemble tensor probs is mapping to \
                 non-existing input IN_7 in model head |",
                "unknown-step-tensor",
            ),
            (
                "failed to load 'net' version 3: Invalid argument: instance group net_0 of model net has kind KIND_CPU \
                 but specifies one or more GPUs",
                "gpus-without-gpu-kind",
            ),
            (
                "Error parsing text-format inference.ModelConfig: 2:15: Message type \"inference.ModelConfig\" has no \
                 field named \"model_metrics\".",
                "field-of-newer-release",
            ),
            ("'max_batch_size' must be non-negative value for net", "negative-max-batch-size"),
            ("must be non-negative value for net", "negative-max-batch-size"),
        ];
        for (line, rule) in cases {
            assert!(found(line).first() == Some(&rule), "{line}\nfound {:?}", found(line));
        }
    }

    #[test]
    fn back_ends_that_say_the_same_are_all_named() {
        let line = "unable to load model 'net', configuration expects 2 inputs, model provides 1";
        assert_eq!(found(line), ["openvino-input-count", "mismatched-argument-count", "input-count-mismatch"]);
    }

    #[test]
    fn what_no_page_quotes_finds_nothing() {
        for line in [
            "",
            "Started GRPCInferenceService at 0.0.0.0:8001",
            "failed to load 'net' version 1: Internal: the back-end did not like it",
            "I1122 20:53:46.625718 1 server.cc:674] successfully loaded 'net'",
            "Invalid argument: quota exceeded",
            "The model is invalid",
            "error: creating server: Internal - failed to load all models",
            "failed to load 'net' version 1: Internal: failed to load model 'net'",
        ] {
            assert!(found(line).is_empty(), "{line}\nfound {:?}", found(line));
        }
    }
}
