//! `tritonlint check`.

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Output, Status};
use crate::engine::{Report, lint};
use crate::fix::{Outcome, fix, write};
use crate::model::Workspace;
use crate::model::load::{Problem, Target, load};
use crate::output::{Format, Run, diff, render, render_fixed};
use crate::rule::{Applicability, Level};
use crate::settings::Settings;

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
    unsafe_fixes: bool,

    /// Apply fixes, do not list what is left, and do not fail for it
    #[arg(long)]
    fix_only: bool,

    /// Fix only what these rules find
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_name)]
    fixable: Vec<&'static str>,

    /// Show what the fixes would change, as a patch for `git apply` or `patch -p1`, and write nothing
    #[arg(long)]
    diff: bool,

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
}

impl Arguments {
    /// Whether fixes are to be applied.
    fn fixes(&self) -> bool {
        self.fix || self.fix_only
    }

    /// Whether a config comes from standard input.
    fn reads_stdin(&self) -> bool {
        self.paths.iter().any(|path| path.as_os_str() == "-")
    }

    /// Drops the fixes of rules that nobody named, if any were, and of files where there is but a text.
    fn keep_fixable(&self, report: &mut Report) {
        for found in &mut report.diagnostics {
            let is_named = self.fixable.is_empty() || self.fixable.contains(&found.rule.name);
            let reads_stdin = self.reads_stdin();
            found.fix = found.fix.take().filter(|fix| is_named && !(reads_stdin && fix.file_change.is_some()));
        }
    }
}

/// The name of a rule that proposes fixes.
fn rule_name(name: &str) -> Result<&'static str, String> {
    match crate::rules::all().into_iter().find(|rule| rule.name == name) {
        Some(rule) if rule.fix.is_some() => Ok(rule.name),
        Some(_) => Err("the rule proposes no fixes".into()),
        None => Err("there is no such rule".into()),
    }
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
    let reads_stdin = arguments.reads_stdin();
    if reads_stdin && arguments.paths.len() > 1 {
        output.complain("`-` stands alone: a config from standard input is checked by itself");
        return Ok(Status::Failure);
    }
    if !reads_stdin && arguments.stdin_filename.is_some() {
        output.complain("--stdin-filename goes with `-`, which reads a config from standard input");
        return Ok(Status::Failure);
    }
    let Some(settings) = settings(arguments, output) else { return Ok(Status::Failure) };
    let (workspace, mut problems) = load(&targets(arguments)?);
    let mut result = Checked::new(arguments, workspace, &settings);
    if arguments.fixes() && !arguments.diff && !reads_stdin {
        let mut unwritten = write(&result.before, &mut result.outcome);
        if !unwritten.is_empty() {
            // What could not be written is as wrong as it was.
            result.outcome.report = lint(&result.outcome.workspace, &settings);
        }
        problems.append(&mut unwritten);
    }
    problems.extend(result.refused());
    if arguments.diff {
        output.print_patch(&diff(&result.before, &result.outcome))?;
    } else {
        let Outcome { workspace, report, applied, .. } = &result.outcome;
        let run = Run { workspace, report, applied, problems: &problems };
        let text = match format(arguments, output) {
            Format::Full(_) | Format::Concise if arguments.fix_only => render_fixed(&run),
            format => render(&run, format),
        };
        if arguments.fixes() && reads_stdin {
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
    let would_change = arguments.diff && !result.outcome.applied.is_empty();
    let fails = !arguments.diff && !arguments.fix_only && arguments.fail_on.fails(&result.outcome.report);
    Ok(match () {
        () if problems.iter().any(|problem| problem.is_failure) => Status::Failure,
        () if would_change || fails => Status::Findings,
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
    outcome: Outcome,
}

impl Checked {
    fn new(arguments: &Arguments, workspace: Workspace, settings: &Settings) -> Self {
        let least = if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
        let before = workspace.clone();
        let outcome = if arguments.fixes() || arguments.diff {
            fix(workspace, least, |workspace| {
                let mut report = lint(workspace, settings);
                arguments.keep_fixable(&mut report);
                report
            })
        } else {
            let report = lint(&workspace, settings);
            Outcome { workspace, applied: Vec::new(), refused: Vec::new(), report }
        };
        Self { before, outcome }
    }

    /// What is to be told of fixes that were taken back.
    fn refused(&self) -> Vec<Problem> {
        let told = self.outcome.refused.iter().map(|refused| {
            let is_failure = refused.is_defect();
            let fault = if is_failure { "; this is a fault of tritonlint, please report it" } else { "" };
            Problem {
                path: refused.path.clone(),
                reason: format!("not fixed ({}: {}): {}{fault}", refused.rule, refused.title, refused.reason),
                is_failure,
            }
        });
        told.collect()
    }

    /// The fixed text of the config that came from standard input, which is the only one reported on.
    fn bytes_from_stdin(&self) -> Vec<u8> {
        let mut reported = self.outcome.workspace.files().filter(|(_, file)| file.is_reported);
        reported.next().map(|(_, file)| file.bytes.to_vec()).unwrap_or_default()
    }
}
