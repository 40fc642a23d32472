//! One run of the helper: whatever becomes of it is a result.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::helper::{Helper, Unavailable};
use super::protocol::{CUDA, Device, EXECUTOR, INFERENCE_MODE, Output, Ready, Reply, Request, VERSION};

/// A longer line is none of the helper's.
const LONGEST_LINE: u64 = 16 << 20;

/// How much of what a dying process says is kept.
const LAST_WORDS: usize = 2000;

/// What the helper did with a request.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) ready: Ready,
    pub(super) is_loaded: bool,
    /// The calls that came back, in order.
    pub(super) calls: Vec<Called>,
    pub(super) end: End,
}

/// A call that came back.
#[derive(Clone, Debug)]
pub(super) struct Called {
    /// Microseconds inside `forward`.
    pub(super) micros: u64,
    pub(super) answer: Answer,
}

/// What a call gave.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Outputs(Vec<Output>),
    /// What libtorch says.
    Error(String),
    /// What the back-end says of outputs that it does not take.
    Unsupported(String),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All calls came back.
    Done,
    /// The model was not loaded: what libtorch says.
    LoadFailed(String),
    /// The process died during the load or the call behind the last that came back.
    Died(Death),
    /// The load or call behind the last that came back took too long.
    Hung,
}

/// How a process died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Death {
    /// The signal that killed it, where there are signals.
    pub(super) signal: Option<i32>,
    /// The last that it said.
    pub(super) words: String,
}

/// Runs the helper. A load or call that takes longer than `patience` is taken for a hang.
pub(super) fn run(helper: &Helper, request: &Request, patience: Duration) -> Result<Run, Unavailable> {
    let mut process = Process::start(helper, request)?;
    let mut ready = None;
    let mut is_loaded = false;
    let mut calls = Vec::new();
    let end = loop {
        let reply = match process.replies.recv_timeout(patience) {
            Ok(reply) => reply,
            Err(RecvTimeoutError::Timeout) => break End::Hung,
            Err(RecvTimeoutError::Disconnected) => break End::Died(process.death()),
        };
        match reply {
            Reply::Ready(it) if it.protocol == VERSION => ready = Some(it),
            Reply::Ready(it) => {
                return Err(Unavailable::Broken(format!("it speaks version {} of the protocol", it.protocol)));
            }
            // It ends now, and the dynamic linker may have said more.
            Reply::NoDevice { reason } => {
                let words = process.death().words;
                return Err(Unavailable::NoDevice([reason, words].join("\n").trim().to_owned()));
            }
            Reply::Loaded => is_loaded = true,
            Reply::LoadFailed { error } => break End::LoadFailed(error),
            Reply::Called { micros, outputs } => calls.push(Called { micros, answer: Answer::Outputs(outputs) }),
            Reply::Failed { micros, error } => calls.push(Called { micros, answer: Answer::Error(error) }),
            Reply::Unsupported { error } => calls.push(Called { micros: 0, answer: Answer::Unsupported(error) }),
            Reply::Done => break End::Done,
        }
    };
    match (ready, end) {
        (Some(ready), end) => Ok(Run { ready, is_loaded, calls, end }),
        (None, End::Died(death)) if death.words.contains("libtorch") || death.words.contains("libc10") => {
            Err(Unavailable::NoLibtorch(death.words))
        }
        (None, End::Died(death)) => Err(Unavailable::Broken(death.words)),
        (None, _) => Err(Unavailable::Broken("it does not answer".into())),
    }
}

/// What the helper takes from its environment.
fn variables(request: &Request) -> Vec<(&'static str, String)> {
    let word = |on: bool| if on { "on" } else { "off" }.to_owned();
    let mut variables = vec![(INFERENCE_MODE, word(request.switches.inference_mode))];
    variables.extend(request.switches.executor.map(|on| (EXECUTOR, word(on))));
    if request.device != Device::Cpu {
        // The driver would cache what it compiles in files, which cannot be written.
        variables.extend([
            (CUDA, word(true)),
            ("CUDA_CACHE_DISABLE", "1".into()),
            ("USE_PYTORCH_KERNEL_CACHE", "0".into()),
        ]);
        // Which GPUs there are, and in which order, is not the model's secret.
        let passed = ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"].into_iter();
        variables.extend(passed.filter_map(|name| Some((name, std::env::var(name).ok()?))));
    }
    variables
}

/// A process that does not outlive this value.
struct Process {
    child: Child,
    /// Open as long as the helper is to live: it ends when this closes, also if this program was killed.
    _stdin: Option<ChildStdin>,
    replies: Receiver<Reply>,
    words: Option<JoinHandle<String>>,
}

impl Process {
    fn start(helper: &Helper, request: &Request) -> Result<Self, Unavailable> {
        let broken = |error: std::io::Error| Unavailable::Broken(error.to_string());
        let mut command = Command::new(&helper.program);
        // Nothing of ours is the model's business.
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(libraries) = &helper.libraries {
            command.env("LD_LIBRARY_PATH", libraries).env("DYLD_LIBRARY_PATH", libraries);
        }
        command.envs(variables(request));
        let mut child = command.spawn().map_err(broken)?;
        let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (sender, replies) = channel();
        let token = request.token.clone();
        std::thread::spawn(move || {
            let Some(stdout) = stdout else { return };
            let mut lines = BufReader::new(stdout);
            while let Some(line) = next_line(&mut lines) {
                if let Some(reply) = reply(&line, &token)
                    && sender.send(reply).is_err()
                {
                    break;
                }
            }
        });
        let words = std::thread::spawn(move || stderr.map(last_words).unwrap_or_default());
        let line = serde_json::to_string(request).map_err(|error| Unavailable::Broken(error.to_string()))?;
        if let Some(stdin) = &mut stdin {
            // A process that does not read has died, and says so in its own way.
            let _ = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        }
        Ok(Self { child, _stdin: stdin, replies, words: Some(words) })
    }

    /// How it died; it has closed its output already.
    fn death(&mut self) -> Death {
        let status = self.child.wait().ok();
        let words = self.words.take().and_then(|words| words.join().ok()).unwrap_or_default();
        let signal = status.and_then(signal);
        let words = match (words.trim(), status) {
            ("", Some(status)) => status.to_string(),
            (words, _) => words.to_owned(),
        };
        Death { signal, words }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

/// The next line, or as much of it as is read of one; none at the end.
fn next_line(lines: &mut impl std::io::BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let read = lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
    read.is_ok_and(|read| read > 0).then_some(line)
}

/// The reply in a line; none if the model printed it.
fn reply(line: &[u8], token: &str) -> Option<Reply> {
    let text = std::str::from_utf8(line).ok()?.strip_prefix(token)?;
    serde_json::from_str(text).ok()
}

/// What a process says last.
fn last_words(mut stderr: impl Read) -> String {
    let mut kept: Vec<u8> = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut piece) {
        kept.extend_from_slice(&piece[..read]);
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
