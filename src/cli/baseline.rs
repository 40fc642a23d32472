//! The options about a baseline.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Output;
use super::report::write;
use crate::baseline::{Baseline, Places};
use crate::engine::Report;
use crate::model::load::{message, read_regular};
use crate::model::{Repository, Workspace};

/// The name of a baseline where none is given.
const DEFAULT: &str = "tritonlint-baseline.json";

/// No baseline has so many bytes, which is room for half a million models.
const LARGEST: u64 = 64 << 20;

/// How people get a baseline.
const ANEW: &str = "--update-baseline writes one";

#[derive(Args)]
#[group(skip)]
pub(super) struct Options {
    /// Do not report what this file says that was found before
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    baseline: Option<PathBuf>,

    /// Write what is found to the baseline, and do not report it
    #[arg(long, conflicts_with = "diff", help_heading = "Baseline")]
    update_baseline: bool,
}

impl Options {
    /// Takes what is known out of the report, and brings the baselines up to date if that is asked for.
    /// `set` is the file that the settings of a repository name.
    pub(super) fn apply(
        &self,
        mut set: impl FnMut(&Path) -> Option<PathBuf>,
        workspace: &Workspace,
        report: &mut Report,
        output: &Output,
    ) -> Result<(), String> {
        let mut by_file: BTreeMap<PathBuf, Vec<&Repository>> = BTreeMap::new();
        for repository in &workspace.repositories {
            let default = || self.update_baseline.then(|| PathBuf::from(DEFAULT));
            let file = self.baseline.clone().or_else(|| set(&repository.root)).or_else(default);
            if let Some(file) = file {
                by_file.entry(file).or_default().push(repository);
            }
        }
        let mut gone = 0;
        for (file, repositories) in by_file {
            let found = self.apply_one(&file, repositories, workspace, report);
            gone += found.map_err(|reason| format!("{}: {reason}", file.display()))?;
        }
        if gone > 0 {
            let findings = if gone == 1 { "1 finding".into() } else { format!("{gone} findings") };
            output.complain(&format!("{findings} of the baseline are gone; --update-baseline forgets them"));
        }
        Ok(())
    }

    /// Applies one baseline to some repositories. Returns how many findings may go from it.
    fn apply_one(
        &self,
        path: &Path,
        repositories: Vec<&Repository>,
        workspace: &Workspace,
        report: &mut Report,
    ) -> Result<usize, String> {
        let mut baseline = match read_regular(path, LARGEST, "a baseline") {
            Ok(bytes) => Baseline::from_json(&bytes)
                .map_err(|reason| format!("this is no baseline: {reason}; {ANEW} where there is no file"))?,
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(message(&error)),
            Err(_) if self.update_baseline => Baseline::default(),
            Err(_) => return Err(format!("there is no such baseline; {ANEW}")),
        };
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = absolute(path).parent().map(Path::to_owned).unwrap_or_default();
        let places = Places::new(workspace, repositories, |model| {
            let model = absolute(model);
            let parts = model.strip_prefix(&folder).unwrap_or(&model).components();
            parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
        });
        if self.update_baseline {
            baseline.record(report, &places, |model| folder.join(model).exists());
            let written = write(path, baseline.to_json().as_bytes());
            written.map_err(|error| format!("not written: {}", message(&error)))?;
        }
        Ok(baseline.hide_known(report, &places))
    }
}
