//! The command line: arguments in, text and an exit status out.

mod baseline;
mod check;
mod checked;
mod explain;
mod levels;
mod pages;
mod probe;
mod report;
mod rules;
mod settings;
mod since;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::output::{Graphics, coloured, terminal_page, visible};

/// Columns where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 100;

/// Lines longer than this are hard to read, whatever the terminal.
const LARGEST_WIDTH: usize = 120;

/// What `--version` tells: the release is that of the client that `tests/descriptor` compares with.
fn long_version() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let own = concat!(env!("CARGO_PKG_VERSION"), "\nTriton: model configurations as of release 26.09 (2.73.0)");
        format!("{own}\nprobe: {}", probe::availability())
    });
    &TEXT
}

/// Linter and fixer for NVIDIA Triton Inference Server model repositories
#[derive(Parser)]
#[command(name = "tritonlint", version, long_version = long_version(), max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

#[derive(Subcommand)]
enum Command {
    /// Check model repositories, and fix what can be fixed
    Check(Box<check::Arguments>),
    /// Run TorchScript models as the server would, and tell whether optimized execution makes them fail
    ///
    /// A model file is code: probe only models that you trust. Each runs in processes of its own, with
    /// limits to time and memory, and where the system offers that without write access to files and
    /// without network.
    Probe(probe::Arguments),
    /// Tell what a rule finds, why it matters and what to do; or which rule finds what the server says
    Explain(explain::Arguments),
    /// List all rules
    Rules(rules::Arguments),
    /// Write the pages of the documentation site
    #[command(hide = true)]
    Pages(pages::Arguments),
    /// Print a script that completes the command line in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
    /// Print which settings are in force for a model, and who said so
    Settings(settings::Arguments),
}

/// When to use colours.
#[derive(Clone, Copy, ValueEnum)]
enum Color {
    /// If the output is a terminal and `NO_COLOR` is not set
    Auto,
    Always,
    Never,
}

/// How a command ended, as the exit status tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// 0: nothing to report.
    Clean,
    /// 1: findings at or above the level that was asked for.
    Findings,
    /// 2: the work could not be done, or not all of it.
    Failure,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Clean => 0,
            Status::Findings => 1,
            Status::Failure => 2,
        })
    }
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => return tell(&told),
    };
    let output = Output::new(arguments.color);
    let result = match &arguments.command {
        Command::Check(arguments) => check::run(arguments, &output),
        Command::Probe(arguments) => probe::run(arguments, &output),
        Command::Explain(arguments) => explain::run(arguments, &output),
        Command::Pages(arguments) => pages::run(arguments, &output),
        Command::Rules(arguments) => rules::run(arguments, &output),
        Command::Completions { shell } => completions(*shell, &output),
        Command::Man => man(&output),
        Command::Settings(arguments) => settings::run(arguments, &output),
    };
    let status = match result {
        Ok(status) => status,
        Err(error) => {
            output.complain(&error.to_string());
            Status::Failure
        }
    };
    status.into()
}

/// Prints what is wrong with the arguments, or the help or version that they ask for.
fn tell(told: &clap::Error) -> ExitCode {
    match told.print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Status::Failure.into(),
        _ if told.use_stderr() => Status::Failure.into(),
        _ => Status::Clean.into(),
    }
}

fn completions(shell: clap_complete::Shell, output: &Output) -> io::Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "tritonlint", &mut script);
    output.print(&script)?;
    Ok(Status::Clean)
}

/// The man page, with a section for each command.
fn man(output: &Output) -> io::Result<Status> {
    let mut page = Vec::new();
    let mut command = Arguments::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for command in command.get_subcommands().filter(|command| command.get_name() != "help" && !command.is_hide_set()) {
        let name = command.get_display_name().unwrap_or_default().replace('-', " ");
        let man = clap_mangen::Man::new(command.clone());
        page.extend(format!(".SH {}\n", name.to_uppercase()).bytes());
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    output.print(&page)?;
    Ok(Status::Clean)
}

/// Where commands write to.
struct Output {
    color: bool,
}

impl Output {
    fn new(color: Color) -> Self {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
        };
        Self { color }
    }

    /// Writes the result.
    #[expect(clippy::unused_self, reason = "a command writes through the output that it is given")]
    fn print(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            // The reader of a pipe had enough; what was found stays found.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Writes a page of the documentation: rendered on a terminal and in colours, as Markdown to a program.
    fn print_page(&self, page: &str) -> io::Result<()> {
        if self.color || io::stdout().is_terminal() {
            return self.print(terminal_page(page, self.color, width()).as_bytes());
        }
        self.print(page.as_bytes())
    }

    /// Writes a patch: byte for byte to a file or a program; visibly, and in colours, to a person.
    fn print_patch(&self, patch: &[u8]) -> io::Result<()> {
        if self.color {
            return self.print(coloured(&visible(&String::from_utf8_lossy(patch))).as_bytes());
        }
        if io::stdout().is_terminal() {
            return self.print(visible(&String::from_utf8_lossy(patch)).as_bytes());
        }
        self.print(patch)
    }

    /// Says what went wrong, beside the result.
    fn complain(&self, text: &str) {
        self.print_beside(&format!("tritonlint: {}\n", visible(text)));
    }

    /// Writes what is not the result.
    #[expect(clippy::unused_self, reason = "a command writes through the output that it is given")]
    fn print_beside(&self, text: &str) {
        // If standard error is closed, there is nobody to tell.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// miette's conventions: `NO_GRAPHICS` asks for sentences.
    fn graphics(&self) -> Graphics {
        if std::env::var("NO_GRAPHICS").is_ok_and(|value| value != "0") {
            return Graphics::Narrated;
        }
        Graphics::Drawn { color: self.color, width: width() }
    }
}

/// How many columns a line may have.
fn width() -> usize {
    let columns = terminal_size::terminal_size().filter(|_| io::stdout().is_terminal());
    columns.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0).min(LARGEST_WIDTH))
}
