//! Random changes of good input. By default some of them, the same in every run; with
//! `TRITONLINT_FUZZ_SECONDS` as many as fit into that time, and with `TRITONLINT_FUZZ_SEED` others.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tritonlint::artifact;
use tritonlint::diagnostic::{Fix, Place};
use tritonlint::engine::lint;
use tritonlint::fix::fix;
use tritonlint::model::{TextFile, Workspace};
use tritonlint::rule::Applicability;
use tritonlint::schema::vocabulary::MESSAGES;
use tritonlint::settings::Settings;
use tritonlint::syntax::Tree;

use crate::model_files::{Kind, kinds};
use crate::mutation::{Samples, any_of};
use crate::support;
use crate::texts::{has_command, rendered};

fn set_by<T: FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Says which case it was, should one fail.
struct Case(u64);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("to see only this case: TRITONLINT_FUZZ_SEED={}", self.0);
        }
    }
}

/// Runs so many cases, or as many as there is time for.
fn cases(count: u64, run: impl Fn(&mut Rng)) {
    let first = set_by("TRITONLINT_FUZZ_SEED").unwrap_or(20_261_122);
    let end = set_by("TRITONLINT_FUZZ_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut slowest = (Duration::ZERO, first);
    for number in 0.. {
        let start = Instant::now();
        if end.map_or(number >= count, |end| start >= end) {
            println!("{number} cases; the slowest, TRITONLINT_FUZZ_SEED={}, took {:?}", slowest.1, slowest.0);
            break;
        }
        let case = Case(first + number);
        run(&mut Rng::with_seed(case.0));
        slowest = slowest.max((start.elapsed(), case.0));
    }
}

/// The real configs and those of the rules, with words of the vocabulary and what breaks texts.
fn configs() -> Samples {
    let broken: [&[u8]; 22] = [
        b"{",
        b"}",
        b"[",
        b"]",
        b"<",
        b">",
        b":",
        b",",
        b";",
        b"\"",
        b"'",
        b"\\",
        b"#",
        b"\n",
        b"\r",
        b"\0",
        b"\xFF",
        b"-1",
        b"99999999999999999999",
        b"1e999",
        b"\xEF\xBB\xBF",
        b"# tritonlint: ignore[all]\n",
    ];
    let fields = MESSAGES.iter().flat_map(|message| message.fields).map(|field| field.name.as_bytes());
    Samples { samples: support::samples().to_vec(), words: broken.into_iter().chain(fields).collect() }
}

/// A model with its file, and another model.
fn any_repository(configs: &Samples, kinds: &[Kind], rng: &mut Rng) -> Workspace {
    let kind = any_of(kinds, rng);
    // Where the text has an error, nothing else in it is fixed.
    let mut config = if rng.bool() { configs.changed(rng) } else { any_of(&configs.samples, rng).clone() };
    if rng.bool() {
        config.extend(format!("\nbackend: '{}'\n", kind.backend).into_bytes());
    }
    let model = if rng.bool() { kind.changed(rng) } else { any_of(&kind.files.samples, rng).clone() };
    let (path, other) = (format!("my_model/{}/{}", any_of(&["1", "01"], rng), kind.name), configs.changed(rng));
    let files: [(&str, &[u8]); 3] =
        [("my_model/config.pbtxt", &config), (&path, &model), ("other/config.pbtxt", &other)];
    let mut workspace = Workspace::default();
    workspace.add_in_memory(Path::new("models"), files);
    workspace
}

#[test]
fn the_parser() {
    let configs = configs();
    cases(3000, |rng| {
        let config = configs.changed(rng);
        let tree = Tree::parse(config.clone());
        let errors = tree.errors();
        assert!(errors.iter().all(|error| error.span.end as usize <= config.len()));
        assert!(errors.is_sorted_by_key(|error| error.span.start));
        let ends: Vec<_> = tree.tokens().iter().map(|token| token.span.end).collect();
        assert!(ends.is_sorted() && ends.last().is_none_or(|end| *end as usize <= config.len()));
    });
}

/// What is found lies in the files, and is told without commands to the terminal.
#[test]
fn the_whole_check() {
    let (configs, kinds) = (configs(), kinds());
    cases(600, |rng| {
        let workspace = any_repository(&configs, &kinds, rng);
        let report = lint(&workspace, &Settings::default());
        for found in &report.diagnostics {
            let place = match &found.place {
                Place::Text { file, span } => Some((*file, *span)),
                Place::Entry(_) | Place::Line { .. } => None,
            };
            let labels = found.labels.iter().map(|label| (label.file, label.span));
            let edits = found.fix.iter().flat_map(Fix::edits).map(|edit| (edit.file, edit.span));
            for (file, span) in place.into_iter().chain(labels).chain(edits) {
                assert!(span.end as usize <= workspace.file(file).bytes.len(), "{} at {span:?}", found.rule.name);
            }
        }
        for (format, text) in rendered(&workspace, &report) {
            assert!(!has_command(format, &text), "{format:?} of {:?}", texts(&workspace));
        }
    });
}

/// No fix turns out to be wrong, and none is left for a second run.
#[test]
fn the_fixer() {
    let (configs, kinds) = (configs(), kinds());
    cases(400, |rng| {
        let lint = |workspace: &Workspace| lint(workspace, &Settings::default());
        let workspace = any_repository(&configs, &kinds, rng);
        let before = texts(&workspace);
        let once = fix(workspace, Applicability::Unsafe, lint);
        assert!(once.refused.iter().all(|refused| !refused.is_defect()), "{:?} of {before:?}", once.refused);
        let after = texts(&once.workspace);
        let twice = fix(once.workspace, Applicability::Unsafe, lint);
        assert_eq!(texts(&twice.workspace), after, "of {before:?}");
        assert!(twice.applied.is_empty(), "{:?} of {before:?}", twice.applied);
    });
}

/// The texts of a workspace with their paths.
fn texts(workspace: &Workspace) -> Vec<(PathBuf, String)> {
    let text = |file: &TextFile| (file.path.to_path_buf(), String::from_utf8_lossy(&file.bytes).into_owned());
    workspace.files().map(|(_, file)| text(file)).collect()
}

#[test]
fn the_settings() {
    let sample = b"extend = '../base.toml'\nexclude = ['x/**', '!y']\nforce-exclude = true\n[rules]\nunknown-field = 'off'\n\
        performance = 'error'\n[server]\nversion = '24.10'\nmodel-control-mode = 'explicit'\n\
        [repository]\ncomplete = 'yes'\n[[overrides]]\nmodels = ['a*', '[b-c]?']\npaths = ['p/']\nrules = { duplicate-field = 'info' }\n"
        .to_vec();
    if let Err(fault) = Settings::from_toml(&String::from_utf8_lossy(&sample)) {
        panic!("{fault}");
    }
    let words: [&[u8]; 12] = [
        b"[",
        b"]",
        b"{",
        b"}",
        b"'",
        b"\"\"\"",
        b"=",
        b"**",
        b"\\",
        b"\n[rules]\n",
        b"9e999",
        b"1979-05-27T07:32:00Z",
    ];
    let settings = Samples { samples: vec![sample], words: words.to_vec() };
    cases(3000, |rng| {
        let text = settings.changed(rng);
        if let Err(fault) = Settings::from_toml(&String::from_utf8_lossy(&text)) {
            assert!(!fault.to_string().is_empty());
        }
    });
}

#[test]
fn the_readers() {
    let kinds = kinds();
    cases(2000, |rng| {
        let kind = any_of(&kinds, rng);
        if let Err(fault) = artifact::read(kind.format, Cursor::new(kind.changed(rng))) {
            assert!(!fault.to_string().is_empty());
        }
    });
}
