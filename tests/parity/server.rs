//! The real server: starts it over repositories and reads its verdicts from its log.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use rayon::prelude::*;
use tempfile::TempDir;
use tritonlint::schema::backend;
use tritonlint::server::{RateLimit, ServerSettings};

use crate::repository::{Repository, settings};

/// So many repositories share one start. A start takes a fraction of a second, and so does a retry of a
/// part of them where one of them ends the server.
const BATCH: usize = 400;

/// What stands in place of a refusal of a model that the server did not outlive.
pub(crate) const THE_END: &str = "the server ended";

/// A server that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Without these a server on a machine without GPUs opens no port and uses no back-end but the stand-ins.
const OPTIONS: [&str; 6] = [
    "--allow-http=false",
    "--allow-grpc=false",
    "--allow-metrics=false",
    "--exit-on-error=false",
    "--exit-timeout-secs=1",
    "--pinned-memory-pool-byte-size=0",
];

/// An unpacked server with stand-ins for all back-ends.
pub(crate) struct Server {
    program: PathBuf,
    libraries: PathBuf,
    stand_ins: PathBuf,
}

/// What the server makes of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Refused(Refusal),
}

/// The first defect that the server found, in its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    /// Of a text that does not parse: the line, from 1, and the parser's own words.
    pub(crate) parse: Option<(usize, String)>,
}

/// Whether the server lets back-ends complete configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    AutoComplete,
    Strict,
}

/// The lines of a log, and whether the server came to its end.
struct Log {
    lines: Vec<String>,
    is_whole: bool,
}

impl Server {
    /// The server that `scripts/test` installed; none, with the reason, where there cannot be one.
    pub(crate) fn find() -> Result<Self, String> {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
            return Err("the server runs on Linux for x86-64 only".into());
        }
        let packages = crate::python::packages()?;
        let program = packages.join("pytriton/tritonserver/bin/tritonserver");
        if !program.is_file() {
            return Err(format!("there is no {}; scripts/test installs it", program.display()));
        }
        let stand_ins = make_stand_ins()?;
        Ok(Self { program, libraries: packages.join("nvidia_pytriton.libs"), stand_ins })
    }

    /// What the server makes of each model of each repository. What may end the server gets one of its own.
    pub(crate) fn judge(&self, repositories: &[&Repository], mode: Mode) -> Vec<BTreeMap<String, Verdict>> {
        let (alone, together): (Vec<_>, Vec<_>) =
            (0..repositories.len()).partition(|at| repositories[*at].may_end_the_server());
        let batches: Vec<_> = together.chunks(BATCH).chain(alone.chunks(1)).collect();
        let judged = batches.into_par_iter().flat_map_iter(|batch| {
            let verdicts = self.judge_batch(&batch.iter().map(|at| repositories[*at]).collect::<Vec<_>>(), mode);
            batch.iter().copied().zip(verdicts)
        });
        let mut verdicts = judged.collect::<Vec<_>>();
        verdicts.sort_by_key(|(at, _)| *at);
        verdicts.into_iter().map(|(_, verdicts)| verdicts).collect()
    }

    /// All that a server that is set up like that says of each repository, in a start of its own.
    pub(crate) fn logs(&self, repositories: &[(&Repository, &ServerSettings)]) -> Vec<String> {
        let logs = repositories.par_iter().map(|(repository, server)| {
            let mut log = self.run(&[repository], server);
            // A server also dies now and then of nothing in particular.
            if !log.is_whole {
                log.lines.extend(self.run(&[repository], server).lines);
            }
            log.lines.iter().map(|line| unescaped(&line.replace(&prefix(0), ""))).collect::<Vec<_>>().join("\n")
        });
        logs.collect()
    }

    /// Some repositories end the server. Those are found by halving; what remains is one that the server
    /// refuses with an end of its own.
    fn judge_batch(&self, batch: &[&Repository], mode: Mode) -> Vec<BTreeMap<String, Verdict>> {
        let server = settings(mode).server;
        let log = self.run(batch, &server);
        if log.is_whole {
            return log.verdicts(batch, None);
        }
        if batch.len() > 1 {
            let (first, second) = batch.split_at(batch.len() / 2);
            return [self.judge_batch(first, mode), self.judge_batch(second, mode)].concat();
        }
        // A server also dies now and then of what it took before.
        let again = self.run(batch, &server);
        let end = (!again.is_whole).then(|| again.last_words());
        again.verdicts(batch, end.as_deref().map(|line| format!("{THE_END}: {line}")).as_deref())
    }

    fn run(&self, batch: &[&Repository], server: &ServerSettings) -> Log {
        let root = written(batch);
        let empty = tempfile::tempdir().expect("a folder without agents");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut command = Command::new(&self.program);
        command
            .arg(format!("--model-repository={}", root.path().display()))
            .arg(format!("--backend-directory={}", self.stand_ins.display()))
            .arg(format!("--repoagent-directory={}", empty.path().display()))
            .args(OPTIONS)
            .args(options_of(server))
            .env("LD_LIBRARY_PATH", &self.libraries)
            .env("CUDA_VISIBLE_DEVICES", "")
            .stdin(Stdio::null())
            .stdout(writer.try_clone().expect("a pipe"))
            .stderr(writer);
        let mut child = command.spawn().expect("the server starts");
        // The command holds the writing end, without which the pipe would never end.
        drop(command);
        let (sender, receiver) = channel();
        let reading = std::thread::spawn(move || {
            for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
        let place = root.path().display().to_string();
        let mut log = Log { lines: Vec::new(), is_whole: false };
        while !log.is_whole {
            match receiver.recv_timeout(PATIENCE) {
                // The options, which the server lists when it has judged every model.
                Ok(line) => {
                    log.is_whole = line.starts_with("| exit_timeout ");
                    log.lines.push(line.replace(&place, "/models"));
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the server hangs over\n{}", log.hanging(batch)),
            }
        }
        drop(receiver);
        child.kill().expect("the server ends");
        child.wait().expect("the server has ended");
        reading.join().expect("the log is read");
        log
    }

    /// The version that the server says it has.
    pub(crate) fn version(&self) -> String {
        let log = self.run(&[], &ServerSettings::default());
        let line = log.lines.iter().find_map(|line| line.strip_prefix("| server_version"));
        line.expect("a version").trim_matches([' ', '|']).to_owned()
    }
}

impl Log {
    /// The verdicts on a batch. A model without one, in a log that breaks off, is what ended the server.
    fn verdicts(&self, batch: &[&Repository], end: Option<&str>) -> Vec<BTreeMap<String, Verdict>> {
        let mut found: HashMap<&str, Verdict> = HashMap::new();
        let mut parse = None;
        for line in &self.lines {
            let Some(event) = Event::of(line) else { continue };
            match event {
                Event::ParseError(place, words) => parse = parse.or(Some((place, words.to_owned()))),
                Event::Loaded(model) => {
                    found.insert(model, Verdict::Accepted);
                }
                Event::Refused(model, message) => {
                    let parse = parse.take().filter(|_| message.starts_with("failed to read text proto"));
                    let refusal = Refusal { message: unescaped(message), parse };
                    found.entry(model).or_insert(Verdict::Refused(refusal));
                }
            }
        }
        let verdicts = batch.iter().enumerate().map(|(at, repository)| {
            let prefix = prefix(at);
            let verdict = |model: &str| match (found.get(format!("{prefix}{model}").as_str()), end) {
                (Some(Verdict::Refused(refusal)), _) => {
                    let message = refusal.message.replace(&prefix, "");
                    Verdict::Refused(Refusal { message, parse: refusal.parse.clone() })
                }
                (Some(Verdict::Accepted), _) => Verdict::Accepted,
                (None, Some(end)) => Verdict::Refused(Refusal { message: end.to_owned(), parse: None }),
                (None, None) => panic!("no verdict on {model} of\n{repository}"),
            };
            repository.models().into_iter().map(|model| (model.clone(), verdict(&model))).collect()
        });
        verdicts.collect()
    }
}

impl Log {
    /// The last line that is not said at every start.
    fn last_words(&self) -> String {
        let line = self.lines.iter().rev().find(|line| !line.contains("CudaDriverHelper"));
        line.cloned().unwrap_or_default()
    }

    /// The repositories with models that the server began to load, and said no more of.
    fn hanging(&self, batch: &[&Repository]) -> String {
        let unfinished = self.unfinished();
        let hangs = |at: usize| unfinished.iter().any(|model| model.starts_with(&prefix(at)));
        let repositories = batch.iter().enumerate().filter(|(at, _)| hangs(*at));
        repositories.map(|(_, repository)| repository.to_string()).collect::<Vec<_>>().join("\n")
    }

    fn unfinished(&self) -> Vec<&str> {
        let begun = self.lines.iter().filter_map(|line| line.split_once("\"loading: ")?.1.split(':').next());
        let is_done = |model: &str| {
            let done = self.lines.iter().filter_map(|line| Event::of(line));
            done.into_iter()
                .any(|event| matches!(event, Event::Loaded(other) | Event::Refused(other, _) if other == model))
        };
        begun.filter(|model| !is_done(model)).collect()
    }
}

/// What a line of a log tells of a model.
enum Event<'l> {
    ParseError(usize, &'l str),
    Refused(&'l str, &'l str),
    Loaded(&'l str),
}

impl<'l> Event<'l> {
    fn of(line: &'l str) -> Option<Self> {
        if let Some((_, error)) = line.split_once("Error parsing text-format inference.ModelConfig: ") {
            let (place, rest) = error.split_once(':')?;
            let (_, words) = rest.split_once(": ")?;
            return Some(Self::ParseError(place.parse().ok()?, words));
        }
        let (_, said) = line.split_once("] \"")?;
        let said = said.strip_suffix('"').unwrap_or(said);
        if let Some(rest) = said.strip_prefix("Poll failed for model directory '") {
            let (model, message) = rest.split_once("': ")?;
            return Some(Self::Refused(model, message));
        }
        if let Some(rest) = said.strip_prefix("successfully loaded '") {
            return Some(Self::Loaded(rest.strip_suffix('\'')?));
        }
        if let Some((model, rest)) =
            said.strip_prefix("failed to load '").and_then(|rest| rest.split_once("' version "))
        {
            return Some(Self::Refused(model, rest.split_once(": ")?.1));
        }
        // What the graph of the models says; the first model that it names is the one it is about.
        let is_graph = line.starts_with('E') && line.contains(" model_repository_manager.cc:");
        let model = is_graph.then(|| said.split([' ', '\'', ',', ';', ':']).find(|word| is_prefixed(word)))??;
        Some(Self::Refused(model, said))
    }
}

/// The flags that set a server up like that, as far as the host can be: it has no GPU, and is of one release.
fn options_of(server: &ServerSettings) -> Vec<String> {
    let mut options = Vec::new();
    if !server.auto_complete_config {
        options.push("--disable-auto-complete-config".to_owned());
    }
    if server.rate_limit == Some(RateLimit::ExecutionCount) {
        options.push("--rate-limit=execution_count".to_owned());
    }
    for resource in &server.rate_limit_resource {
        let device = resource.device.map(|device| format!(":{device}")).unwrap_or_default();
        options.push(format!("--rate-limit-resource={}:{}{device}", resource.name, resource.count));
    }
    options
}

/// A folder with a batch in it; in memory where there is room, as a disk takes longer than the server does.
fn written(batch: &[&Repository]) -> TempDir {
    let batch: Vec<_> = batch.iter().enumerate().map(|(at, one)| one.with_prefix(&prefix(at))).collect();
    let write = |folder: &Path| {
        let root = tempfile::tempdir_in(folder)?;
        batch.iter().try_for_each(|repository| repository.write(root.path()))?;
        Ok::<_, std::io::Error>(root)
    };
    write(Path::new("/dev/shm")).or_else(|_| write(&std::env::temp_dir())).expect("a folder for the repositories")
}

/// What comes before the names of a repository's models, so that many repositories lie in one folder.
fn prefix(at: usize) -> String {
    format!("r{at}__")
}

fn is_prefixed(word: &str) -> bool {
    let number = word.strip_prefix('r').and_then(|rest| rest.split_once("__"));
    number.is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The logger writes strings as JSON does.
fn unescaped(message: &str) -> String {
    message.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// A shared library for each back-end: the core then makes all of its own checks.
fn make_stand_ins() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stand_ins");
    std::fs::create_dir_all(&root).map_err(|error| error.to_string())?;
    let library = root.join("stand_in.so");
    let source = crate::support::project().join("tests/parity/stand_in.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    match built {
        Ok(status) if status.success() => {}
        Ok(status) => panic!("cc cannot build the stand-in back-end: {status}"),
        Err(error) => return Err(format!("there is no C compiler (cc): {error}")),
    }
    let folder = root.join("backends");
    for backend in backend::names() {
        let own = folder.join(backend);
        std::fs::create_dir_all(&own).map_err(|error| error.to_string())?;
        std::fs::copy(&library, own.join(format!("libtriton_{backend}.so"))).map_err(|error| error.to_string())?;
        // What the back-ends have that run on that of Python, which is a stand-in too.
        std::fs::write(own.join("model.py"), "").map_err(|error| error.to_string())?;
    }
    Ok(folder)
}
