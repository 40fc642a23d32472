//! Where reports go: which formats, to which files.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use atomic_write_file::AtomicWriteFile;
use clap::ValueEnum;

use super::Output;
use crate::model::load::message;
use crate::output::{Format, Graphics, Run, render, render_statistics};
use crate::schema::nearest;

/// How people's format is written to a file.
const PLAIN: Graphics = Graphics::Drawn { color: false, width: 100 };

/// A format, and the file that it is written to instead of standard output.
#[derive(Clone)]
pub(super) struct Destination {
    format: Format,
    file: Option<PathBuf>,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let Ok(format) = <Format as ValueEnum>::from_str(name, false) else {
            let names: Vec<_> = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
            let names: Vec<_> = names.iter().map(clap::builder::PossibleValue::get_name).collect();
            let meant = nearest(name, names.iter().copied()).map(|name| format!("; did you mean `{name}`?"));
            return Err(meant.unwrap_or_else(|| format!("; there are {}", names.join(", "))).split_off(2));
        };
        match file {
            Some("") => Err("a file is missing behind the `=`".into()),
            file => Ok(Self { format, file: file.map(PathBuf::from) }),
        }
    }
}

/// Where reports go.
pub(super) struct Destinations<'d> {
    files: Vec<(Format, &'d Path)>,
    /// What goes to standard output.
    log: Format,
    /// Whether annotations of GitHub Actions follow it.
    annotates: bool,
}

impl<'d> Destinations<'d> {
    /// Sorts out what was asked for. Standard output takes one format, by default the full one.
    pub(super) fn new(asked: &'d [Destination]) -> Result<Self, &'static str> {
        let mut logs = asked.iter().filter(|asked| asked.file.is_none()).map(|asked| asked.format);
        let log = logs.next().unwrap_or(Format::Full);
        if logs.next().is_some() {
            return Err("standard output takes one format: give the others a file, as in `--output-format sarif=FILE`");
        }
        let files: Vec<_> = asked.iter().filter_map(|asked| Some((asked.format, asked.file.as_deref()?))).collect();
        if files.iter().enumerate().any(|(at, (_, file))| files[..at].iter().any(|(_, other)| other == file)) {
            return Err("two reports cannot go to one file: give each a file of its own");
        }
        let in_actions = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
        let annotates = in_actions && matches!(log, Format::Full | Format::Concise);
        Ok(Self { files, log, annotates })
    }

    /// Whether standard output is for people.
    pub(super) fn log_is_for_people(&self) -> bool {
        matches!(self.log, Format::Full | Format::Concise)
    }

    /// Whether standard output can be given numbers in place of findings.
    pub(super) fn log_takes_statistics(&self) -> bool {
        self.log_is_for_people() || self.log == Format::Json
    }

    /// What goes to standard output in place of the findings: how often each rule found something.
    pub(super) fn statistics(&self, run: &Run<'_>) -> String {
        render_statistics(run, self.log)
    }

    /// What goes to standard output.
    pub(super) fn log(&self, run: &Run<'_>, output: &Output) -> String {
        let mut text = render(run, self.log, output.graphics());
        if self.annotates {
            text.push_str(&render(run, Format::Github, output.graphics()));
        }
        text
    }

    /// Writes the other reports. Each that cannot be written is told; whether there was one.
    pub(super) fn write_files(&self, run: &Run<'_>, output: &Output) -> bool {
        let mut has_failed = false;
        for (format, path) in &self.files {
            if let Err(error) = write(path, render(run, *format, PLAIN).as_bytes()) {
                output.complain(&format!("{}: not written: {}", path.display(), message(&error)));
                has_failed = true;
            }
        }
        has_failed
    }
}

/// Writes a file, all of it or nothing. A link stays one; a pipe or device takes the bytes as they come.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Ok(_) => fs::canonicalize(path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let mut file = AtomicWriteFile::open(target)?;
    file.write_all(bytes)?;
    file.commit()
}

/// The root of the checkout that a folder is in; outside of one, the folder.
pub(super) fn root_of(here: &Path) -> &Path {
    here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(here)
}
