//! `tritonlint probe`, and the part of `check` that probes.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Duration;

use clap::{Args, ValueEnum};
use etcetera::BaseStrategy as _;
use indicatif::{ProgressBar, ProgressStyle};

use super::report::write;
use super::{Output, Status, settings};
use crate::engine::lint;
use crate::model::load::{Problem, Target, load, message};
use crate::model::{Analysis, Model, Workspace};
use crate::output::{probe_html, probe_json, probe_text, visible};
use crate::probe::{
    Cache, Device, Effort, GivenShape, Helper, Means, Outcome, Probed, Progress, Silence, Subject, Surroundings,
    Unavailable, Verdict, probe,
};
use crate::settings::{Discovery, Governs, ProbeSettings, Settings, Source};

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

    /// Read settings from this file, and from no other
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    config: Option<PathBuf>,

    /// Read no settings file
    #[arg(long, conflicts_with = "config", help_heading = "Settings")]
    isolated: bool,
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
    shapes: Vec<GivenShape>,

    /// Write a page with the times of all calls to this file
    #[arg(long, value_name = "FILE.html")]
    pub(super) probe_report: Option<PathBuf>,

    /// How long a load or call may take before it counts as a hang [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    probe_timeout: Option<u64>,

    /// How much memory of the host a model may have [default: 16]
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=65536))]
    probe_memory: Option<u64>,

    /// How many models are probed at the same time [default: one for each two cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    probe_jobs: Option<u32>,

    /// Run models also if the same was found out before
    #[arg(long)]
    no_cache: bool,
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
    fn surroundings(&self, settings: &ProbeSettings) -> Surroundings {
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Surroundings {
            helper: self.probe_helper.clone(),
            libtorch: self.libtorch.clone().or_else(|| settings.libtorch.clone()).or_else(|| folder("LIBTORCH")),
            program: std::env::current_exe().ok(),
            path: std::env::var_os("PATH").unwrap_or_default(),
            python: folder("VIRTUAL_ENV").or_else(|| folder("CONDA_PREFIX")),
        }
    }

    /// Writes the page with the times of all calls, if one is wanted. A failure is told as it is.
    pub(super) fn write_report(&self, outcomes: &[Outcome]) -> Result<(), Problem> {
        let Some(path) = &self.probe_report else { return Ok(()) };
        write(path, probe_html(outcomes).as_bytes()).map_err(|error| Problem {
            path: path.clone(),
            reason: message(&error),
            is_failure: true,
        })
    }

    /// What the options say, else the settings, else what is usual.
    fn effort(&self, settings: &ProbeSettings) -> Effort {
        let usual = Effort::default();
        let cores = available_parallelism().map_or(1, usize::from);
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let seconds = self.probe_timeout.or(settings.timeout.map(u64::from));
        let gibibytes = self.probe_memory.or(settings.memory.map(u64::from));
        let jobs = self.probe_jobs.or(settings.jobs);
        let device = settings.device.as_ref().and_then(|name| name.parse().ok());
        let effort = Effort {
            calls: settings.calls.map_or(usual.calls, count),
            patience: seconds.map_or(usual.patience, Duration::from_secs),
            memory: gibibytes.map_or(usual.memory, |gibibytes| gibibytes << 30),
            at_once: jobs.map_or((cores / CORES).max(1), count),
            device: self.device.or(device).unwrap_or_default(),
            ..usual
        };
        if self.thorough { effort.thorough() } else { effort }
    }

    /// The folder of what was found before, among those that a user has for such things.
    fn cache(&self) -> Option<Cache> {
        let base = etcetera::choose_base_strategy().ok().filter(|_| !self.no_cache)?;
        Some(Cache::new(base.cache_dir().join("tritonlint/probe")))
    }

    /// The model, called first with the shapes that options and settings have for it.
    fn with_shapes(&self, subject: Subject, settings: &Settings) -> Subject {
        let entries = settings.probe.shapes.iter().rev().filter(|entry| entry.is_for(&subject.name));
        let given: Vec<Vec<GivenShape>> = entries
            .map(|entry| {
                let shape =
                    |(input, shape): (&String, &Vec<i64>)| GivenShape { input: input.clone(), shape: shape.clone() };
                entry.inputs.iter().map(shape).collect()
            })
            .collect();
        let subject = given.iter().fold(subject, |subject, given| subject.with_shapes(given));
        subject.with_shapes(&self.shapes)
    }
}

/// Whether models can be probed here, and with which libtorch. Nothing is started for that.
pub(super) fn availability() -> String {
    match Helper::find(&How::default().surroundings(&ProbeSettings::default())) {
        Ok(helper) => {
            let libtorch = match helper.libtorch() {
                Some((folder, Some(release))) => format!("libtorch {release} in {}", folder.display()),
                Some((folder, None)) => format!("the libtorch in {}", folder.display()),
                None => "the libtorch that it was linked with".to_owned(),
            };
            visible(&format!("{}, with {libtorch}", helper.program().display()))
        }
        Err(Unavailable::NoHelper) => "not installed: docs/probe.md tells how".to_owned(),
        Err(reason) => visible(&reason.to_string()),
    }
}

/// What the probe finds for `check`, with its report written if one is wanted.
pub(super) fn probed(
    how: &How,
    own: &ProbeSettings,
    workspace: &Workspace,
    settings: &dyn Governs,
    problems: &mut Vec<Problem>,
) -> Probed {
    let report = lint(workspace, settings);
    let (effort, cache, progress) = (how.effort(own), how.cache(), progress());
    let found = Helper::find(&how.surroundings(own)).and_then(|helper| {
        let means = Means { helper: &helper, effort: &effort, cache: cache.as_ref(), progress: &*progress };
        Probed::new(workspace, settings, &report, means, &|subject, settings| how.with_shapes(subject, settings))
    });
    drop(progress);
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

/// Where settings come from.
fn source(config: Option<&Path>, is_isolated: bool) -> Source {
    match config {
        Some(file) => Source::File(file.to_owned()),
        None if is_isolated => Source::Nowhere,
        None => Source::Closest,
    }
}

/// What the settings say of a run as a whole: those of the first repository. What lies in the folder that they name
/// for libtorch runs without any limits, so that must not come from a file that was merely found.
pub(super) fn own_settings(
    discovery: &mut Discovery,
    workspace: &Workspace,
    is_named: bool,
) -> Result<ProbeSettings, String> {
    let root = workspace.repositories.first().map(|repository| repository.root.clone()).unwrap_or_default();
    let resolved = discovery.resolve(&root, None);
    let own = resolved.settings.probe.clone();
    match (&own.libtorch, resolved.files.last()) {
        (Some(_), Some(file)) if !is_named => Err(format!(
            "{}: `probe.libtorch` says what is run, so it counts only in a file that --config names; or name the \
             folder with --libtorch",
            file.display()
        )),
        _ => Ok(own),
    }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> io::Result<Status> {
    let targets: Vec<_> = arguments.models.iter().cloned().map(Target::Path).collect();
    let (workspace, problems) = load(&targets);
    let mut discovery = Discovery::new(source(arguments.config.as_deref(), arguments.isolated), Vec::new(), false);
    let settings = discovery.in_force(&workspace);
    let own = match own_settings(&mut discovery, &workspace, arguments.config.is_some()) {
        Ok(own) => own,
        Err(reason) => {
            output.complain(&reason);
            return Ok(Status::Failure);
        }
    };
    if settings::complain(&discovery, output) {
        return Ok(Status::Failure);
    }
    for problem in &problems {
        output.complain(&problem.to_string());
    }
    if problems.iter().any(|problem| problem.is_failure) {
        return Ok(Status::Failure);
    }
    let analysis = Analysis::new(&workspace, &settings);
    let is_torchscript = |model: &Model<'_>| {
        let is_default = model.file().is_some_and(|file| model.directory().config() == Some(file));
        is_default && model.is_torchscript()
    };
    let models = analysis.of_reported(|model| {
        let of_model = settings.of(&model.directory().path);
        let subject = || Subject::of(model).map(|subject| arguments.how.with_shapes(subject, of_model));
        is_torchscript(&model).then(|| (model.name().to_owned(), subject()))
    });
    let mut models: Vec<_> = models.into_iter().flatten().collect();
    models.sort_by(|a, b| a.0.cmp(&b.0));
    if models.is_empty() {
        output.complain("there is no TorchScript model with a config here");
        return Ok(Status::Failure);
    }
    let (mut subjects, mut outcomes) = (Vec::new(), Vec::new());
    for (model, subject) in models {
        match subject {
            Ok(subject) => subjects.push(subject),
            Err(reason) => outcomes.push(Outcome::inconclusive(model, reason)),
        }
    }
    if !subjects.is_empty() {
        let (effort, cache, progress) = (arguments.how.effort(&own), arguments.how.cache(), progress());
        let found = Helper::find(&arguments.how.surroundings(&own)).and_then(|helper| {
            probe(Means { helper: &helper, effort: &effort, cache: cache.as_ref(), progress: &*progress }, &subjects)
        });
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
