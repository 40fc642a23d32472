//! How often each rule found something, in place of the findings.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::{Run, is_fixable};
use crate::rule::{Applicability, Category, Level};

/// What a rule found, in numbers.
#[derive(Serialize)]
struct Tally {
    rule: &'static str,
    category: Category,
    /// The worst of its findings.
    level: Level,
    count: usize,
    /// How many of them have a safe fix.
    fixable: usize,
    /// How many of them have an unsafe one.
    unsafely_fixable: usize,
}

/// The rules that found something, the one that found most first.
fn counts(run: &Run<'_>) -> Vec<Tally> {
    let mut counts: BTreeMap<&str, Tally> = BTreeMap::new();
    for found in &run.report.diagnostics {
        let (rule, level) = (found.rule, found.level);
        let (category, zero) = (rule.category, 0);
        let count = counts.entry(rule.name).or_insert(Tally {
            rule: rule.name,
            category,
            level,
            count: zero,
            fixable: zero,
            unsafely_fixable: zero,
        });
        count.level = count.level.max(level);
        count.count += 1;
        count.fixable += usize::from(is_fixable(found, Applicability::Safe));
        count.unsafely_fixable += usize::from(is_fixable(found, Applicability::Unsafe));
    }
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_by_key(|count| (Reverse(count.count), count.rule));
    counts
}

/// A line a rule: how often, how bad, which one, and how many of its findings can be fixed.
pub(super) fn as_text(run: &Run<'_>) -> String {
    let counts = counts(run);
    let digits = counts.first().map_or(0, |most| most.count.to_string().len());
    let width = counts.iter().map(|count| count.rule.len()).max().unwrap_or_default();
    let mut text = String::new();
    for count in &counts {
        let fixes = [(count.fixable, "fix"), (count.unsafely_fixable, "unsafe fix")];
        let fixes: Vec<_> = fixes.into_iter().filter(|(number, _)| *number > 0).collect();
        let fixes: Vec<String> = match fixes.as_slice() {
            [(number, name)] if *number == count.count => vec![(*name).to_owned()],
            some => some.iter().map(|(number, name)| format!("{name} of {number}")).collect(),
        };
        let Tally { rule, level, count, .. } = count;
        let line = format!("{count:digits$}  {:7}  {rule:width$}  {}", level.to_string(), fixes.join(", "));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

pub(super) fn as_json(run: &Run<'_>) -> String {
    // Only a map with keys that are no strings could fail, and there is none.
    serde_json::to_string_pretty(&counts(run)).unwrap_or_default() + "\n"
}
