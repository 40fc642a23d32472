//! Every check of the server has a rule, or a reason why it has none: the table of `docs/server-checks.md`,
//! which `SERVER_CHECKS=overwrite cargo test --test server_checks` writes.
//!
//! The rows are in `tests/server_checks`, a file a section. A new section is a new file.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;
use tritonlint::rule::Level;

const TABLE: &str = "docs/server-checks.md";

/// One file of rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    /// The letter that the section has in the notes on the server, where these are at hand.
    letter: String,
    row: Vec<Row>,
}

/// Something that the server checks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    fact: String,
    #[serde(flatten)]
    answer: Answer,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    /// The rules that report it.
    Rules(Vec<String>),
    /// Why no rule does.
    Reason(String),
}

fn sections() -> Vec<Section> {
    let folder = support::project().join("tests/server_checks");
    let entries = fs::read_dir(&folder).expect("the folder of the rows");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path| toml::from_str(&fs::read_to_string(path).expect("a file"));
    let mut sections: Vec<Section> =
        paths.iter().map(|path| read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).collect();
    sections.sort_by(|a, b| a.letter.cmp(&b.letter));
    sections
}

#[test]
fn every_row_has_an_answer() {
    let mut ids = BTreeSet::new();
    for row in sections().iter().flat_map(|section| &section.row) {
        assert!(ids.insert(row.id.clone()), "{} is there twice", row.id);
        assert!(!row.fact.is_empty(), "{} says nothing", row.id);
        match &row.answer {
            Answer::Rules(rules) => {
                assert!(!rules.is_empty(), "{} has no rule", row.id);
                for rule in rules {
                    assert!(tritonlint::rules::find(rule).is_some(), "{}: there is no rule {rule}", row.id);
                }
            }
            Answer::Reason(reason) => assert!(reason.ends_with('.'), "{}: the reason is no sentence", row.id),
        }
    }
}

/// What a rule calls an error has to be something that the server is known to refuse.
#[test]
fn every_error_has_a_row() {
    let sections = sections();
    let answers = sections.iter().flat_map(|section| &section.row).map(|row| &row.answer);
    let answered: BTreeSet<_> = answers
        .filter_map(|answer| match answer {
            Answer::Rules(rules) => Some(rules.iter().map(String::as_str)),
            Answer::Reason(_) => None,
        })
        .flatten()
        .collect();
    let without: Vec<_> = tritonlint::rules::all()
        .into_iter()
        .filter(|rule| rule.level == Level::Error && !answered.contains(rule.name))
        .map(|rule| rule.name)
        .filter(|name| !WITHOUT_ROW.contains(name))
        .collect();
    assert_eq!(without, Vec::<&str>::new());
}

/// Errors that are no checks of the core by themselves: they word a kind of them apart, or are those of a
/// back-end.
const WITHOUT_ROW: [&str; 5] = [
    "empty-repository-agents",
    "invalid-boolean-parameter",
    "invalid-metric-tag",
    "merge-conflict",
    "unsupported-data-type",
];

#[test]
fn the_rows_are_those_of_the_notes() {
    let Some(folder) = support::shared("reference") else { return };
    let notes = fs::read_to_string(folder.join("triton-facts.md")).expect("the notes");
    for section in sections() {
        let heading = format!("\n## {}.", section.letter);
        let text = notes.split_once(&heading).map(|(_, rest)| rest).expect("the section of the notes");
        let text = text.split("\n## ").next().unwrap_or_default();
        let in_notes: BTreeSet<_> =
            text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |")).map(|(id, _)| id).collect();
        let own: BTreeSet<_> = section.row.iter().map(|row| row.id.as_str()).collect();
        // One row stands in two sections.
        let missing: Vec<_> =
            in_notes.difference(&own).filter(|id| section.letter == "B" || **id != "dir-name-mismatch").collect();
        assert!(missing.is_empty(), "{}: {missing:?}", section.letter);
        let unknown: Vec<_> = own.difference(&in_notes).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", section.letter);
    }
}

#[test]
fn the_table_is_up_to_date() {
    let path = support::project().join(TABLE);
    let table = table(&sections());
    if std::env::var("SERVER_CHECKS").is_ok_and(|value| value == "overwrite") {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(&path, &table).expect("the table");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == table, "{TABLE} is old: SERVER_CHECKS=overwrite cargo test --test server_checks");
}

fn table(sections: &[Section]) -> String {
    let mut table =
        "# What the server checks, and which rule tells before\n\nGenerated from `tests/server_checks`; do not edit.\n"
            .to_owned();
    for section in sections {
        let covered = section.row.iter().filter(|row| matches!(row.answer, Answer::Rules(_))).count();
        let _ = write!(
            table,
            "\n## {}\n\n{covered} of {} rows have a rule.\n\n| row | what it is | rule, or why there is none |\n|---|---|---|\n",
            section.title,
            section.row.len()
        );
        for row in &section.row {
            let answer = match &row.answer {
                Answer::Rules(rules) => rules.iter().map(|rule| link(rule)).collect::<Vec<_>>().join(", "),
                Answer::Reason(reason) => reason.clone(),
            };
            let _ = writeln!(table, "| `{}` | {} | {answer} |", row.id, row.fact.replace('|', "\\|"));
        }
    }
    table
}

fn link(name: &str) -> String {
    let rule = tritonlint::rules::find(name).expect("a rule");
    format!("[{name}](../rules/{}/{}.md)", rule.category, name.replace('-', "_"))
}
