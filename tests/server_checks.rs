//! Every check of the server, every risk that it accepts and every mistake that people told of has a rule, or
//! a reason why it has none: the tables in `docs`, which `SERVER_CHECKS=overwrite cargo test --test
//! server_checks` writes.
//!
//! The rows are in the folders of [`TABLES`], a file a section. A new section is a new file.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;
use tritonlint::rule::{Applicability, Level};

/// A page that is made of rows.
struct Table {
    /// Where the rows are.
    rows: &'static str,
    /// The page.
    page: &'static str,
    title: &'static str,
    /// The notes that the rows are checked against, where these are at hand.
    notes: &'static str,
}

static TABLES: [Table; 3] = [
    Table {
        rows: "tests/server_checks",
        page: "docs/server-checks.md",
        title: "What the server checks, and which rule tells before",
        notes: "triton-facts.md",
    },
    Table {
        rows: "tests/risks",
        page: "docs/risks.md",
        title: "What the server accepts, and which rule warns of it",
        notes: "triton-facts.md",
    },
    Table {
        rows: "tests/user_problems",
        page: "docs/user-problems.md",
        title: "What goes wrong for people, and which rule tells before",
        notes: "user-problems.md",
    },
];

/// One file of rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    /// The letter or number that the section has in the notes; none if it is not in them.
    letter: Option<String>,
    row: Vec<Row>,
}

/// Something that the server checks or accepts, or that people get wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    fact: String,
    /// Where people told of it, such as `server#7443`.
    #[serde(default)]
    threads: Vec<String>,
    /// The fix that people need, if there can be one.
    fix: Option<Wanted>,
    /// Why there is none, or a less safe one, in spite of that.
    unfixed: Option<String>,
    #[serde(flatten)]
    answer: Answer,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Wanted {
    Unsafe,
    Safe,
}

impl Row {
    /// The safest fix that its rules propose.
    fn fix(&self) -> Option<Wanted> {
        let Answer::Rules(rules) = &self.answer else { return None };
        let fixes = rules.iter().filter_map(|name| tritonlint::rules::find(name)?.fix);
        let fixes = fixes.map(|fix| match fix {
            Applicability::Unsafe => Wanted::Unsafe,
            Applicability::Safe => Wanted::Safe,
        });
        fixes.max()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    /// The rules that report it.
    Rules(Vec<String>),
    /// Why no rule does.
    Reason(String),
}

fn sections(table: &Table) -> Vec<Section> {
    let folder = support::project().join(table.rows);
    let entries = fs::read_dir(&folder).expect("the folder of the rows");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path| toml::from_str(&fs::read_to_string(path).expect("a file"));
    let mut sections: Vec<Section> =
        paths.iter().map(|path| read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).collect();
    sections.sort_by_key(|section| (section.letter.is_none(), section.letter.clone()));
    sections
}

#[test]
fn every_row_has_an_answer() {
    for table in &TABLES {
        let mut ids = BTreeSet::new();
        for row in sections(table).iter().flat_map(|section| &section.row) {
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
}

/// What people need fixed has a fix as safe as it can be, or a reason why not.
#[test]
fn every_fix_is_there() {
    for row in TABLES.iter().flat_map(sections).flat_map(|section| section.row) {
        // A row without a rule has its reason already.
        let is_owed = matches!(row.answer, Answer::Rules(_)) && row.fix > row.fix();
        match &row.unfixed {
            Some(reason) => {
                assert!(is_owed, "{} has the fix that people need: it needs no reason", row.id);
                assert!(reason.ends_with('.'), "{}: the reason is no sentence", row.id);
            }
            None => assert!(!is_owed, "{} has no rule with a fix that is {:?}, and no reason why", row.id, row.fix),
        }
    }
}

/// What a rule calls an error has to be something that the server is known to refuse.
#[test]
fn every_error_has_a_row() {
    let sections = sections(&TABLES[0]);
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

/// Errors that are no rows of the notes: they word a kind of them apart, or were found by comparing with the
/// server.
const WITHOUT_ROW: [&str; 3] = ["empty-repository-agents", "invalid-metric-tag", "merge-conflict"];

#[test]
fn the_rows_are_those_of_the_notes() {
    let Some(folder) = support::shared("reference") else { return };
    for table in &TABLES {
        let notes = fs::read_to_string(folder.join(table.notes)).expect("the notes");
        for section in sections(table) {
            let Some(letter) = &section.letter else { continue };
            let heading = format!("\n## {letter}.");
            let text = notes.split_once(&heading).map(|(_, rest)| rest).expect("the section of the notes");
            let text = text.split("\n## ").next().unwrap_or_default();
            let in_notes = ids_of(text);
            assert!(!in_notes.is_empty(), "{letter}: the notes have no rows");
            let own: BTreeSet<_> = section.row.iter().map(|row| row.id.clone()).collect();
            // One row stands in two sections.
            let missing: Vec<_> =
                in_notes.difference(&own).filter(|id| letter == "B" || *id != "dir-name-mismatch").collect();
            assert!(missing.is_empty(), "{letter}: {missing:?}");
            for row in &section.row {
                let line = text.lines().find(|line| line.contains(&format!("| `{}` |", row.id)));
                let last = line.and_then(|line| line.trim_end_matches(" |").rsplit("| ").next()).unwrap_or_default();
                let wanted = if table.notes == "user-problems.md" { last } else { "" };
                let wanted = match wanted.split([' ', '/']).next() {
                    Some("safe") => Some(Wanted::Safe),
                    Some("unsafe") => Some(Wanted::Unsafe),
                    _ => None,
                };
                assert_eq!(row.fix, wanted, "{}: the notes say {last:?}", row.id);
            }
            // Of section E the notes name only a part.
            let is_named_here = |id: &str| letter == "E" && id.contains('/');
            let unknown: Vec<_> = own.difference(&in_notes).filter(|id| !is_named_here(id)).collect();
            assert!(unknown.is_empty(), "{letter}: {unknown:?}");
        }
    }
}

/// Whoever runs into a problem finds on the page of its rule where others did.
#[test]
fn the_threads_of_a_problem_are_on_the_page_of_its_rule() {
    for row in TABLES.iter().flat_map(sections).flat_map(|section| section.row) {
        let Answer::Rules(rules) = &row.answer else { continue };
        let pages: Vec<_> =
            rules.iter().filter_map(|rule| tritonlint::rules::find(rule)).map(|rule| rule.page).collect();
        for thread in &row.threads {
            let is_linked = pages.iter().any(|page| page.contains(&format!("\n[{thread}]: https://github.com/")));
            assert!(is_linked, "{}: {thread} is on no page of {rules:?}", row.id);
        }
    }
}

/// A reference that leads nowhere, or to another thread than it says, is worse than none.
#[test]
fn links_to_threads_lead_where_they_say() {
    for rule in tritonlint::rules::all() {
        let (text, links): (Vec<_>, Vec<_>) =
            rule.page.lines().partition(|line| !line.contains("]: https://github.com/"));
        let mut defined = BTreeSet::new();
        for link in links {
            let (thread, url) = link.strip_prefix('[').and_then(|link| link.split_once("]: ")).expect("a definition");
            let (repository, number) = thread.split_once('#').expect("a thread");
            assert!(url.ends_with(&format!("/issues/{number}")), "{}: {link}", rule.name);
            let is_of = |name: &str| url.contains(&format!("/{name}/issues/"));
            let is_short = repository == "trtllm_backend" && is_of("tensorrtllm_backend");
            let is_lower = is_of(&repository.to_ascii_lowercase());
            assert!(is_of(repository) || is_short || is_lower, "{}: {link}", rule.name);
            assert!(defined.insert(thread), "{}: {thread} is defined twice", rule.name);
        }
        let text = text.join("\n");
        let used: BTreeSet<_> =
            text.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(name, _)| name).collect();
        assert!(defined.iter().all(|thread| used.contains(thread)), "{}: a link that nothing uses", rule.name);
        let open =
            used.iter().filter(|name| name.split_once('#').is_some_and(|(_, number)| number.parse::<u32>().is_ok()));
        for thread in open {
            assert!(defined.contains(thread), "{}: {thread} leads nowhere", rule.name);
        }
    }
}

/// The names of the rows in a section of the notes. Rows by release, and items of a numbered list, have none:
/// they get that of their subsection with the release or number.
fn ids_of(section: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut subsection = "";
    for line in section.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            subsection = heading.split_whitespace().next().unwrap_or_default();
        }
        let cells: Vec<_> = line.strip_prefix("| ").unwrap_or_default().split(" |").map(str::trim).collect();
        let name = |cell: &str| Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_owned());
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(id) = name(cells[0]).or_else(|| name(cells.get(1).filter(|_| is_number(cells[0]))?)) {
            ids.insert(id);
        } else if subsection.starts_with("G.") {
            let item = line.split_once(". ").map(|(number, _)| number).filter(|number| is_number(number));
            let release = (cells.len() > 1 && cells[0] != "release").then_some(cells[0]);
            if let Some(name) = item.or(release) {
                let id = format!("{subsection}/{name}");
                let again = (2..).map(|number| format!("{id}-{number}"));
                ids.extend([id.clone()].into_iter().chain(again).find(|id| !ids.contains(id)));
            }
        }
    }
    ids
}

#[test]
fn the_tables_are_up_to_date() {
    for table in &TABLES {
        let path = support::project().join(table.page);
        let page = page(table);
        if std::env::var("SERVER_CHECKS").is_ok_and(|value| value == "overwrite") {
            fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
            fs::write(&path, &page).expect("the page");
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == page, "{} is old: SERVER_CHECKS=overwrite cargo test --test server_checks", table.page);
    }
}

fn page(table: &Table) -> String {
    let mut page = format!("# {}\n\nGenerated from `{}`; do not edit.\n", table.title, table.rows);
    for section in sections(table) {
        let has_fixes = section.row.iter().any(|row| row.fix.is_some());
        let covered = section.row.iter().filter(|row| matches!(row.answer, Answer::Rules(_))).count();
        let _ = write!(
            page,
            "\n## {}\n\n{covered} of {} rows have a rule.\n\n| row | what it is | rule, or why there is none |",
            section.title,
            section.row.len()
        );
        page.push_str(if has_fixes { " fix |\n|---|---|---|---|\n" } else { "\n|---|---|---|\n" });
        for row in &section.row {
            let answer = match &row.answer {
                Answer::Rules(rules) => rules.iter().map(|rule| link(rule)).collect::<Vec<_>>().join(", "),
                Answer::Reason(reason) => reason.clone(),
            };
            let _ = write!(page, "| `{}` | {} | {answer} |", row.id, row.fact.replace('|', "\\|"));
            if has_fixes {
                let fix = match row.fix() {
                    Some(Wanted::Safe) => "safe",
                    Some(Wanted::Unsafe) => "unsafe",
                    None => "",
                };
                let words: Vec<_> =
                    [fix].into_iter().chain(row.unfixed.as_deref()).filter(|word| !word.is_empty()).collect();
                let _ = write!(page, " {} |", words.join(": "));
            }
            page.push('\n');
        }
    }
    page
}

fn link(name: &str) -> String {
    let rule = tritonlint::rules::find(name).expect("a rule");
    format!("[{name}](../rules/{}/{}.md)", rule.category, name.replace('-', "_"))
}
