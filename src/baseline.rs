//! A baseline: how many findings of each rule each model may have, because it had them when the
//! baseline was written. What is more than that is new.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Place};
use crate::engine::Report;
use crate::model::{FileId, ModelDirectory, Presence, Repository, Workspace};

/// Raised when older files can no longer be read.
const VERSION: u32 = 1;

/// What may be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// Counts of findings by model and rule. A model is known by where it lies.
    models: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { version: VERSION, models: BTreeMap::new() }
    }
}

/// Says where findings belong, by models' names in the baseline.
pub struct Places {
    files: BTreeMap<FileId, String>,
    /// Models, and repositories for what is in none.
    folders: BTreeMap<PathBuf, String>,
    /// What was looked at.
    reported: BTreeSet<String>,
}

impl Places {
    /// The places in some repositories. `name` makes the name of a model of the path of its folder.
    #[must_use]
    pub fn new<'r>(
        workspace: &Workspace,
        repositories: impl IntoIterator<Item = &'r Repository>,
        name: impl Fn(&Path) -> String,
    ) -> Self {
        let mut places = Self { files: BTreeMap::new(), folders: BTreeMap::new(), reported: BTreeSet::new() };
        for repository in repositories {
            places.folders.insert(repository.root.clone(), name(&repository.root));
            for model in &repository.models {
                places.add(workspace, model, name(&model.path));
            }
        }
        places
    }

    fn add(&mut self, workspace: &Workspace, model: &ModelDirectory, name: String) {
        let misnamed = match model.presence {
            Presence::MisnamedConfig(file) => Some(file),
            Presence::Config(_) | Presence::WithoutConfig | Presence::BrokenLink => None,
        };
        let mut is_reported = model.is_reported;
        for file in model.configs().chain(misnamed) {
            is_reported |= workspace.file(file).is_reported;
            self.files.insert(file, name.clone());
        }
        if is_reported {
            self.reported.insert(name.clone());
        }
        self.folders.insert(model.path.clone(), name);
    }

    /// The name of the model that a finding is about; none if it is in another repository.
    fn of(&self, found: &Diagnostic) -> Option<&str> {
        let name = match &found.place {
            Place::Text { file, .. } => self.files.get(file),
            Place::Entry(path) | Place::Line { path, .. } => {
                path.ancestors().find_map(|folder| self.folders.get(folder))
            }
        };
        name.map(String::as_str)
    }

    /// How many findings of each rule each model has.
    fn count(&self, report: &Report) -> BTreeMap<String, BTreeMap<String, usize>> {
        let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for found in &report.diagnostics {
            if let Some(model) = self.of(found) {
                *counts.entry(model.to_owned()).or_default().entry(found.rule.name.to_owned()).or_default() += 1;
            }
        }
        counts
    }
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// If the bytes are no baseline of this version.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let baseline: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if baseline.version == VERSION {
            return Ok(baseline);
        }
        Err(format!("it is of version {}, and this tritonlint knows version {VERSION}", baseline.version))
    }

    /// As text that is the same for the same findings.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Only a map with keys that are no strings could fail, and there is none.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Takes what is known out of a report. Of a rule that finds more in a model than it may, everything
    /// is left in: nobody can tell which finding is the new one. Returns how many findings may go from
    /// the baseline, because they are gone.
    pub fn hide_known(&self, report: &mut Report, places: &Places) -> usize {
        let counts = places.count(report);
        let allowed = |model: &str, rule: &str| self.models.get(model).and_then(|rules| rules.get(rule)).copied();
        let before = report.diagnostics.len();
        report.diagnostics.retain(|found| {
            let Some(model) = places.of(found) else { return true };
            allowed(model, found.rule.name).is_none_or(|most| counts[model][found.rule.name] > most)
        });
        report.known += before - report.diagnostics.len();
        let found = |model: &str, rule: &str| counts.get(model).and_then(|rules| rules.get(rule)).copied().unwrap_or(0);
        let seen = self.models.iter().filter(|(model, _)| places.reported.contains(*model));
        let entries = seen.flat_map(|(model, rules)| rules.iter().map(move |(rule, most)| (model, rule, most)));
        entries.map(|(model, rule, most)| most.saturating_sub(found(model, rule))).sum()
    }

    /// Writes down what a report finds, in place of what was said of the models that were looked at.
    /// Models that are gone are forgotten.
    pub fn record(&mut self, report: &Report, places: &Places, exists: impl Fn(&str) -> bool) {
        self.models.retain(|model, _| !places.reported.contains(model) && exists(model));
        self.models.extend(places.count(report));
    }
}
