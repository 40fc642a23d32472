//! A workspace with every config parsed: what rules look at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::model_file::{ModelFile, Reading, file_name, model_files};
use super::resolve::{Backend, Completion, PyTorchRuntime, Resolution, resolve};
use super::survey::{Survey, Surveys};
use super::version::{Version, VersionName, selected, versions};
use super::workspace::{
    EntryKind, FileId, Listing, MeantConfig, ModelDirectory, Presence, Repository, Workspace, meant_config,
};
use crate::artifact::Format;
use crate::schema::vocabulary::ModelConfig;
use crate::schema::{SchemaError, Spanned, read_config};
use crate::server::ServerSettings;
use crate::settings::{Completeness, Governs, Settings};
use crate::suppression::{Suppression, suppressions};
use crate::syntax::Tree;

/// Every config of a workspace, parsed when it is wanted.
///
/// What only its own rules look at is parsed for them and dropped again, so that memory does not grow with
/// the trees of all models; what others look at is kept for a batch of them. Ensembles are looked at twice, and
/// kept in between as far as there is room; those in ensembles are kept for all.
pub struct Analysis<'w> {
    sources: Vec<Source<'w>>,
    repositories: Vec<ParsedRepository>,
    /// What is kept until the end of the batch.
    kept: Mutex<Vec<usize>>,
    /// The bytes of the ensembles that were to be kept beyond a batch.
    held: AtomicUsize,
    /// The models that ensembles run and the server refuses.
    refused: BTreeSet<usize>,
}

/// A model with one of its configs, before it is parsed.
struct Source<'w> {
    workspace: &'w Workspace,
    directory: &'w ModelDirectory,
    repository: usize,
    file: Option<FileId>,
    kept: OnceLock<Box<Parsed>>,
    /// Whether it is an ensemble of models that are there; known once these were searched for.
    has_steps: bool,
    /// Whether an ensemble runs it; known just as late.
    is_step: bool,
    /// Whether it is an ensemble that runs a decoupled model, directly or through others; known just as late.
    runs_decoupled: bool,
}

struct Parsed {
    tree: Tree,
    config: ModelConfig,
    schema_errors: Vec<SchemaError>,
    suppressions: Vec<Suppression>,
    resolution: Resolution,
    versions: Vec<Version>,
    /// None if the policy is unreadable.
    selected_versions: Option<BTreeSet<i64>>,
    model_files: OnceLock<Vec<ModelFile>>,
}

struct ParsedRepository {
    /// The model of each name, by its `config.pbtxt`.
    by_name: BTreeMap<String, usize>,
    is_named: bool,
    is_complete: bool,
    server: ServerSettings,
    surveys: Surveys,
}

/// One model with one of its configs, as a rule sees it.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    source: &'a Source<'a>,
    parsed: &'a Parsed,
    analysis: &'a Analysis<'a>,
}

/// The repository that a model is in, as a rule sees it.
#[derive(Clone, Copy)]
pub struct RepositoryView<'a> {
    parsed: &'a ParsedRepository,
    analysis: &'a Analysis<'a>,
}

/// What a look at a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What is to be reported.
    Findings,
    /// Whether the server refuses it.
    Judgement,
    /// Both.
    Both,
}

/// So many models are looked at before what was kept for them is dropped.
const BATCH: usize = 1024;

/// Ensembles with configs of so many bytes in all are kept from when their steps are looked up to when their rules
/// run. What is kept takes some twenty times as much.
const MOST_HELD: usize = 1 << 20;

/// Some models with all ensembles that run one of them, or one that does. `steps` are those of ensembles.
fn with_users<'s>(
    mut found: BTreeSet<usize>,
    steps: impl IntoIterator<Item = (&'s usize, &'s Vec<usize>)>,
) -> BTreeSet<usize> {
    let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (ensemble, models) in steps {
        for model in models {
            users.entry(*model).or_default().push(*ensemble);
        }
    }
    let mut pending: Vec<_> = found.iter().copied().collect();
    while let Some(model) = pending.pop() {
        let along = users.get(&model).into_iter().flatten().filter(|user| found.insert(**user));
        pending.extend(along);
    }
    found
}

impl<'w> Analysis<'w> {
    /// Prepares every config of a workspace.
    #[must_use]
    pub fn new(workspace: &'w Workspace, settings: &dyn Governs) -> Self {
        let sources: Vec<_> = workspace
            .repositories
            .iter()
            .enumerate()
            .flat_map(|(at, repository)| repository.models.iter().map(move |directory| (at, directory)))
            .flat_map(|(repository, directory)| {
                // A model without a config is still a model; the server then goes by its files.
                let default = std::iter::once(directory.config());
                let custom = directory.custom_configs.iter().copied().map(Some);
                default.chain(custom).map(move |file| Source {
                    workspace,
                    directory,
                    repository,
                    file,
                    kept: OnceLock::new(),
                    has_steps: false,
                    is_step: false,
                    runs_decoupled: false,
                })
            })
            .collect();
        let repositories = (0..workspace.repositories.len())
            .map(|at| {
                let settings = settings.of(&workspace.repositories[at].root);
                let own = sources.partition_point(|source| source.repository < at)
                    ..sources.partition_point(|source| source.repository <= at);
                ParsedRepository::new(&workspace.repositories[at], own.start, &sources[own.clone()], settings)
            })
            .collect();
        Self { sources, repositories, kept: Mutex::default(), held: AtomicUsize::default(), refused: BTreeSet::new() }
    }

    /// Looks at the models whose findings are reported, at several at once; what comes of it is in their
    /// order. Those that ensembles run are judged, each by itself, before the ensemble is looked at: it is
    /// refused along with any of them. A look gives what was found, if that is wanted, and whether the server
    /// refuses the model, if that is.
    pub(crate) fn judge_and_look<T: Send>(
        &mut self,
        look: impl Fn(Model<'_>, Wanted) -> (Option<T>, bool) + Sync,
    ) -> Vec<T> {
        let steps = self.find_steps();
        let wanted: Vec<_> =
            (0..self.sources.len()).filter(|at| self.sources[*at].is_reported() || self.sources[*at].is_step).collect();
        let mut looked = Vec::with_capacity(self.sources.len());
        let mut late = Vec::new();
        for batch in wanted.chunks(BATCH) {
            let (ensembles, others): (Vec<_>, Vec<_>) = batch.iter().partition(|at| self.sources[**at].has_steps);
            let done = others.par_iter().map(|at| (*at, self.look_at(*at, &look)));
            for (at, (found, is_refused)) in done.collect::<Vec<_>>() {
                self.refused.extend(is_refused.then_some(at));
                looked.extend(found.map(|found| (at, found)));
            }
            // Models that belong together have names that begin alike, so that most ensembles find their steps
            // in the batch, where they need not be read again.
            let is_judged = |step: &usize| batch.last() >= Some(step) && !self.sources[*step].has_steps;
            let is_ready = |at: &usize| !self.sources[*at].is_step && steps[at].iter().all(is_judged);
            let (ready, other): (Vec<_>, Vec<_>) = ensembles.into_iter().partition(is_ready);
            self.look_at_ensembles(&ready, &look, &mut looked);
            late.extend(other);
            self.forget();
        }
        for batch in late.chunks(BATCH) {
            let nested = batch.par_iter().copied().filter(|at| self.sources[*at].is_step);
            let refused: Vec<_> = nested.filter(|at| look(self.model(*at), Wanted::Judgement).1).collect();
            self.refused.extend(refused);
            self.forget();
        }
        self.refused = with_users(std::mem::take(&mut self.refused), &steps);
        for batch in late.chunks(BATCH) {
            self.look_at_ensembles(batch, &look, &mut looked);
            self.forget();
        }
        looked.sort_unstable_by_key(|(at, _)| *at);
        looked.into_iter().map(|(_, found)| found).collect()
    }

    /// Looks at a model that is no ensemble, and keeps it if one will ask for it.
    fn look_at<T>(&self, at: usize, look: impl Fn(Model<'_>, Wanted) -> T) -> T {
        let source = &self.sources[at];
        match (source.is_step, source.is_reported()) {
            (false, _) => self.glance(source, |model| look(model, Wanted::Findings)),
            (true, true) => look(self.model(at), Wanted::Both),
            (true, false) => look(self.model(at), Wanted::Judgement),
        }
    }

    /// Looks at those of some ensembles whose findings are reported.
    fn look_at_ensembles<T: Send>(
        &mut self,
        ensembles: &[usize],
        look: impl Fn(Model<'_>, Wanted) -> (Option<T>, bool) + Sync,
        looked: &mut Vec<(usize, T)>,
    ) {
        let reported = ensembles.par_iter().copied().filter(|at| self.sources[*at].is_reported());
        looked.par_extend(reported.filter_map(|at| {
            let (found, _) = self.glance(&self.sources[at], |model| look(model, Wanted::Findings));
            Some((at, found?))
        }));
        for at in ensembles {
            let source = &mut self.sources[*at];
            if !source.is_step {
                source.kept = OnceLock::new();
            }
        }
    }

    /// Finds the ensembles, and the models that each of them runs.
    fn find_steps(&mut self) -> BTreeMap<usize, Vec<usize>> {
        let candidates = (0..self.sources.len()).into_par_iter().filter(|at| self.sources[*at].has_word("ensemble"));
        let steps: Vec<_> = candidates.map(|at| (at, self.step_models(at))).collect();
        // Of another back-end the steps are never run.
        let run: BTreeSet<_> = steps.iter().filter(|(_, (is_run, _))| *is_run).map(|(at, _)| *at).collect();
        let steps = steps.into_iter().map(|(at, (_, models))| (at, models));
        let steps: BTreeMap<_, _> = steps.filter(|(_, models)| !models.is_empty()).collect();
        for (ensemble, models) in &steps {
            self.sources[*ensemble].has_steps = true;
            for model in models {
                self.sources[*model].is_step = true;
            }
        }
        self.find_decoupled(steps.iter().filter(|(at, _)| run.contains(at)));
        steps
    }

    /// Notes which ensembles run a decoupled model: once for all, as they may be nested to any depth.
    fn find_decoupled<'s>(&mut self, steps: impl IntoIterator<Item = (&'s usize, &'s Vec<usize>)>) {
        let candidates = self.sources.par_iter().enumerate();
        let candidates = candidates.filter(|(_, source)| source.is_step && source.has_word("decoupled"));
        let decoupled =
            candidates.filter_map(|(at, source)| self.glance(source, |model| model.is_decoupled().then_some(at)));
        let decoupled: Vec<_> = decoupled.collect();
        if decoupled.is_empty() {
            return;
        }
        for at in with_users(decoupled.into_iter().collect(), steps) {
            self.sources[at].runs_decoupled = true;
        }
    }

    /// Drops what was kept for others, but for ensembles in ensembles: of these one may be in the next, and so on.
    fn forget(&mut self) {
        let kept = std::mem::take(self.kept.get_mut().unwrap_or_else(PoisonError::into_inner));
        for at in kept {
            let source = &mut self.sources[at];
            if !(source.has_steps && source.is_step) {
                source.kept = OnceLock::new();
            }
        }
    }

    /// Whether the server runs a model as an ensemble, and the models of its steps.
    fn step_models(&self, at: usize) -> (bool, Vec<usize>) {
        self.hold(&self.sources[at], |model| {
            let ensemble = model.config().ensemble_scheduling.written();
            let names = ensemble.into_iter().flat_map(|ensemble| ensemble.value.step.iter()).filter_map(|step| {
                let name = step.model_name.text()?;
                (!model.is_elsewhere(name)).then_some(name)
            });
            let models = names.filter_map(|name| model.repository().parsed.by_name.get(name).copied());
            (model.resolution().backend() == Some(&Backend::Ensemble), models.collect())
        })
    }

    /// Looks at the models whose findings are reported, at several at once; what comes of it is in their
    /// order.
    pub fn of_reported<T: Send>(&self, look: impl Fn(Model<'_>) -> T + Sync) -> Vec<T> {
        let reported = self.sources.par_iter().filter(|source| source.is_reported());
        reported.map(|source| self.glance(source, &look)).collect()
    }

    /// Looks at a model that nobody need look at again.
    fn glance<T>(&self, source: &Source<'_>, look: impl FnOnce(Model<'_>) -> T) -> T {
        match source.kept.get() {
            Some(parsed) => look(Model { source, parsed, analysis: self }),
            None => look(Model { source, parsed: &source.parse(), analysis: self }),
        }
    }

    /// Looks at an ensemble that will be looked at again, and keeps it for then if there is room.
    fn hold<T>(&self, source: &Source<'_>, look: impl FnOnce(Model<'_>) -> T) -> T {
        if self.held.fetch_add(source.bytes().len(), Ordering::Relaxed) < MOST_HELD {
            source.kept.get_or_init(|| Box::new(source.parse()));
        }
        self.glance(source, look)
    }

    /// How many configs are reported on.
    #[must_use]
    pub fn reported_configs(&self) -> usize {
        self.sources.iter().filter(|source| source.is_reported() && source.file.is_some()).count()
    }

    /// A model that is looked at for the sake of others.
    fn model(&self, at: usize) -> Model<'_> {
        let source = &self.sources[at];
        let parsed = source.kept.get_or_init(|| {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(at);
            Box::new(source.parse())
        });
        Model { source, parsed, analysis: self }
    }
}

impl Source<'_> {
    fn bytes(&self) -> &[u8] {
        self.file.map_or(&[], |id| &self.workspace.file(id).bytes)
    }

    fn is_reported(&self) -> bool {
        self.file.map_or(self.directory.is_reported, |id| self.workspace.file(id).is_reported)
    }

    fn has_word(&self, word: &str) -> bool {
        memchr::memmem::find(self.bytes(), word.as_bytes()).is_some()
    }

    fn parse(&self) -> Parsed {
        let tree = Tree::parse(self.bytes().to_vec());
        let (config, schema_errors) = read_config(&tree);
        let resolution = resolve(&config, self.directory.name.as_deref(), &self.directory.listing);
        let versions = versions(&self.directory.listing);
        Parsed {
            suppressions: suppressions(&tree),
            selected_versions: selected(&config, &versions),
            versions,
            model_files: OnceLock::new(),
            tree,
            config,
            schema_errors,
            resolution,
        }
    }

    /// What lies in the version folders, other than what only keeps them in version control.
    fn version_contents(&self) -> impl Iterator<Item = (&str, EntryKind)> {
        let folders =
            self.directory.listing.folders().filter(|name| matches!(VersionName::of(name), VersionName::Number(_)));
        let contents = folders.flat_map(|folder| self.directory.listing.children(folder));
        contents.filter(|(name, kind)| !name.starts_with('.') && *kind != EntryKind::File(Some(0)))
    }

    /// Whether the folder has what the server needs to load it: a version, and something in it.
    fn is_deployable(&self) -> bool {
        self.version_contents().next().is_some() || {
            let is_ensemble = |parsed: &Parsed| parsed.resolution.backend() == Some(&Backend::Ensemble);
            let has_version = !versions(&self.directory.listing).is_empty();
            has_version && self.kept.get().map_or_else(|| is_ensemble(&self.parse()), |parsed| is_ensemble(parsed))
        }
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
            EntryKind::File(size) => size.is_some_and(|size| size >= SMALLEST) && is_weights(name),
            EntryKind::Folder => name.ends_with(".savedmodel"),
            EntryKind::BrokenLink | EntryKind::Other => false,
        })
    }
}

impl ParsedRepository {
    /// A repository and its models, the first of which is that of a number.
    fn new(repository: &Repository, first: usize, models: &[Source<'_>], settings: &Settings) -> Self {
        let by_name = (first..)
            .zip(models)
            .filter(|(_, model)| {
                model.file == model.directory.config() && model.directory.presence != Presence::BrokenLink
            })
            .filter_map(|(at, model)| Some((model.directory.name.clone()?, at)))
            .collect();
        let is_complete = match settings.repository.complete {
            Completeness::Yes => true,
            Completeness::No => false,
            // What is checked into version control often lacks the weights, or the models that consist
            // of nothing else. Only a folder with weights in which every model has its files is taken
            // for what is deployed.
            Completeness::Auto => {
                let with_config = || models.iter().filter(|model| model.file.is_some());
                with_config().any(Source::has_weights) && with_config().all(Source::is_deployable)
            }
        };
        let (is_named, server) = (repository.is_named, settings.server.clone());
        Self { by_name, is_named, is_complete, server, surveys: Surveys::default() }
    }
}

impl<'a> Model<'a> {
    /// The name of the model's folder; none where it is not known.
    #[must_use]
    pub fn directory_name(self) -> Option<&'a str> {
        self.source.directory.name.as_deref()
    }

    /// The model's name: that of its folder, else the one written.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.directory_name().or(self.config().name.text()).unwrap_or_default()
    }

    /// The model's folder.
    #[must_use]
    pub fn directory(self) -> &'a ModelDirectory {
        self.source.directory
    }

    /// The config file; none if the model has none.
    #[must_use]
    pub fn file(self) -> Option<FileId> {
        self.source.file
    }

    /// The file that seems to be meant for the config of a model that has none.
    #[must_use]
    pub fn misnamed_config(self) -> Option<&'a Path> {
        match self.source.directory.presence {
            Presence::MisnamedConfig(id) => Some(&*self.source.workspace.file(id).path),
            Presence::Config(_) | Presence::WithoutConfig | Presence::BrokenLink => None,
        }
    }

    /// A file that seems to be meant for the config of a model that has none, whatever its format.
    #[must_use]
    pub fn meant_config(self) -> Option<MeantConfig<'a>> {
        meant_config(self.listing())
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

    /// The value in force of one of `parameters`, empty if its entry has none; none if it is left out or
    /// unreadable.
    #[must_use]
    pub fn parameter(self, key: &str) -> Option<&'a str> {
        let entry = self.config().parameters.get(key)?;
        match entry.value.written() {
            Some(value) => value.value.string_value.text(),
            None => entry.value.is_absent().then_some(""),
        }
    }

    /// What is written to select the back-end: `backend`, else `platform`.
    #[must_use]
    pub fn selecting(self) -> Option<&'a Spanned<String>> {
        let ModelConfig { backend, platform, .. } = self.config();
        backend.written().or(platform.written())
    }

    /// Whether the config leaves it to the model's files which back-end runs it.
    #[must_use]
    pub fn is_told_by_files(self) -> bool {
        let ModelConfig { backend, platform, default_model_filename, .. } = self.config();
        [backend, platform, default_model_filename].iter().all(|field| field.text() == Some(""))
    }

    /// Whether the PyTorch back-end runs it as TorchScript.
    #[must_use]
    pub fn is_torchscript(self) -> bool {
        self.resolution().backend() == Some(&Backend::PyTorch(PyTorchRuntime::TorchScript))
    }

    /// Whether it is a Python module, whichever back-end runs it.
    #[must_use]
    pub fn runs_python(self) -> bool {
        matches!(self.resolution().backend(), Some(Backend::Python | Backend::PyTorch(PyTorchRuntime::Python)))
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

    /// Whether it is an ensemble that runs a decoupled model, directly or through others.
    pub(super) fn runs_decoupled(self) -> bool {
        self.source.runs_decoupled
    }

    /// Where the model with its own config is.
    fn index(self) -> Option<usize> {
        self.repository().parsed.by_name.get(self.directory_name()?).copied()
    }

    /// What is known of the server.
    #[must_use]
    pub fn server(self) -> &'a ServerSettings {
        &self.analysis.repositories[self.source.repository].server
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
        &self.source.directory.listing
    }

    /// The version folders, by ascending number.
    #[must_use]
    pub fn versions(self) -> &'a [Version] {
        &self.parsed.versions
    }

    /// The versions that the version policy selects of those that there are; none if it is unreadable.
    #[must_use]
    pub fn selected_versions(self) -> Option<&'a BTreeSet<i64>> {
        self.parsed.selected_versions.as_ref()
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

    /// What another file in the model's folder says of itself, by its path there; none if there is no such file.
    #[must_use]
    pub fn read_beside(self, path: &str, format: Format) -> Option<Reading> {
        let is_file = matches!(self.listing().get(path), Some(EntryKind::File(_)));
        is_file.then(|| self.directory().files.read(&self.directory().path.join(path), format))
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
        let own = self.source.repository;
        self.analysis.repositories[own].is_named
            && repositories
                .filter(|(at, other)| *at != own && other.is_named)
                .any(|(_, other)| other.by_name.contains_key(name))
    }

    /// The repository that the model is in.
    #[must_use]
    pub fn repository(self) -> RepositoryView<'a> {
        let parsed = &self.analysis.repositories[self.source.repository];
        RepositoryView { parsed, analysis: self.analysis }
    }
}

impl<'a> RepositoryView<'a> {
    /// The model of that name.
    #[must_use]
    pub fn model(self, name: &str) -> Option<Model<'a>> {
        Some(self.analysis.model(*self.parsed.by_name.get(name)?))
    }

    /// The names of its models, sorted.
    pub fn model_names(self) -> impl Iterator<Item = &'a str> {
        self.parsed.by_name.keys().map(String::as_str)
    }

    /// What its models answer to a question, each of which is asked once in a run.
    #[must_use]
    pub fn survey<S: Survey>(self) -> Arc<S> {
        self.parsed.surveys.get(|| {
            let mut survey = S::default();
            for (name, at) in &self.parsed.by_name {
                let source = &self.analysis.sources[*at];
                let answer = source.has_word(S::WORD).then(|| self.analysis.glance(source, S::ask)).flatten();
                if let Some(answer) = answer {
                    survey.note(name, answer);
                }
            }
            survey
        })
    }

    /// Whether this is all that is deployed, so that what is not here is missing.
    #[must_use]
    pub fn is_complete(self) -> bool {
        self.parsed.is_complete
    }
}
