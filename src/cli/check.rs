//! `tritonlint check`.

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::report::{Destination, Destinations, root_of};
use super::{Output, Status, settings};
use crate::engine::{Report, lint};
use crate::fix::{Applied, fix, write};
use crate::model::load::{Problem, Target, load_but};
use crate::model::{FileId, Workspace};
use crate::output::{Run, diff};
use crate::rule::{Applicability, Level};
use crate::settings::Governs;

#[derive(Args)]
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

    /// How to write the report: full (with the lines of the file), concise (one line a finding), json,
    /// json-lines, sarif, github, gitlab, junit, checkstyle, rdjson or azure. With =FILE it is written to
    /// that file and not to standard output; may be given several times
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = str::parse::<Destination>)]
    output_format: Vec<Destination>,

    /// From which level on a finding makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, value_name = "LEVEL")]
    fail_on: FailOn,

    /// The path of the config that comes from standard input
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,

    #[command(flatten)]
    settings: settings::Options,
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
    let destinations = match Destinations::new(&arguments.output_format) {
        Ok(destinations) => destinations,
        Err(reason) => {
            output.complain(reason);
            return Ok(Status::Failure);
        }
    };
    let mut discovery = arguments.settings.discovery();
    let (workspace, mut problems) =
        load_but(&targets(arguments)?, &mut |path, is_named| discovery.excludes(path, is_named));
    let settings = discovery.in_force(&workspace);
    if settings::complain(&discovery, output) {
        return Ok(Status::Failure);
    }
    let mut result = Checked::new(arguments, workspace, &settings);
    if arguments.fix && !arguments.diff && !reads_stdin {
        for (file, problem) in write(&result.before, &result.after) {
            result.take_back(file);
            problems.push(problem);
        }
        if !problems.is_empty() {
            // What could not be written is as wrong as it was.
            result.report = lint(&result.after, &settings);
        }
    }
    problems.append(&mut result.reverted);
    let here = std::env::current_dir().unwrap_or_default();
    let (workspace, report, applied) = (&result.after, &result.report, &result.applied);
    let run = Run { workspace, report, applied, problems: &problems, here: &here, root: root_of(&here) };
    let has_failed = destinations.write_files(&run, output);
    if arguments.diff {
        output.print_untrusted(&diff(&result.before, &result.after))?;
    } else {
        let text = destinations.log(&run, output);
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
        () if has_failed || problems.iter().any(|problem| problem.is_failure) => Status::Failure,
        () if would_change || (!arguments.diff && arguments.fail_on.fails(&result.report)) => Status::Findings,
        () => Status::Clean,
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

/// A workspace before and after what was asked for.
struct Checked {
    before: Workspace,
    after: Workspace,
    report: Report,
    applied: Vec<Applied>,
    reverted: Vec<Problem>,
}

impl Checked {
    fn new(arguments: &Arguments, workspace: Workspace, settings: &dyn Governs) -> Self {
        let least = if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
        if !arguments.fix && !arguments.diff {
            let report = lint(&workspace, settings);
            let (applied, reverted) = (Vec::new(), Vec::new());
            return Self { before: workspace.clone(), after: workspace, report, applied, reverted };
        }
        let outcome = fix(workspace.clone(), least, |workspace| lint(workspace, settings));
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
