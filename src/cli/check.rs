//! `tritonlint check`.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::checked::Checked;
use super::probe::{own_settings, probed};
use super::report::{Destination, Destinations, root_of};
use super::since::{governed_by, linked_to, touched, without_links};
use super::{Output, Status, baseline, settings};
use crate::engine::{Report, lint};
use crate::fix::Outcome;
use crate::model::load::{Problem, Target, load_but, message, read_incoming};
use crate::model::{Workspace, report_touched};
use crate::output::{Run, diff, render_fixed};
use crate::probe::Probed;
use crate::rule::Level;
use crate::settings::Discovery;

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct Arguments {
    /// Model repositories, model folders, configs, or folders above them; `-` reads a config from standard input
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,

    /// Apply fixes
    #[arg(long)]
    fix: bool,

    /// Apply also those fixes that may change what the server does with a model
    #[arg(long)]
    pub(super) unsafe_fixes: bool,

    /// Apply fixes, do not list what is left, and do not fail for it
    #[arg(long)]
    fix_only: bool,

    /// Fix only what these rules find
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_name)]
    fixable: Vec<&'static str>,

    /// Show what the fixes would change, as a patch for `git apply` or `patch -p1`, and write nothing
    #[arg(long)]
    pub(super) diff: bool,

    /// Run TorchScript models with variable dims, to prove or disprove the warnings about them. A model file is
    /// code: use it only with models that you trust
    #[arg(long)]
    probe: bool,

    /// How to write the report: full (with the lines of the file), concise (one line a finding), json,
    /// json-lines, sarif, github, gitlab, junit, checkstyle, rdjson or azure. With =FILE it is written to
    /// that file and not to standard output; may be given several times
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = str::parse::<Destination>)]
    output_format: Vec<Destination>,

    /// Show how often each rule found something, in place of the findings
    #[arg(long, conflicts_with_all = ["diff", "fix_only"])]
    statistics: bool,

    /// From which level on a finding makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, value_name = "LEVEL")]
    fail_on: FailOn,

    /// The path of the config that comes from standard input
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,

    /// Report only on models that were touched since this Git revision, and on ensembles that use them
    #[arg(long, value_name = "REVISION")]
    since: Option<String>,

    /// Write comments that silence what is found, with this reason
    #[arg(long, value_name = "REASON", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = reason)]
    pub(super) add_ignore: Option<String>,

    #[command(flatten)]
    baseline: baseline::Options,

    #[command(flatten)]
    settings: settings::Options,

    #[command(flatten)]
    how: super::probe::How,
}

impl Arguments {
    /// Whether fixes are to be applied.
    pub(super) fn fixes(&self) -> bool {
        self.fix || self.fix_only
    }

    /// Whether a config comes from standard input.
    fn reads_stdin(&self) -> bool {
        self.paths.iter().any(|path| path.as_os_str() == "-")
    }

    /// Whether files are to be written.
    fn changes_files(&self) -> bool {
        self.fixes() || self.add_ignore.is_some()
    }

    /// Where reports go, unless the options contradict each other.
    fn destinations(&self) -> Result<Destinations<'_>, String> {
        let reads_stdin = self.reads_stdin();
        if reads_stdin && self.paths.len() > 1 {
            return Err("`-` stands alone: a config from standard input is checked by itself".into());
        }
        if !reads_stdin && self.stdin_filename.is_some() {
            return Err("--stdin-filename goes with `-`, which reads a config from standard input".into());
        }
        if !self.probe && self.how != super::probe::How::default() {
            return Err("the options of the probe go with --probe".into());
        }
        let destinations = Destinations::new(&self.output_format)?;
        if self.statistics && !destinations.log_takes_statistics() {
            return Err("--statistics goes with the formats full, concise and json".into());
        }
        Ok(destinations)
    }

    /// Drops the fixes of rules that nobody named, if any were, and of files where there is but a text.
    pub(super) fn keep_fixable(&self, report: &mut Report) {
        for found in &mut report.diagnostics {
            let is_named = self.fixable.is_empty() || self.fixable.contains(&found.rule.name);
            let reads_stdin = self.reads_stdin();
            found.fix = found.fix.take().filter(|fix| is_named && !(reads_stdin && fix.file_change().is_some()));
        }
    }
}

/// The name of a rule that proposes fixes.
fn rule_name(name: &str) -> Result<&'static str, String> {
    match crate::rules::find(name) {
        Some(rule) if rule.fix.is_some() => Ok(rule.name),
        Some(_) => Err("the rule proposes no fixes".into()),
        None => Err("there is no such rule".into()),
    }
}

/// A reason ends where its line does.
fn reason(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.contains(char::is_control) { Err("a reason is one line of text") } else { Ok(text.to_owned()) }
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Never,
}

impl FailOn {
    fn fails(self, report: &Report) -> bool {
        let least = match self {
            Self::Error => Level::Error,
            Self::Warning => Level::Warning,
            Self::Never => return false,
        };
        report.diagnostics.iter().any(|found| found.level >= least)
    }
}

/// Why nothing was checked, or not all of it.
enum Stop {
    /// People have been told.
    Told,
    Reason(String),
    Io(io::Error),
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::Reason(reason)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> io::Result<Status> {
    match check(arguments, output) {
        Ok(status) => Ok(status),
        Err(Stop::Io(error)) => Err(error),
        Err(Stop::Reason(reason)) => {
            output.complain(&reason);
            Ok(Status::Failure)
        }
        Err(Stop::Told) => Ok(Status::Failure),
    }
}

fn check(arguments: &Arguments, output: &Output) -> Result<Status, Stop> {
    let destinations = arguments.destinations()?;
    let here = std::env::current_dir().unwrap_or_default();
    let mut discovery = arguments.settings.discovery();
    let (workspace, mut problems) = load(arguments, &mut discovery, &here)?;
    let settings = discovery.in_force(&workspace);
    if settings::complain(&discovery, output) {
        return Err(Stop::Told);
    }
    let probed = if arguments.probe {
        let own = own_settings(&mut discovery, &workspace, arguments.settings.names_a_file())?;
        probed(&arguments.how, &own, &workspace, &settings, &mut problems)
    } else {
        Probed::default()
    };
    let lint = |workspace: &Workspace| probed.apply(workspace, &settings, lint(workspace, &settings));
    let mut result = Checked::new(arguments, workspace, &lint);
    if arguments.changes_files() && !arguments.diff && !arguments.reads_stdin() {
        problems.append(&mut result.write(&lint));
    }
    problems.extend(result.refused());
    let Outcome { workspace, report, .. } = &mut result.outcome;
    let set = |root: &Path| discovery.resolve(root, None).settings.baseline.clone();
    arguments.baseline.apply(set, workspace, report, output)?;
    let Outcome { workspace, report, applied, .. } = &result.outcome;
    let root = root_of(&here);
    let run = Run { workspace, report, applied, problems: &problems, here: &here, root, probed: &probed };
    let has_failed = destinations.write_files(&run, output);
    print(arguments, &destinations, &run, &result, output)?;
    for problem in &problems {
        output.complain(&problem.to_string());
    }
    if has_failed || problems.iter().any(|problem| problem.is_failure) {
        return Ok(Status::Failure);
    }
    let fails = match arguments {
        Arguments { diff: true, .. } => result.has_changed(),
        Arguments { fix_only: true, .. } => false,
        _ => arguments.fail_on.fails(&result.outcome.report),
    };
    // The process ends here, and taking a large repository apart would be for nothing.
    std::mem::forget(result);
    Ok(if fails { Status::Findings } else { Status::Clean })
}

/// Loads what was asked for, and decides what of it is reported on.
fn load(arguments: &Arguments, discovery: &mut Discovery, here: &Path) -> Result<(Workspace, Vec<Problem>), Stop> {
    let (mut workspace, problems) =
        load_but(&targets(arguments)?, &mut |path, is_named| discovery.excludes(path, is_named));
    if let Some(revision) = &arguments.since {
        let mut files = touched(revision, &workspace, here)?;
        let governed = governed_by(&files, &workspace, discovery, here);
        let linked = linked_to(&files, &workspace, here);
        files.extend(governed.into_iter().chain(linked));
        report_touched(&mut workspace, &files, |path| without_links(&here.join(path)));
    }
    Ok((workspace, problems))
}

/// Prints what goes to standard output, and beside it what people are told of a run.
fn print(
    arguments: &Arguments,
    destinations: &Destinations<'_>,
    run: &Run<'_>,
    result: &Checked,
    output: &Output,
) -> io::Result<()> {
    if let Some(before) = result.before.as_ref().filter(|_| arguments.diff) {
        return output.print_patch(&diff(before, &result.outcome));
    }
    if let Some(silenced) = &result.silenced {
        output.complain(&silenced.to_string());
    }
    let text = if arguments.fix_only && destinations.log_is_for_people() {
        render_fixed(run)
    } else if arguments.statistics {
        destinations.statistics(run)
    } else {
        destinations.log(run, output)
    };
    if arguments.changes_files() && arguments.reads_stdin() {
        // Standard output is for the fixed text, as it is for any filter.
        output.print_beside(&text);
        output.print(&result.bytes_from_stdin())
    } else {
        output.print(text.as_bytes())
    }
}

fn targets(arguments: &Arguments) -> io::Result<Vec<Target>> {
    let mut targets = Vec::new();
    for path in &arguments.paths {
        targets.push(if path.as_os_str() == "-" {
            let bytes = read_incoming(io::stdin().lock())
                .map_err(|error| io::Error::new(error.kind(), format!("standard input: {}", message(&error))))?;
            Target::Text { path: arguments.stdin_filename.clone(), bytes }
        } else {
            Target::Path(path.clone())
        });
    }
    Ok(targets)
}
