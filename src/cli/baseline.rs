//! The options about a baseline.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Output;
use super::report::write;
use crate::baseline::{Baseline, Places};
use crate::engine::Report;
use crate::model::Workspace;
use crate::model::load::message;

/// The name of a baseline where none is given.
const DEFAULT: &str = "tritonlint-baseline.json";

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
    /// Takes what is known out of the report, and brings the baseline up to date if that is asked for.
    /// `set` is the file that the settings name.
    pub(super) fn apply(
        &self,
        set: Option<&Path>,
        workspace: &Workspace,
        report: &mut Report,
        output: &Output,
    ) -> Result<(), String> {
        let Some(path) = self.baseline.as_deref().or(set).or_else(|| self.update_baseline.then(|| Path::new(DEFAULT)))
        else {
            return Ok(());
        };
        let mut baseline = match fs::read_to_string(path) {
            Ok(text) => Baseline::from_json(&text).map_err(|reason| format!("{}: {reason}", path.display()))?,
            Err(error) if self.update_baseline && error.kind() == std::io::ErrorKind::NotFound => Baseline::default(),
            Err(error) => return Err(format!("{}: {}", path.display(), message(&error))),
        };
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = absolute(path).parent().map(Path::to_owned).unwrap_or_default();
        let root = folder.clone();
        let places = Places::new(workspace, move |model| {
            let model = absolute(model);
            let parts = model.strip_prefix(&root).unwrap_or(&model).components();
            parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
        });
        if self.update_baseline {
            baseline.record(report, &places, |model| folder.join(model).exists());
            let written = write(path, baseline.to_json().as_bytes());
            written.map_err(|error| format!("{}: not written: {}", path.display(), message(&error)))?;
        }
        let gone = baseline.hide_known(report, &places);
        if gone > 0 {
            let findings = if gone == 1 { "1 finding".into() } else { format!("{gone} findings") };
            output.complain(&format!("{findings} of the baseline are gone; --update-baseline forgets them"));
        }
        Ok(())
    }
}
