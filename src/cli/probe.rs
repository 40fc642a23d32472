//! `tritonlint probe`, and the part of `check` that probes.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Output, Status};
use crate::engine::lint;
use crate::model::load::{Problem, Target, load};
use crate::model::{Analysis, Backend, Model, PyTorchRuntime, Workspace};
use crate::output::{probe_html, probe_json, probe_text, visible};
use crate::probe::{
    Device, Effort, GivenShape, Helper, Outcome, Probed, Progress, Silence, Subject, Surroundings, Verdict, probe,
};
use crate::settings::{Governs, Settings};

/// Cores for each model that is probed.
const CORES: usize = 2;

#[derive(Args)]
pub(super) struct Arguments {
    /// Model folders, or repositories of which every TorchScript model is probed
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,

    /// How to write what was found
    #[arg(long, value_enum, default_value_t = OutputFormat::Full, value_name = "FORMAT")]
    output_format: OutputFormat,

    #[command(flatten)]
    how: How,
}

/// How to probe.
#[derive(Args, Debug, Default, PartialEq)]
#[command(next_help_heading = "Probe")]
pub(super) struct How {
    /// The folder of libtorch: an unpacked archive, or the torch package of a Python environment [env: LIBTORCH]
    #[arg(long, value_name = "DIR")]
    libtorch: Option<PathBuf>,

    /// The program that runs models, if it is not installed beside this one
    #[arg(long, value_name = "FILE")]
    probe_helper: Option<PathBuf>,

    /// Where to run models: cpu, cuda, or cuda:1 and so on [default: cpu]
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,

    /// Call every shape 20 times instead of 4
    #[arg(long)]
    thorough: bool,

    /// Begin with this shape of an input, with the batch dimension: `--shape AUDIO=1,16000`; once for each
    /// input
    #[arg(long = "shape", value_name = "INPUT=DIMS")]
    pub(super) shapes: Vec<GivenShape>,

    /// Write a page with the times of all calls to this file
    #[arg(long, value_name = "FILE.html")]
    pub(super) probe_report: Option<PathBuf>,

    /// How long a load or call may take before it counts as a hang [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    probe_timeout: Option<u64>,

    /// How much memory a model may have [default: 16]
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=65536))]
    probe_memory: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum OutputFormat {
    /// With a table for each model
    Full,
    /// One JSON object
    Json,
}

impl How {
    /// Where the helper and libtorch are.
    pub(super) fn surroundings(&self) -> Surroundings {
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Surroundings {
            helper: self.probe_helper.clone(),
            libtorch: self.libtorch.clone().or_else(|| folder("LIBTORCH")),
            program: std::env::current_exe().ok(),
            path: std::env::var_os("PATH").unwrap_or_default(),
            python: folder("VIRTUAL_ENV").or_else(|| folder("CONDA_PREFIX")),
        }
    }

    /// Writes the page with the times of all calls, if one is wanted. A failure is told as it is.
    pub(super) fn write_report(&self, outcomes: &[Outcome]) -> Result<(), Problem> {
        let Some(path) = &self.probe_report else { return Ok(()) };
        std::fs::write(path, probe_html(outcomes)).map_err(|error| Problem {
            path: path.clone(),
            reason: error.to_string(),
            is_failure: true,
        })
    }

    pub(super) fn effort(&self) -> Effort {
        let cores = available_parallelism().map_or(1, usize::from);
        let mut effort = Effort { at_once: (cores / CORES).max(1), ..Effort::default() };
        if let Some(seconds) = self.probe_timeout {
            effort.patience = Duration::from_secs(seconds);
        }
        if let Some(gibibytes) = self.probe_memory {
            effort.memory = gibibytes << 30;
        }
        effort.device = self.device.unwrap_or_default();
        if self.thorough { effort.thorough() } else { effort }
    }
}

/// What the probe finds for `check`, with its report written if one is wanted.
pub(super) fn probed(how: &How, workspace: &Workspace, settings: &dyn Governs, problems: &mut Vec<Problem>) -> Probed {
    let report = lint(workspace, settings);
    let found = Helper::find(&how.surroundings()).and_then(|helper| {
        Probed::new(workspace, settings, &report, &helper, &how.effort(), &*progress(), &how.shapes)
    });
    let probed = found.unwrap_or_else(|unavailable| {
        let reason = unavailable.to_string();
        problems.push(Problem { path: "--probe".into(), reason, is_failure: true });
        Probed::default()
    });
    let outcomes: Vec<_> = probed.outcomes().cloned().collect();
    problems.extend(how.write_report(&outcomes).err());
    probed
}

/// Tells on a terminal what is going on.
fn progress() -> Box<dyn Progress> {
    if !io::stderr().is_terminal() {
        return Box::new(Silence);
    }
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::new_spinner().with_style(style);
    bar.enable_steady_tick(Duration::from_millis(100));
    Box::new(Spinner(bar))
}

struct Spinner(ProgressBar);

impl Progress for Spinner {
    fn runs(&self, model: &str, variant: &str) {
        self.0.set_message(format!("probing {}: {variant}", visible(model)));
    }

    fn done(&self, _model: &str) {
        self.0.set_message("");
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> io::Result<Status> {
    let targets: Vec<_> = arguments.models.iter().cloned().map(Target::Path).collect();
    let (workspace, problems) = load(&targets);
    for problem in &problems {
        output.complain(&problem.to_string());
    }
    if problems.iter().any(|problem| problem.is_failure) {
        return Ok(Status::Failure);
    }
    let analysis = Analysis::new(&workspace, &Settings::default());
    let is_torchscript = |model: &Model<'_>| {
        let is_default = model.file().is_some_and(|file| model.directory().config == Some(file));
        is_default && model.resolution().backend() == Some(&Backend::PyTorch(PyTorchRuntime::TorchScript))
    };
    let models =
        analysis.of_reported(|model| is_torchscript(&model).then(|| (model.name().to_owned(), Subject::of(model))));
    let mut models: Vec<_> = models.into_iter().flatten().collect();
    models.sort_by(|a, b| a.0.cmp(&b.0));
    if models.is_empty() {
        output.complain("there is no TorchScript model with a config here");
        return Ok(Status::Failure);
    }
    let (mut subjects, mut outcomes) = (Vec::new(), Vec::new());
    for (model, subject) in models {
        match subject {
            Ok(subject) => subjects.push(subject.with_shapes(&arguments.how.shapes)),
            Err(reason) => outcomes.push(Outcome { model, verdict: Verdict::Inconclusive { reason }, evidence: None }),
        }
    }
    if !subjects.is_empty() {
        let progress = progress();
        let found = Helper::find(&arguments.how.surroundings())
            .and_then(|helper| probe(&helper, &subjects, &arguments.how.effort(), &*progress));
        drop(progress);
        match found {
            Ok(found) => outcomes.extend(found),
            Err(unavailable) => {
                output.complain(&unavailable.to_string());
                return Ok(Status::Failure);
            }
        }
    }
    outcomes.sort_by(|a, b| a.model.cmp(&b.model));
    let text = match arguments.output_format {
        OutputFormat::Full => probe_text(&outcomes),
        OutputFormat::Json => probe_json(&outcomes),
    };
    output.print(text.as_bytes())?;
    if let Err(problem) = arguments.how.write_report(&outcomes) {
        output.complain(&problem.to_string());
        return Ok(Status::Failure);
    }
    Ok(status(&outcomes))
}

fn status(outcomes: &[Outcome]) -> Status {
    let is = |matches: fn(&Verdict) -> bool| outcomes.iter().any(|outcome| matches(&outcome.verdict));
    if is(|verdict| matches!(verdict, Verdict::Confirmed { .. } | Verdict::OtherCause { .. })) {
        Status::Findings
    } else if is(|verdict| matches!(verdict, Verdict::Inconclusive { .. })) {
        Status::Failure
    } else {
        Status::Clean
    }
}
