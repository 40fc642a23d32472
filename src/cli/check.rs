//! `tritonlint check`.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::report::{Destination, Destinations, root_of};
use super::since::touched;
use super::{Output, Status, baseline, settings};
use crate::diagnostic::Place;
use crate::engine::{Report, lint};
use crate::fix::{Applied, fix, write};
use crate::model::load::{Problem, Target, load_but};
use crate::model::{FileId, Workspace, report_touched};
use crate::output::{Run, diff};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::settings::Governs;
use crate::suppression::with_ignores;
use crate::syntax::Tree;

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

    /// Report only on models that were touched since this Git revision, and on ensembles that use them
    #[arg(long, value_name = "REVISION")]
    since: Option<String>,

    /// Write comments that silence what is found, with this reason
    #[arg(long, value_name = "REASON", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = reason)]
    add_ignore: Option<String>,

    #[command(flatten)]
    baseline: baseline::Options,

    #[command(flatten)]
    settings: settings::Options,
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
    let (mut workspace, mut problems) =
        load_but(&targets(arguments)?, &mut |path, is_named| discovery.excludes(path, is_named));
    let here = std::env::current_dir().unwrap_or_default();
    if let Some(revision) = &arguments.since {
        match touched(revision, &here) {
            Ok(files) => report_touched(&mut workspace, &files, |path| here.join(path)),
            Err(reason) => {
                output.complain(&reason);
                return Ok(Status::Failure);
            }
        }
    }
    let settings = discovery.in_force(&workspace);
    if settings::complain(&discovery, output) {
        return Ok(Status::Failure);
    }
    let mut result = Checked::new(arguments, workspace, &settings);
    let changes_files = arguments.fix || arguments.add_ignore.is_some();
    if changes_files && !arguments.diff && !reads_stdin {
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
    let root = result.after.repositories.first().map(|repository| repository.root.clone());
    let set = root.and_then(|root| discovery.resolve(&root, None).settings.baseline.clone());
    if let Err(reason) = arguments.baseline.apply(set.as_deref(), &result.after, &mut result.report, output) {
        output.complain(&reason);
        return Ok(Status::Failure);
    }
    let (workspace, report, applied) = (&result.after, &result.report, &result.applied);
    let run = Run { workspace, report, applied, problems: &problems, here: &here, root: root_of(&here) };
    let has_failed = destinations.write_files(&run, output);
    if arguments.diff {
        output.print_untrusted(&diff(&result.before, &result.after))?;
    } else {
        let text = destinations.log(&run, output);
        if changes_files && reads_stdin {
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
    let would_change = arguments.diff && result.has_changed();
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
        let mut checked = Self::fixed(arguments, workspace, settings);
        if let Some(reason) = &arguments.add_ignore {
            checked.ignore(reason);
            checked.report = lint(&checked.after, settings);
        }
        checked
    }

    fn fixed(arguments: &Arguments, workspace: Workspace, settings: &dyn Governs) -> Self {
        let only_ignores = arguments.add_ignore.is_some() && !arguments.fix;
        if only_ignores || (!arguments.fix && !arguments.diff) {
            let report = lint(&workspace, settings);
            let (applied, reverted) = (Vec::new(), Vec::new());
            return Self { before: workspace.clone(), after: workspace, report, applied, reverted };
        }
        let least = if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
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

    /// Silences what is left by comments. What is said of such comments is for people.
    fn ignore(&mut self, reason: &str) {
        let mut files: BTreeMap<FileId, Vec<(u32, &Rule)>> = BTreeMap::new();
        for found in self.report.diagnostics.iter().filter(|found| found.rule.category != Category::Suppression) {
            if let Place::Text { file, span } = &found.place {
                files.entry(*file).or_default().push((span.start, found.rule));
            }
        }
        for (file, findings) in files {
            let tree = Tree::parse(self.after.file(file).bytes.to_vec());
            self.after.replace(file, with_ignores(&tree, findings, reason));
        }
    }

    fn has_changed(&self) -> bool {
        self.before.files().zip(self.after.files()).any(|((_, before), (_, after))| before.bytes != after.bytes)
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
