//! A workspace with every config parsed: what rules look at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::model_file::{ModelFile, file_name, model_files};
use super::resolve::{Backend, Completion, Resolution, resolve};
use super::version::{Version, selected, versions};
use super::workspace::{EntryKind, FileId, Listing, ModelDirectory, Workspace};
use crate::schema::vocabulary::ModelConfig;
use crate::schema::{SchemaError, read_config};
use crate::server::ServerSettings;
use crate::settings::{Completeness, Governs, Settings};
use crate::suppression::{Suppression, suppressions};
use crate::syntax::Tree;

/// Every config of a workspace, parsed.
pub struct Analysis<'w> {
    models: Vec<Parsed<'w>>,
    repositories: Vec<ParsedRepository>,
    /// The models that ensembles run and the server refuses.
    refused: BTreeSet<usize>,
}

struct Parsed<'w> {
    directory: &'w ModelDirectory,
    repository: usize,
    file: Option<FileId>,
    is_reported: bool,
    tree: Tree,
    config: ModelConfig,
    schema_errors: Vec<SchemaError>,
    suppressions: Vec<Suppression>,
    resolution: Resolution,
    versions: Vec<Version>,
    model_files: OnceLock<Vec<ModelFile>>,
    misnamed_config: Option<Arc<Path>>,
}

struct ParsedRepository {
    /// The model of each name, by its `config.pbtxt`.
    by_name: BTreeMap<String, usize>,
    is_named: bool,
    is_complete: bool,
    server: ServerSettings,
}

/// One model with one of its configs, as a rule sees it.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    parsed: &'a Parsed<'a>,
    analysis: &'a Analysis<'a>,
}

/// The repository that a model is in, as a rule sees it.
#[derive(Clone, Copy)]
pub struct RepositoryView<'a> {
    parsed: &'a ParsedRepository,
    analysis: &'a Analysis<'a>,
}

impl<'w> Analysis<'w> {
    /// Parses every config of a workspace.
    #[must_use]
    pub fn new(workspace: &'w Workspace, settings: &dyn Governs) -> Self {
        let sources: Vec<_> = workspace
            .repositories
            .iter()
            .enumerate()
            .flat_map(|(at, repository)| repository.models.iter().map(move |directory| (at, directory)))
            .flat_map(|(repository, directory)| {
                // A model without a config is still a model; the server then goes by its files.
                let default = std::iter::once(directory.config);
                let custom = directory.custom_configs.iter().copied().map(Some);
                default.chain(custom).map(move |file| (repository, directory, file))
            })
            .collect();
        let models: Vec<_> = sources
            .into_par_iter()
            .map(|(repository, directory, file)| Parsed::new(workspace, repository, directory, file))
            .collect();
        let repositories = (0..workspace.repositories.len())
            .map(|at| {
                let settings = settings.of(&workspace.repositories[at].root);
                ParsedRepository::new(at, workspace, &models, settings)
            })
            .collect();
        Self { models, repositories, refused: BTreeSet::new() }
    }

    /// Judges the models that ensembles run, each by itself: whether the server refuses it. An ensemble is
    /// then refused along with any of its models.
    pub(crate) fn judge_step_models(&mut self, is_refused: impl Fn(Model<'_>) -> bool + Sync) {
        let ensembles: Vec<_> = (0..self.models.len())
            .map(|at| (at, self.step_models(at)))
            .filter(|(_, step_models)| !step_models.is_empty())
            .collect();
        let step_models: BTreeSet<_> = ensembles.iter().flat_map(|(_, step_models)| step_models).copied().collect();
        let mut refused: BTreeSet<_> = step_models
            .into_par_iter()
            .filter(|at| is_refused(Model { parsed: &self.models[*at], analysis: self }))
            .collect();
        loop {
            let known = refused.len();
            let along = ensembles.iter().filter(|(_, models)| models.iter().any(|model| refused.contains(model)));
            let along: Vec<_> = along.map(|(at, _)| *at).collect();
            refused.extend(along);
            if refused.len() == known {
                break;
            }
        }
        self.refused = refused;
    }

    /// The models that the steps of an ensemble run.
    fn step_models(&self, at: usize) -> Vec<usize> {
        let model = Model { parsed: &self.models[at], analysis: self };
        let ensemble = model.config().ensemble_scheduling.written();
        let steps = ensemble.into_iter().flat_map(|ensemble| ensemble.value.step.iter());
        steps.filter_map(|step| model.model_of_step(step)?.index()).collect()
    }

    /// The models whose findings are reported.
    #[must_use]
    pub fn reported(&self) -> impl ParallelIterator<Item = Model<'_>> {
        self.models.par_iter().filter(|parsed| parsed.is_reported).map(|parsed| Model { parsed, analysis: self })
    }

    /// How many configs are reported on.
    #[must_use]
    pub fn reported_configs(&self) -> usize {
        self.models.iter().filter(|parsed| parsed.is_reported && parsed.file.is_some()).count()
    }
}

impl<'w> Parsed<'w> {
    fn new(workspace: &Workspace, repository: usize, directory: &'w ModelDirectory, file: Option<FileId>) -> Self {
        let bytes = file.map_or_else(Vec::new, |id| workspace.file(id).bytes.to_vec());
        let tree = Tree::parse(bytes);
        let (config, schema_errors) = read_config(&tree);
        let resolution = resolve(&config, directory.name.as_deref(), &directory.listing);
        let suppressions = suppressions(&tree);
        let is_reported = file.map_or(directory.is_reported, |id| workspace.file(id).is_reported);
        let versions = versions(&directory.listing);
        let model_files = OnceLock::new();
        let misnamed_config = directory.misnamed_config.map(|id| workspace.file(id).path.clone());
        Self {
            directory,
            repository,
            file,
            is_reported,
            tree,
            config,
            schema_errors,
            suppressions,
            resolution,
            versions,
            model_files,
            misnamed_config,
        }
    }

    /// What lies in the version folders, other than what only keeps them in version control.
    fn version_contents(&self) -> impl Iterator<Item = (&str, EntryKind)> {
        let folders = self.versions.iter().flat_map(|version| self.directory.listing.children(&version.folder));
        folders.filter(|(name, kind)| !name.starts_with('.') && *kind != EntryKind::File(0))
    }

    /// Whether the folder has what the server needs to load it: a version, and something in it.
    fn is_deployable(&self) -> bool {
        let is_ensemble = self.resolution.backend() == Some(&Backend::Ensemble);
        if is_ensemble { !self.versions.is_empty() } else { self.version_contents().next().is_some() }
    }

    /// Whether the folder has trained weights, as far as a name and a size can tell. Code is in version
    /// control also where weights are not, and what stands there for a weight is a short text.
    fn has_weights(&self) -> bool {
        const SMALLEST: u64 = 1024;
        const ENDINGS: [&str; 15] = [
            "bin",
            "ckpt",
            "dali",
            "data",
            "engine",
            "graphdef",
            "onnx",
            "plan",
            "pt",
            "pt2",
            "pth",
            "safetensors",
            "tl",
            "trt",
            "ubj",
        ];
        // What else has these endings is small or text.
        const NAMES: [&str; 3] = ["model.xml", "xgboost.json", "xgboost.model"];
        let is_weights = |name: &str| {
            let ending = name.rsplit_once('.').map(|(_, ending)| ending);
            NAMES.contains(&name) || ending.is_some_and(|ending| ENDINGS.contains(&ending))
        };
        self.version_contents().any(|(name, kind)| match kind {
            EntryKind::File(size) => size >= SMALLEST && is_weights(name),
            EntryKind::Folder => name.ends_with(".savedmodel"),
            EntryKind::BrokenLink | EntryKind::Other => false,
        })
    }
}

impl ParsedRepository {
    fn new(at: usize, workspace: &Workspace, models: &[Parsed<'_>], settings: &Settings) -> Self {
        let own = || models.iter().enumerate().filter(|(_, parsed)| parsed.repository == at);
        let by_name = own()
            .filter(|(_, parsed)| parsed.file == parsed.directory.config && !parsed.directory.is_broken_link)
            .filter_map(|(index, parsed)| Some((parsed.directory.name.clone()?, index)))
            .collect();
        let is_complete = match settings.repository.complete {
            Completeness::Yes => true,
            Completeness::No => false,
            // What is checked into version control often lacks the weights, or the models that consist
            // of nothing else. Only a folder with weights in which every model has its files is taken
            // for what is deployed.
            Completeness::Auto => {
                let with_config = || own().map(|(_, parsed)| parsed).filter(|parsed| parsed.file.is_some());
                with_config().all(Parsed::is_deployable) && with_config().any(Parsed::has_weights)
            }
        };
        Self { by_name, is_named: workspace.repositories[at].is_named, is_complete, server: settings.server.clone() }
    }
}

impl<'a> Model<'a> {
    /// The name of the model's folder; none where it is not known.
    #[must_use]
    pub fn directory_name(self) -> Option<&'a str> {
        self.parsed.directory.name.as_deref()
    }

    /// The model's name: that of its folder, else the one written.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.directory_name().or(self.config().name.text()).unwrap_or_default()
    }

    /// The model's folder.
    #[must_use]
    pub fn directory(self) -> &'a ModelDirectory {
        self.parsed.directory
    }

    /// The config file; none if the model has none.
    #[must_use]
    pub fn file(self) -> Option<FileId> {
        self.parsed.file
    }

    /// The file that seems to be meant for the config of a model that has none.
    #[must_use]
    pub fn misnamed_config(self) -> Option<&'a Path> {
        self.parsed.misnamed_config.as_deref()
    }

    /// The tree of the config file; empty if there is none.
    #[must_use]
    pub fn tree(self) -> &'a Tree {
        &self.parsed.tree
    }

    /// What the config says.
    #[must_use]
    pub fn config(self) -> &'a ModelConfig {
        &self.parsed.config
    }

    /// The value in force of one of `parameters`; none if it is left out or unreadable.
    #[must_use]
    pub fn parameter(self, key: &str) -> Option<&'a str> {
        self.config().parameters.get(key)?.value.written()?.value.string_value.text()
    }

    /// Where the config does not follow the schema.
    #[must_use]
    pub fn schema_errors(self) -> &'a [SchemaError] {
        &self.parsed.schema_errors
    }

    /// The comments that are addressed to us, in their order.
    #[must_use]
    pub fn suppressions(self) -> &'a [Suppression] {
        &self.parsed.suppressions
    }

    /// What runs the model, and how the server comes to it.
    #[must_use]
    pub fn resolution(self) -> &'a Resolution {
        &self.parsed.resolution
    }

    /// Whether the server takes the model's platform for `tensorrt_plan`. It fills that in for the back-end
    /// `tensorrt`, and believes a back-end that it does not know. None if the back-end is not known.
    #[must_use]
    pub fn is_tensorrt_plan(self) -> Option<bool> {
        let backend = self.resolution().backend()?;
        Some(*backend == Backend::TensorRt || self.config().platform.text()? == "tensorrt_plan")
    }

    /// Whether the server goes by the inputs, outputs and `max_batch_size` just as they are written:
    /// auto-complete is off, or the back-end known to complete none of them.
    #[must_use]
    pub fn is_as_written(self) -> bool {
        self.completion() == Completion::None
    }

    /// Whether the server refuses the model; known only of those that ensembles run.
    #[must_use]
    pub fn is_refused(self) -> bool {
        self.index().is_some_and(|at| self.analysis.refused.contains(&at))
    }

    /// Where the model with its own config is.
    fn index(self) -> Option<usize> {
        self.repository().parsed.by_name.get(self.directory_name()?).copied()
    }

    /// What is known of the server.
    #[must_use]
    pub fn server(self) -> &'a ServerSettings {
        &self.analysis.repositories[self.parsed.repository].server
    }

    /// What auto-complete of the back-end may do to the written config.
    #[must_use]
    pub fn completion(self) -> Completion {
        if !self.server().auto_complete_config {
            return Completion::None;
        }
        self.resolution().backend().map_or(Completion::Unknown, Backend::completion)
    }

    /// What is in the model's folder.
    #[must_use]
    pub fn listing(self) -> &'a Listing {
        &self.parsed.directory.listing
    }

    /// The version folders, by ascending number.
    #[must_use]
    pub fn versions(self) -> &'a [Version] {
        &self.parsed.versions
    }

    /// The versions that the version policy selects of those that there are; none if it is unreadable.
    #[must_use]
    pub fn selected_versions(self) -> Option<BTreeSet<i64>> {
        selected(self.config(), self.versions())
    }

    /// What the back-end would load, of each version that it is asked to load and that is there; read
    /// when first asked for. Empty where it is not known what would be loaded.
    #[must_use]
    pub fn model_files(self) -> &'a [ModelFile] {
        self.parsed.model_files.get_or_init(|| {
            let (Some(selected), Some(backend)) = (self.selected_versions(), self.resolution().backend()) else {
                return Vec::new();
            };
            let versions = self.versions().iter().filter(|version| selected.contains(&version.number));
            model_files(self.config(), backend, self.directory(), versions)
        })
    }

    /// The name under which the back-end looks for the model in the folder of each version; none if it is not
    /// known.
    #[must_use]
    pub fn model_file_name(self) -> Option<&'a str> {
        file_name(self.config(), self.resolution().backend()?)
    }

    /// Whether another repository that is looked at has a model of that name.
    #[must_use]
    pub fn is_elsewhere(self, name: &str) -> bool {
        let repositories = self.analysis.repositories.iter().enumerate();
        let own = self.parsed.repository;
        self.analysis.repositories[own].is_named
            && repositories
                .filter(|(at, other)| *at != own && other.is_named)
                .any(|(_, other)| other.by_name.contains_key(name))
    }

    /// The repository that the model is in.
    #[must_use]
    pub fn repository(self) -> RepositoryView<'a> {
        let parsed = &self.analysis.repositories[self.parsed.repository];
        RepositoryView { parsed, analysis: self.analysis }
    }
}

impl<'a> RepositoryView<'a> {
    /// The model of that name.
    #[must_use]
    pub fn model(self, name: &str) -> Option<Model<'a>> {
        let parsed = &self.analysis.models[*self.parsed.by_name.get(name)?];
        Some(Model { parsed, analysis: self.analysis })
    }

    /// The names of its models, sorted.
    pub fn model_names(self) -> impl Iterator<Item = &'a str> {
        self.parsed.by_name.keys().map(String::as_str)
    }

    /// Whether this is all that is deployed, so that what is not here is missing.
    #[must_use]
    pub fn is_complete(self) -> bool {
        self.parsed.is_complete
    }
}
