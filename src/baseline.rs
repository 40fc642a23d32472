//! A baseline: how many findings of each rule each model may have, because it had them when the
//! baseline was written. What is more than that is new.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Place};
use crate::engine::Report;
use crate::model::{FileId, Workspace};

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
    folders: BTreeSet<String>,
    name: Box<dyn Fn(&std::path::Path) -> String>,
}

impl Places {
    /// `name` makes the name of a model of the path of its folder.
    #[must_use]
    pub fn new(workspace: &Workspace, name: impl Fn(&std::path::Path) -> String + 'static) -> Self {
        let mut files = BTreeMap::new();
        let mut folders = BTreeSet::new();
        for model in workspace.repositories.iter().flat_map(|repository| &repository.models) {
            let folder = name(&model.path);
            let configs = model.config.iter().chain(&model.custom_configs);
            let reported: Vec<_> = configs.filter(|file| workspace.file(**file).is_reported).collect();
            files.extend(reported.iter().map(|file| (**file, folder.clone())));
            if model.is_reported || !reported.is_empty() {
                folders.insert(folder);
            }
        }
        Self { files, folders, name: Box::new(name) }
    }

    fn of(&self, found: &Diagnostic) -> String {
        match &found.place {
            Place::Text { file, .. } => self.files.get(file).cloned().unwrap_or_default(),
            Place::Entry(path) | Place::Line { path, .. } => (self.name)(path),
        }
    }

    /// How many findings of each rule each model has.
    fn count(&self, report: &Report) -> BTreeMap<String, BTreeMap<String, usize>> {
        let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for found in &report.diagnostics {
            *counts.entry(self.of(found)).or_default().entry(found.rule.name.to_owned()).or_default() += 1;
        }
        counts
    }
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// If the text is no baseline of this version.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
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
            let model = places.of(found);
            allowed(&model, found.rule.name).is_none_or(|most| counts[&model][found.rule.name] > most)
        });
        report.known = before - report.diagnostics.len();
        let found = |model: &str, rule: &str| counts.get(model).and_then(|rules| rules.get(rule)).copied().unwrap_or(0);
        let seen = self.models.iter().filter(|(model, _)| places.folders.contains(*model));
        let entries = seen.flat_map(|(model, rules)| rules.iter().map(move |(rule, most)| (model, rule, most)));
        entries.map(|(model, rule, most)| most.saturating_sub(found(model, rule))).sum()
    }

    /// Writes down what a report finds, in place of what was said of the models that were looked at.
    /// Models that are gone are forgotten.
    pub fn record(&mut self, report: &Report, places: &Places, exists: impl Fn(&str) -> bool) {
        self.models.retain(|model, _| !places.folders.contains(model) && exists(model));
        self.models.extend(places.count(report));
    }
}
