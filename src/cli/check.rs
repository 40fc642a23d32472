//! `tritonlint check`.

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Output, Status};
use crate::engine::{Report, lint};
use crate::fix::{Applied, fix, write};
use crate::model::load::{Problem, Target, load};
use crate::model::{FileId, Workspace};
use crate::output::{Format, Run, diff, render};
use crate::probe::{Helper, Probed};
use crate::rule::{Applicability, Level};
use crate::settings::Settings;

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Arguments {
    /// Model repositories, model folders, configs, or folders above them; `-` reads a config from standard input
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,

    /// Apply fixes
    #[arg(long)]
    fix: bool,

    /// Apply also those fixes that may change what the server does with a model
    #[arg(long)]
    unsafe_fixes: bool,

    /// Show what the fixes would change and write nothing
    #[arg(long)]
    diff: bool,

    /// Run TorchScript models with variable dims, to prove or disprove the warnings about them. A model file is
    /// code: use it only with models that you trust
    #[arg(long)]
    probe: bool,

    /// How to write the report
    #[arg(long, value_enum, default_value_t = OutputFormat::Full, value_name = "FORMAT")]
    output_format: OutputFormat,

    /// From which level on a finding makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, value_name = "LEVEL")]
    fail_on: FailOn,

    /// Read settings from this file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The path of the config that comes from standard input
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,

    #[command(flatten)]
    how: super::probe::How,
}

#[derive(Clone, Copy, ValueEnum)]
enum OutputFormat {
    /// With the lines of the file
    Full,
    /// One line a finding
    Concise,
    /// One JSON object
    Json,
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

pub(super) fn run(arguments: &Arguments, output: &Output) -> io::Result<Status> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    let reads_stdin = arguments.paths.iter().any(is_stdin);
    if reads_stdin && arguments.paths.len() > 1 {
        output.complain("`-` stands alone: a config from standard input is checked by itself");
        return Ok(Status::Failure);
    }
    if !reads_stdin && arguments.stdin_filename.is_some() {
        output.complain("--stdin-filename goes with `-`, which reads a config from standard input");
        return Ok(Status::Failure);
    }
    if !arguments.probe && arguments.how != super::probe::How::default() {
        output.complain("the options of the probe go with --probe");
        return Ok(Status::Failure);
    }
    let Some(settings) = settings(arguments, output) else { return Ok(Status::Failure) };
    let (workspace, mut problems) = load(&targets(arguments)?);
    let probed = probed(arguments, &workspace, &settings, &mut problems);
    if arguments.probe {
        let outcomes: Vec<_> = probed.outcomes().cloned().collect();
        problems.extend(arguments.how.write_report(&outcomes).err());
    }
    let lint = |workspace: &Workspace| probed.apply(workspace, &settings, lint(workspace, &settings));
    let mut result = Checked::new(arguments, workspace, lint);
    if arguments.fix && !arguments.diff && !reads_stdin {
        for (file, problem) in write(&result.before, &result.after) {
            result.take_back(file);
            problems.push(problem);
        }
        if !problems.is_empty() {
            // What could not be written is as wrong as it was.
            result.report = lint(&result.after);
        }
    }
    problems.append(&mut result.reverted);
    if arguments.diff {
        output.print_untrusted(&diff(&result.before, &result.after))?;
    } else {
        let (workspace, report, applied) = (&result.after, &result.report, &result.applied);
        let text = render(
            &Run { workspace, report, applied, problems: &problems, probed: &probed },
            format(arguments, output),
        );
        if arguments.fix && reads_stdin {
            // Standard output is for the fixed text, as it is for any filter.
            output.print_beside(&text);
            output.print(&result.bytes_from_stdin())?;
        } else {
            output.print(text.as_bytes())?;
        }
    }
    for problem in &problems {
        output.complain(&problem.to_string());
    }
    let would_change = arguments.diff && !result.applied.is_empty();
    Ok(match () {
        () if problems.iter().any(|problem| problem.is_failure) => Status::Failure,
        () if would_change || (!arguments.diff && arguments.fail_on.fails(&result.report)) => Status::Findings,
        () => Status::Clean,
    })
}

/// The settings in force; none if their file cannot be read, which was told.
fn settings(arguments: &Arguments, output: &Output) -> Option<Settings> {
    let Some(path) = &arguments.config else { return Some(Settings::default()) };
    let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let settings = read.and_then(|text| Settings::from_toml(&text).map_err(|error| error.to_string()));
    settings.map_err(|reason| output.complain(&format!("{}: {reason}", path.display()))).ok()
}

/// What the probe found, if it was asked for.
fn probed(arguments: &Arguments, workspace: &Workspace, settings: &Settings, problems: &mut Vec<Problem>) -> Probed {
    if !arguments.probe {
        return Probed::default();
    }
    let (progress, effort) = (super::probe::progress(), arguments.how.effort());
    let report = lint(workspace, settings);
    let found = Helper::find(&arguments.how.surroundings()).and_then(|helper| {
        Probed::new(workspace, settings, &report, &helper, &effort, &*progress, &arguments.how.shapes)
    });
    found.unwrap_or_else(|unavailable| {
        let reason = unavailable.to_string();
        problems.push(Problem { path: "--probe".into(), reason, is_failure: true });
        Probed::default()
    })
}

fn targets(arguments: &Arguments) -> io::Result<Vec<Target>> {
    let mut targets = Vec::new();
    for path in &arguments.paths {
        targets.push(if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            Target::Text { path: arguments.stdin_filename.clone(), bytes }
        } else {
            Target::Path(path.clone())
        });
    }
    Ok(targets)
}

fn format(arguments: &Arguments, output: &Output) -> Format {
    match arguments.output_format {
        OutputFormat::Full => Format::Full(output.graphics()),
        OutputFormat::Concise => Format::Concise,
        OutputFormat::Json => Format::Json,
    }
}

/// A workspace before and after what was asked for.
struct Checked {
    before: Workspace,
    after: Workspace,
    report: Report,
    applied: Vec<Applied>,
    reverted: Vec<Problem>,
}

impl Checked {
    fn new(arguments: &Arguments, workspace: Workspace, lint: impl Fn(&Workspace) -> Report) -> Self {
        let least = if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
        if !arguments.fix && !arguments.diff {
            let report = lint(&workspace);
            let (applied, reverted) = (Vec::new(), Vec::new());
            return Self { before: workspace.clone(), after: workspace, report, applied, reverted };
        }
        let outcome = fix(workspace.clone(), least, lint);
        let reverted = outcome.reverted.iter().map(|file| Problem {
            path: workspace.file(*file).path.to_path_buf(),
            reason: "a fix broke the text and was taken back; this is a fault of tritonlint, please report it".into(),
            is_failure: true,
        });
        Self {
            reverted: reverted.collect(),
            before: workspace,
            after: outcome.workspace,
            report: outcome.report,
            applied: outcome.applied,
        }
    }

    /// Undoes what was fixed in a file.
    fn take_back(&mut self, file: FileId) {
        self.after.replace(file, self.before.file(file).bytes.to_vec());
        self.applied.retain(|applied| applied.file != file);
    }

    /// The fixed text of the config that came from standard input, which is the only one reported on.
    fn bytes_from_stdin(&self) -> Vec<u8> {
        let mut reported = self.after.files().filter(|(_, file)| file.is_reported);
        reported.next().map(|(_, file)| file.bytes.to_vec()).unwrap_or_default()
    }
}
