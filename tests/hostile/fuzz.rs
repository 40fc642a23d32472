//! Random changes of good input. By default some of them, the same in every run; with
//! `TRITONLINT_FUZZ_SECONDS` as many as fit into that time, and with `TRITONLINT_FUZZ_SEED` others.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tritonlint::artifact::{self, Format};
use tritonlint::diagnostic::Place;
use tritonlint::engine::lint;
use tritonlint::fix::fix;
use tritonlint::model::Workspace;
use tritonlint::rule::Applicability;
use tritonlint::schema::vocabulary::MESSAGES;
use tritonlint::settings::Settings;
use tritonlint::syntax::Tree;

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
    for number in 0.. {
        if end.map_or(number >= count, |end| Instant::now() >= end) {
            break;
        }
        let case = Case(first + number);
        run(&mut Rng::with_seed(case.0));
    }
}

/// Words of the vocabulary, and what breaks texts.
fn words() -> Vec<&'static [u8]> {
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
    broken.into_iter().chain(fields).collect()
}

/// Changes bytes here and there.
fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], words: &[&[u8]], rng: &mut Rng) {
    const LARGEST: usize = 1 << 16;
    for _ in 0..rng.usize(1..6) {
        let at = rng.usize(0..=bytes.len());
        let end = (at + rng.usize(0..32)).min(bytes.len());
        match rng.u8(0..8) {
            0 => drop(bytes.drain(at..end)),
            1 if at < bytes.len() => bytes[at] = rng.u8(..),
            2 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(0..8),
            3 if !words.is_empty() => drop(bytes.splice(at..end, words[rng.usize(0..words.len())].iter().copied())),
            4 if !words.is_empty() => drop(bytes.splice(at..at, words[rng.usize(0..words.len())].iter().copied())),
            5 => {
                let part = bytes[at..end].repeat(rng.usize(1..20));
                bytes.splice(at..at, part);
            }
            6 => {
                let other = &others[rng.usize(0..others.len())];
                let from = rng.usize(0..=other.len());
                let to = (from + rng.usize(0..200)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => bytes.truncate(bytes.len() - rng.usize(0..=bytes.len() / 8)),
        }
    }
    bytes.truncate(LARGEST);
}

fn any_of<'a, T>(items: &'a [T], rng: &mut Rng) -> &'a T {
    &items[rng.usize(0..items.len())]
}

fn changed(samples: &[Vec<u8>], words: &[&[u8]], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = any_of(samples, rng).clone();
    mutate(&mut bytes, samples, words, rng);
    bytes
}

/// The test models with one of these endings.
fn models(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    let folder = support::project().join("testdata/artifacts").join(folder);
    let entries = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it is there").path());
    let mut paths: Vec<_> = entries
        .filter(|path| endings.iter().any(|ending| path.extension().is_some_and(|other| other == *ending)))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

fn readers() -> Vec<(Format, &'static str, Vec<Vec<u8>>)> {
    vec![
        (Format::Onnx, "model.onnx", models("onnx", &["onnx"])),
        (Format::TorchScript, "model.pt", models("torchscript", &["pt", "pt2"])),
        (Format::Python, "model.py", models("python", &["py"])),
        (Format::OpenVino, "model.xml", models("others", &["xml"])),
        (Format::TreeModel, "xgboost.json", models("others", &["json", "ubj", "tl", "txt"])),
        (Format::Vllm, "model.json", models("others", &["json"])),
        (Format::Dali, "model.dali", models("dali", &["dali"])),
        (Format::TensorRtLlm, "config.json", models("others", &["json"])),
        (Format::Strings, "names.strings", models("others", &["strings"])),
    ]
}

#[test]
fn the_parser() {
    let words = words();
    cases(3000, |rng| {
        let config = changed(support::samples(), &words, rng);
        let tree = Tree::parse(config.clone());
        let errors = tree.errors();
        assert!(errors.iter().all(|error| error.span.end as usize <= config.len()));
        assert!(errors.is_sorted_by_key(|error| error.span.start));
        let ends: Vec<_> = tree.tokens().iter().map(|token| token.span.end).collect();
        assert!(ends.is_sorted() && ends.last().is_none_or(|end| *end as usize <= config.len()));
    });
}

/// A model with its files: what is found is bounded, lies in the files, and is told without commands to
/// the terminal.
#[test]
fn the_whole_check() {
    let (words, readers) = (words(), readers());
    cases(600, |rng| {
        let mut config = changed(support::samples(), &words, rng);
        let (_, name, samples) = any_of(&readers, rng);
        let model = if rng.bool() { changed(samples, &[], rng) } else { any_of(samples, rng).clone() };
        let backend = ["onnxruntime", "pytorch", "python", "openvino", "fil", "vllm"][rng.usize(0..6)];
        if rng.bool() {
            config.splice(0..0, format!("backend: '{backend}'\n").into_bytes());
        }
        let mut workspace = Workspace::default();
        let file = format!("my_model/1/{name}");
        let other = changed(support::samples(), &words, rng);
        let files: [(&str, &[u8]); 3] =
            [("my_model/config.pbtxt", &config), (&file, &model), ("other/config.pbtxt", &other)];
        workspace.add_in_memory(Path::new("models"), files);
        let report = lint(&workspace, &Settings::default());
        for found in &report.diagnostics {
            if let Place::Text { file, span } = &found.place {
                assert!(span.end as usize <= workspace.file(*file).bytes.len(), "{} at {span:?}", found.rule.name);
            }
        }
        for (format, text) in rendered(&workspace, &report) {
            assert!(!has_command(format, &text), "{format:?} of {:?}", String::from_utf8_lossy(&config));
        }
    });
}

#[test]
fn the_fixer() {
    let words = words();
    cases(400, |rng| {
        let config = changed(support::samples(), &words, rng);
        let lint = |workspace: &Workspace| lint(workspace, &Settings::default());
        let once = fix(support::workspace(&config), Applicability::Unsafe, lint);
        assert!(once.refused.iter().all(|refused| !refused.is_defect()), "{:?}", String::from_utf8_lossy(&config));
        let text = support::text(&once.workspace);
        let twice = fix(support::workspace(&text), Applicability::Unsafe, lint);
        assert_eq!(String::from_utf8_lossy(&support::text(&twice.workspace)), String::from_utf8_lossy(&text));
    });
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
    let samples = [sample];
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
    cases(3000, |rng| {
        let text = changed(&samples, &words, rng);
        if let Err(fault) = Settings::from_toml(&String::from_utf8_lossy(&text)) {
            assert!(!fault.to_string().is_empty());
        }
    });
}

#[test]
fn the_readers() {
    let readers = readers();
    cases(2000, |rng| {
        let (format, _, samples) = any_of(&readers, rng);
        let bytes = changed(samples, &[], rng);
        if let Err(fault) = artifact::read(*format, Cursor::new(bytes)) {
            assert!(!fault.to_string().is_empty());
        }
    });
}
