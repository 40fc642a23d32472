//! Our verdicts against those of the real parser and the real server. CONTRIBUTING.md says how to run it.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

#[path = "parity/generate.rs"]
mod generate;
#[path = "parity/judgement.rs"]
mod judgement;
#[path = "parity/protoc.rs"]
mod protoc;
#[path = "parity/python.rs"]
mod python;
#[path = "parity/repository.rs"]
mod repository;
#[path = "parity/server.rs"]
mod server;
#[path = "parity/shrink.rs"]
mod shrink;
mod support;
#[path = "parity/table.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

use generate::Generator;
use judgement::{Outcome, needs_newer, outcome};
use rayon::prelude::*;
use repository::{Finding, Repository, settings};
use server::{Mode, Server, Verdict};
use shrink::shrink;
use support::page::{Case, Speaker, cases_of, quotes_of};
use table::Tally;
use tritonlint::rule::{Category, Level};
use tritonlint::server::ServerSettings;

/// Repositories in one run; `TRITONLINT_PARITY_COUNT` says another number.
const COUNT: usize = 20_000;

/// What they are made from; `TRITONLINT_PARITY_SEED` says another number.
const SEED: u64 = 20_261_122;

/// Damaged texts for the parser.
const TEXTS: usize = 10_000;

/// Generated repositories that are fixed, beside the pages.
const FIXED: usize = 1000;

/// Of more disagreements than this the others are not made smaller: each takes many starts of the server.
const MOST_SHRUNK: usize = 12;

static SERVER: LazyLock<Option<Server>> = LazyLock::new(|| match Server::find() {
    Ok(server) => Some(server),
    Err(reason) => {
        assert!(std::env::var_os("TRITONLINT_PYTHON").is_none() || !cfg!(target_os = "linux"), "{reason}");
        println!("skipped: {reason}");
        None
    }
});

/// A repository with where it comes from.
struct Labelled {
    label: String,
    repository: Repository,
}

/// Two sides that do not agree on a model.
struct Disagreement {
    label: String,
    repository: Repository,
    mode: Mode,
    model: String,
    outcome: Outcome,
}

#[test]
#[ignore = "needs the server that scripts/test installs"]
fn pages_and_kept_cases() {
    let Some(server) = &*SERVER else { return };
    let mut tally = Tally::default();
    let disagreements = compare(server, &pages(), &mut tally);
    println!("{}", tally.summary());
    report(server, disagreements);
}

#[test]
#[ignore = "needs the server that scripts/test installs"]
fn generated_repositories() {
    let Some(server) = &*SERVER else { return };
    let seed = number("TRITONLINT_PARITY_SEED").unwrap_or(SEED);
    let count = number("TRITONLINT_PARITY_COUNT").map_or(COUNT, |count| usize::try_from(count).expect("a count"));
    let bases = bases();
    let mut generator = Generator::new(seed, &bases);
    let mut tally = Tally::default();
    let mut disagreements = Vec::new();
    let mut left = count;
    while left > 0 {
        // As many as fit into memory with ease.
        let chunk = left.min(5000);
        let cases: Vec<_> = (0..chunk)
            .map(|at| Labelled {
                label: format!("repository {} of seed {seed}", count - left + at),
                repository: generator.repository(),
            })
            .collect();
        disagreements.extend(compare(server, &cases, &mut tally));
        left -= chunk;
    }
    println!("{count} repositories of seed {seed}: {}", tally.summary());
    if std::env::var_os("TRITONLINT_PARITY").is_some_and(|value| value == "overwrite") {
        write_page(server, seed, count, &tally);
    }
    report(server, disagreements);
}

#[test]
#[ignore = "needs the server that scripts/test installs"]
fn corpus() {
    let Some(server) = &*SERVER else { return };
    let Some(root) = support::shared("corpus") else { return };
    let cases: Vec<_> = support::json_lines(&root.join("layouts.jsonl"))
        .iter()
        .map(|layout| {
            let mut repository = Repository::default();
            for file in layout["files"].as_array().expect("files") {
                let path = file["path"].as_str().expect("a path").to_owned();
                let config = file["config"].as_str().map(|config| std::fs::read(root.join(config)));
                let bytes = match config {
                    Some(Ok(config)) => config,
                    // A config that is not in the corpus.
                    Some(Err(_)) => continue,
                    None if path.ends_with("/config.pbtxt") => continue,
                    None => vec![b'x'; usize::try_from(file["bytes"].as_u64().unwrap_or(0).min(4096)).expect("a size")],
                };
                repository.files.insert(path, bytes);
            }
            Labelled { label: format!("{} {}", layout["repo"], layout["root"]), repository }
        })
        .collect();
    let mut tally = Tally::default();
    let disagreements = compare(server, &cases, &mut tally);
    println!("{} repositories of the corpus: {}", cases.len(), tally.summary());
    report(server, disagreements);
}

/// What an error page quotes is said by the server of one of the page's failing blocks, or, where it is one of
/// several things, of a kept case.
#[test]
#[ignore = "needs the server that scripts/test installs"]
fn pages_quote_the_server() {
    let Some(server) = &*SERVER else { return };
    let mut faults = unsaid_quotes(server);
    // What a thread of the server says is now and then lost, as the server is ended once the verdicts are there.
    if !faults.is_empty() {
        faults = &faults & &unsaid_quotes(server);
    }
    assert!(
        faults.is_empty(),
        "the server does not say what these pages quote. What a back-end says belongs into a block `text backend`, \
         what is said at a request into `text request`, what later releases say into `text since YY.MM`:\n{}",
        faults.into_iter().collect::<Vec<_>>().join("\n")
    );
}

/// What pages quote and the server does not say, each with the rule of the page.
fn unsaid_quotes(server: &Server) -> BTreeSet<String> {
    let kept = pages_of_cases().into_iter().flat_map(|(_, page)| cases_of(&page).expect("a page"));
    let mut kept: Vec<_> = kept.map(|case| (Repository::of_page(&case), case.settings.server)).collect();
    // A page cannot hold UTF-16.
    for text in [b"\xFE\xFF\0n", b"\xFF\xFEn\0"] {
        let files = [("my_model/config.pbtxt".to_owned(), text.to_vec())].into();
        kept.push((Repository { files, ..Repository::default() }, ServerSettings::default()));
    }
    let kept = server.logs(&kept.iter().map(|(repository, server)| (repository, server)).collect::<Vec<_>>());
    let mut faults = BTreeSet::new();
    for rule in tritonlint::rules::all().into_iter().filter(|rule| rule.level == Level::Error) {
        let cases = cases_of(rule.page).expect("a page");
        let is_failing = |case: &&Case| case.expected.iter().any(|(_, level)| *level == Level::Error);
        let failing: Vec<_> = cases.iter().filter(is_failing).collect();
        let repositories: Vec<_> = failing.iter().map(|case| Repository::of_page(case)).collect();
        let quotes: Vec<_> = quotes_of(rule.page)
            .into_iter()
            .filter(|(speaker, _)| *speaker == Speaker::Core)
            .map(|(_, line)| line)
            .collect();
        if quotes.is_empty() || repositories.iter().all(needs_newer) {
            continue;
        }
        let servers = failing.iter().map(|case| &case.settings.server);
        let said = server.logs(&repositories.iter().zip(servers).collect::<Vec<_>>());
        let is_said = |logs: &[String], line: &String| logs.iter().any(|log| log.contains(line));
        if !quotes.iter().any(|line| is_said(&said, line)) {
            faults.insert(format!("{}: none of its quotes is said of one of its failing blocks", rule.name));
        }
        let unsaid = quotes.iter().filter(|line| !is_said(&said, line) && !is_said(&kept, line));
        faults.extend(unsaid.map(|line| format!("{}: {line}", rule.name)));
    }
    faults
}

/// A safe fix never makes the server refuse what it accepted, and where it leaves no error the server accepts.
#[test]
#[ignore = "needs the server that scripts/test installs"]
fn safe_fixes() {
    let Some(server) = &*SERVER else { return };
    let bases = bases();
    let mut generator = Generator::new(number("TRITONLINT_PARITY_SEED").unwrap_or(SEED), &bases);
    let count = number("TRITONLINT_PARITY_COUNT").map_or(FIXED, |count| usize::try_from(count).expect("a count"));
    let mut cases = pages();
    cases.extend(
        (0..count).map(|at| Labelled {
            label: format!("repository {at} of the generator"),
            repository: generator.repository(),
        }),
    );
    let mut faults = Vec::new();
    for mode in [Mode::AutoComplete, Mode::Strict] {
        let settings = settings(mode);
        let fixed: Vec<_> = cases.par_iter().map(|case| case.repository.fixed(&settings)).collect();
        let changed: Vec<_> = cases.iter().zip(&fixed).filter(|(case, fixed)| case.repository != **fixed).collect();
        let before = server.judge(&changed.iter().map(|(case, _)| &case.repository).collect::<Vec<_>>(), mode);
        let after = server.judge(&changed.iter().map(|(_, fixed)| *fixed).collect::<Vec<_>>(), mode);
        let mut mended = 0;
        for (((case, fixed), before), after) in changed.iter().zip(&before).zip(&after) {
            let found = fixed.lint(&settings);
            for (model, verdict) in before {
                let is_worse = *verdict == Verdict::Accepted && after[model] != Verdict::Accepted;
                let outcome = outcome(fixed, after, model, &found, mode);
                mended += usize::from(*verdict != Verdict::Accepted && after[model] == Verdict::Accepted);
                if is_worse || matches!(outcome, Outcome::Missed(_) | Outcome::False(_)) {
                    let (label, before) = (&case.label, &case.repository);
                    faults.push(format!("{label}, model {model}, {mode:?}: {outcome:?}\n{before}fixed:\n{fixed}"));
                }
            }
        }
        println!("{mode:?}: {} repositories with safe fixes, after which {mended} more models load", changed.len());
        assert!(mended > 50, "hardly a fix mends a model");
    }
    assert!(faults.is_empty(), "{} models:\n\n{}", faults.len(), faults[..faults.len().min(10)].join("\n"));
}

/// Verdicts on texts, and where both refuse one, the line of the first error.
#[test]
#[ignore = "needs the parser that scripts/test installs"]
fn the_parser() {
    let bases = bases();
    let mut generator = Generator::new(number("TRITONLINT_PARITY_SEED").unwrap_or(SEED), &bases);
    let mut texts: Vec<Vec<u8>> =
        pages().iter().flat_map(|case| case.repository.configs()).map(|(_, text)| text.to_vec()).collect();
    texts.extend(support::corpus().into_iter().map(|(file, _)| std::fs::read(file).expect("a config")));
    texts.extend(std::iter::repeat_with(|| generator.damaged_text()).take(TEXTS));
    let answers = protoc::judge(&texts).expect("protoc");
    let refused = answers.iter().filter(|answer| answer.refused).count();
    println!("{} texts, of which the parser refuses {refused}", texts.len());
    assert!(refused > TEXTS / 10 && refused < texts.len() * 9 / 10, "most texts are of one kind");
    let faults: Vec<_> = texts.iter().zip(&answers).filter_map(|(text, answer)| protoc::fault(text, answer)).collect();
    assert!(
        faults.is_empty(),
        "{} of {} texts:\n\n{}",
        faults.len(),
        texts.len(),
        faults[..faults.len().min(20)].join("\n\n")
    );
}

/// The blocks of all pages of rules, what was kept of earlier disagreements, and the seeds.
fn pages() -> Vec<Labelled> {
    // Comments that silence us mean nothing to the server.
    let rules = tritonlint::rules::all().into_iter().filter(|rule| rule.category != Category::Suppression);
    let rules = rules.map(|rule| (rule.name.to_owned(), rule.page.to_owned()));
    let seeds = ("seeds.md".to_owned(), include_str!("parity/seeds.md").to_owned());
    let pages = rules.chain(pages_of_cases()).chain([seeds]);
    let cases = pages.flat_map(|(name, page)| {
        let cases = cases_of(&page).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        cases.into_iter().map(move |case| Labelled {
            label: format!("{name}, line {}", case.line),
            repository: Repository::of_page(&case),
        })
    });
    cases.collect()
}

/// The files of kept cases with their names.
fn pages_of_cases() -> Vec<(String, String)> {
    let folder = support::project().join("tests/parity/cases");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the kept cases").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let page = |path: &PathBuf| std::fs::read_to_string(path).expect("a page");
    files.iter().map(|path| (path.display().to_string(), page(path))).collect()
}

/// What the generator starts from. The seeds have more in them than the pages' blocks.
fn bases() -> Vec<Repository> {
    let seeds = cases_of(include_str!("parity/seeds.md")).expect("a page");
    let seeds: Vec<_> = seeds.iter().map(Repository::of_page).collect();
    let pages: Vec<_> = pages().into_iter().map(|case| case.repository).collect();
    std::iter::repeat_n(&seeds, 1 + pages.len() / seeds.len()).flatten().chain(&pages).cloned().collect()
}

/// Has both sides judge, in both modes, and counts.
fn compare(server: &Server, cases: &[Labelled], tally: &mut Tally) -> Vec<Disagreement> {
    let mut disagreements = Vec::new();
    for mode in [Mode::AutoComplete, Mode::Strict] {
        let repositories: Vec<_> = cases.iter().map(|case| &case.repository).collect();
        let found: Vec<_> = repositories.par_iter().map(|repository| repository.lint(&settings(mode))).collect();
        let verdicts = server.judge(&repositories, mode);
        for ((case, found), verdicts) in cases.iter().zip(&found).zip(&verdicts) {
            for (model, findings) in found {
                let outcome = outcome(&case.repository, verdicts, model, found, mode);
                tally.count(&outcome, findings);
                if matches!(outcome, Outcome::Missed(_) | Outcome::False(_)) {
                    let (label, repository) = (case.label.clone(), case.repository.clone());
                    disagreements.push(Disagreement { label, repository, mode, model: model.clone(), outcome });
                }
            }
        }
    }
    disagreements
}

/// Fails if the sides disagree anywhere, with the smallest repositories on which they do, one of each kind.
fn report(server: &Server, disagreements: Vec<Disagreement>) {
    let mut kinds: BTreeMap<String, Vec<Disagreement>> = BTreeMap::new();
    for disagreement in disagreements {
        kinds.entry(kind(&disagreement.outcome)).or_default().push(disagreement);
    }
    let mut text = String::new();
    for (at, (kind, disagreements)) in kinds.iter().enumerate() {
        let first = disagreements.iter().min_by_key(|one| one.repository.files.values().map(Vec::len).sum::<usize>());
        let Disagreement { label, repository, mode, model, outcome } = first.expect("a disagreement");
        writeln!(text, "\n{} x {kind}\n{label}, model {model}, {mode:?}: {outcome:?}", disagreements.len())
            .expect("text");
        if at < MOST_SHRUNK {
            let small = shrink(repository.clone(), |candidates| still(server, candidates, *mode, kind));
            writeln!(text, "{small}").expect("text");
            for (model, findings) in small.lint(&settings(*mode)) {
                for Finding { rule, level, message, .. } in findings {
                    writeln!(text, "    we say of {model}: {level}[{}]: {message}", rule.name).expect("text");
                }
            }
        }
    }
    assert!(kinds.is_empty(), "{} kinds of disagreement\n{text}", kinds.len());
}

/// Which of the repositories show a disagreement of that kind.
fn still(server: &Server, candidates: &[&Repository], mode: Mode, wanted: &str) -> Vec<bool> {
    let verdicts = server.judge(candidates, mode);
    let shows = |(repository, verdicts): (&&Repository, _)| {
        let found = repository.lint(&settings(mode));
        found.keys().any(|model| kind(&outcome(repository, verdicts, model, &found, mode)) == wanted)
    };
    candidates.iter().zip(&verdicts).map(shows).collect()
}

/// What disagreements have in common: the rules, or the server's words without names and numbers.
fn kind(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Missed(refusal) => {
            let words = refusal.parse.as_ref().map_or(refusal.message.as_str(), |(_, words)| words);
            let quoted = words.split(['\'', '"', '`']).step_by(2).collect::<Vec<_>>().join("_");
            let words: Vec<_> =
                quoted.split(' ').filter(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic())).collect();
            format!("missed: {}", words.join(" "))
        }
        Outcome::False(rules) => format!("false: {rules:?}"),
        Outcome::Accepted | Outcome::Refused | Outcome::Unjudged(_) => String::new(),
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|error| panic!("{variable}: {error}")))
}

fn write_page(server: &Server, seed: u64, count: usize, tally: &Tally) {
    let version = server.version();
    let page = format!(
        "# Our verdicts and the server's\n\n`tests/parity.rs` makes {count} repositories from seed {seed} and has \
         Triton {version} (release {}) load each, with auto-complete and without. Back-ends are stand-ins, so that \
         the server makes all of its own checks and the back-ends none. This page is what it counted; \
         CONTRIBUTING.md says how to make it anew.\n\n{}",
        judgement::RELEASE,
        tally.page()
    );
    let path = support::project().join("docs/parity.md");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    std::fs::write(path, page).expect("the page");
}
