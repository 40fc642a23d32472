//! A small repository, as both sides judge it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use tritonlint::diagnostic::{FileChange, Place};
use tritonlint::engine::lint;
use tritonlint::fix::{Change, fix};
use tritonlint::model::{Entry, EntryKind, Workspace};
use tritonlint::rule::{Applicability, Level, Rule};
use tritonlint::schema::vocabulary::ModelConfig;
use tritonlint::schema::{backend, read_config};
use tritonlint::server::{ModelControlMode, RateLimit};
use tritonlint::settings::{Completeness, LevelSetting, Settings};
use tritonlint::syntax::{FieldName, Message, Span, Tree, Value};

use crate::judgement::{RELEASE, Share, share_of};
use crate::server::Mode;
use crate::support::page::{Case, MODEL};

/// Where a repository lies in memory.
const ROOT: &str = "models";

/// Files by their paths below the root. A path that ends in `/` is a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repository {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// Links in the folders of models that lead nowhere.
    pub(crate) links: BTreeSet<String>,
}

/// One finding of ours.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) level: Level,
    pub(crate) message: String,
}

impl Repository {
    /// That of a block of a page. Where the page lists no files of a model it is about other things, and
    /// the model gets a version with a placeholder for a file whose back-end completes nothing.
    pub(crate) fn of_page(case: &Case) -> Self {
        // What lies in another repository the server is not given.
        let mut files: BTreeMap<_, _> =
            case.files.iter().filter(|(path, _)| !path.starts_with("../")).cloned().collect();
        let name = case.name.as_deref().unwrap_or("config.pbtxt");
        files.extend(case.config.iter().map(|config| (format!("{MODEL}/{name}"), config.clone().into_bytes())));
        let links = case.links.iter().map(|inside| format!("{MODEL}/{inside}")).collect();
        let mut repository = Self { files, links };
        for model in repository.models() {
            let own = format!("{model}/");
            let config = format!("{own}config.pbtxt");
            if repository.files.keys().filter(|path| path.starts_with(&own)).eq([&config]) {
                repository.files.insert(format!("{model}/1/model.pt"), Vec::new());
            }
        }
        repository
    }

    /// The names of the folders in the root, sorted.
    pub(crate) fn models(&self) -> Vec<String> {
        let paths = self.files.keys().chain(&self.links);
        let models: BTreeSet<_> = paths.filter_map(|path| Some(path.split_once('/')?.0.to_owned())).collect();
        models.into_iter().collect()
    }

    /// The configs with their models.
    pub(crate) fn configs(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().filter_map(|(path, text)| Some((path.strip_suffix("/config.pbtxt")?, text.as_slice())))
    }

    fn workspace(&self) -> Workspace {
        let mut workspace = Workspace::default();
        let files = self.files.iter().map(|(path, text)| (path.as_str(), text.as_slice()));
        workspace.add_in_memory(Path::new(ROOT), files);
        for model in workspace.repositories.iter_mut().flat_map(|repository| &mut repository.models) {
            let own = format!("{}/", model.name.as_deref().unwrap_or_default());
            for link in self.links.iter().filter_map(|link| link.strip_prefix(&own)) {
                model.listing.insert_entry(Entry { path: link.to_owned(), kind: EntryKind::BrokenLink, is_link: true });
            }
        }
        workspace
    }

    /// What we find in each model.
    pub(crate) fn lint(&self, settings: &Settings) -> BTreeMap<String, Vec<Finding>> {
        let workspace = self.workspace();
        let mut found: BTreeMap<_, Vec<_>> = self.models().into_iter().map(|model| (model, Vec::new())).collect();
        for diagnostic in lint(&workspace, settings).diagnostics {
            let path = match &diagnostic.place {
                Place::Text { file, .. } => workspace.file(*file).path.to_path_buf(),
                Place::Entry(path) | Place::Line { path, .. } => path.clone(),
            };
            let inside = path.strip_prefix(ROOT).expect("a path in the repository");
            let model = inside.iter().next().expect("a model").to_string_lossy().into_owned();
            let finding = Finding { rule: diagnostic.rule, level: diagnostic.level, message: diagnostic.message };
            found.entry(model).or_default().push(finding);
        }
        found
    }

    /// What the safe fixes make of it.
    pub(crate) fn fixed(&self, settings: &Settings) -> Self {
        let outcome = fix(self.workspace(), Applicability::Safe, |workspace| lint(workspace, settings));
        let inside = |path: &Path| path.strip_prefix(ROOT).expect("a path in the repository").display().to_string();
        let mut fixed = self.clone();
        for applied in &outcome.applied {
            match &applied.change {
                Change::Text(_) => {}
                Change::Files(FileChange::Create(path)) => {
                    fixed.files.insert(inside(path), Vec::new());
                }
                Change::Files(FileChange::Rename { from, to }) => {
                    let (from, to) = (inside(from), inside(to));
                    let renamed = fixed.files.into_iter().map(|(path, bytes)| match path.strip_prefix(&from) {
                        Some(rest) if rest.is_empty() || rest.starts_with('/') => (format!("{to}{rest}"), bytes),
                        _ => (path, bytes),
                    });
                    fixed.files = renamed.collect();
                }
            }
        }
        let texts = outcome.workspace.files().map(|(_, file)| (inside(&file.path), file.bytes.to_vec()));
        fixed.files.extend(texts);
        fixed
    }

    /// Whether it has what is known to end the server: an ensemble that depends on a circle without being part
    /// of it, a metric tag whose key is no name, or a list of agents without any.
    pub(crate) fn may_end_the_server(&self) -> bool {
        let configs: BTreeMap<_, _> =
            self.configs().map(|(model, text)| (model, read_config(&Tree::parse(text.to_vec())).0)).collect();
        let is_name =
            |key: &str| !key.starts_with('_') && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let has_odd_tag = configs.values().any(|config| {
            config.metric_tags.entries().iter().any(|tag| tag.key.text().is_none_or(|key| !is_name(key)))
        });
        let has_no_agents = configs
            .values()
            .any(|config| config.model_repository_agents.written().is_some_and(|agents| agents.agents.is_empty()));
        let reachable: BTreeMap<_, _> = configs.keys().map(|model| (*model, reachable(&configs, model))).collect();
        has_odd_tag
            || has_no_agents
            || reachable.iter().any(|(model, others)| {
                !others.contains(model)
                    && others.iter().any(|other| reachable.get(other).is_some_and(|own| own.contains(other)))
            })
    }

    /// The same repository with that before the name of every model, wherever a config names it.
    pub(crate) fn with_prefix(&self, prefix: &str) -> Self {
        let models = self.models();
        let renamed = |text: &[u8]| {
            let tree = Tree::parse(text.to_vec());
            let mut names = Vec::new();
            names_of_models(tree.document(), &mut names);
            let mut text = text.to_vec();
            names.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
            for (span, _) in names.into_iter().filter(|(_, name)| models.contains(name)) {
                // The first byte is the quote.
                let at = span.start as usize + 1;
                text.splice(at..at, prefix.bytes());
            }
            text
        };
        let files = self.files.iter().map(|(path, bytes)| {
            let bytes = if path.ends_with("/config.pbtxt") { renamed(bytes) } else { bytes.clone() };
            (format!("{prefix}{path}"), bytes)
        });
        let links = self.links.iter().map(|link| format!("{prefix}{link}"));
        Self { files: files.collect(), links: links.collect() }
    }

    /// Writes it into a folder.
    pub(crate) fn write(&self, root: &Path) -> std::io::Result<()> {
        for (path, bytes) in &self.files {
            let target = root.join(path);
            if path.ends_with('/') {
                std::fs::create_dir_all(target)?;
            } else {
                std::fs::create_dir_all(target.parent().unwrap_or(root))?;
                std::fs::write(target, bytes)?;
            }
        }
        for link in &self.links {
            let target = root.join(link);
            std::fs::create_dir_all(target.parent().unwrap_or(root))?;
            std::os::unix::fs::symlink("nowhere", target)?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (path, bytes) in &self.files {
            if path.ends_with("/config.pbtxt") {
                writeln!(f, "--- {path}\n{}", String::from_utf8_lossy(bytes))?;
            } else {
                writeln!(f, "--- {path} ({} bytes)", bytes.len())?;
            }
        }
        self.links.iter().try_for_each(|link| writeln!(f, "--- {link} -> nowhere"))
    }
}

/// The settings under which we look at a repository that the server looks at too: all of it is there.
pub(crate) fn settings(mode: Mode) -> Settings {
    let mut settings = Settings::default();
    settings.repository.complete = Completeness::Yes;
    settings.server.version = Some(RELEASE);
    settings.server.gpus = Some(0);
    settings.server.backends = Some(backend::names().map(ToOwned::to_owned).collect());
    settings.server.rate_limit = Some(RateLimit::Off);
    settings.server.model_control_mode = Some(ModelControlMode::None);
    settings.server.auto_complete_config = mode == Mode::AutoComplete;
    without(settings, Share::None)
}

/// The same, with those rules only whose findings the core alone decides.
pub(crate) fn settings_of_core(mode: Mode) -> Settings {
    without(settings(mode), Share::Some)
}

/// The settings with the rules switched off of which the core decides no more than that.
fn without(mut settings: Settings, share: Share) -> Settings {
    static SHARES: LazyLock<Vec<(&str, Share)>> =
        LazyLock::new(|| tritonlint::rules::all().into_iter().map(|rule| (rule.name, share_of(rule))).collect());
    let off = SHARES.iter().filter(|(_, of_rule)| *of_rule <= share);
    settings.rules.extend(off.map(|(name, _)| ((*name).to_owned(), LevelSetting::Off)));
    settings
}

/// The models that the steps of an ensemble run, and theirs.
fn reachable<'c>(configs: &'c BTreeMap<&str, ModelConfig>, from: &str) -> BTreeSet<&'c str> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(model) = waiting.pop() {
        let Some(config) = configs.get(model) else { continue };
        let steps = config.ensemble_scheduling.written().into_iter().flat_map(|ensemble| ensemble.step.iter());
        for name in steps.filter_map(|step| step.model_name.text()) {
            if found.insert(name) {
                waiting.push(name);
            }
        }
    }
    found
}

/// Where a config names models, with the names.
fn names_of_models(message: Message<'_>, names: &mut Vec<(Span, String)>) {
    for field in message.fields() {
        let (FieldName::Plain(name), Some(value)) = (field.name(), field.value()) else { continue };
        match value {
            Value::Scalar(scalar) if name == "model_name" || (name == "name" && message.is_document()) => {
                if let tritonlint::syntax::ScalarKind::String(literal) = scalar.kind() {
                    names.push((scalar.span(), literal.text()));
                }
            }
            Value::Message(inner) if matches!(name, "ensemble_scheduling" | "step") => names_of_models(inner, names),
            Value::List(list) if name == "step" => {
                for item in list.items() {
                    if let Value::Message(inner) = item {
                        names_of_models(inner, names);
                    }
                }
            }
            _ => {}
        }
    }
}
