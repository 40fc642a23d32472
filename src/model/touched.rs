//! Reporting only on what changed: models that were touched, and the ensembles that use them.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::workspace::{ModelDirectory, Repository, Workspace};
use crate::schema::read_config;
use crate::syntax::Tree;

/// Leaves findings out but for models in which one of these files lies, and ensembles that use such a
/// model, directly or through others. The files need not be there any more; a folder stands for all in it. All paths
/// are absolute and without links, as `absolute` makes them of the workspace's.
pub fn report_touched(workspace: &mut Workspace, files: &[PathBuf], absolute: impl Fn(&Path) -> PathBuf) {
    let mut silent = Vec::new();
    for repository in &workspace.repositories {
        let touched = touched_in(workspace, repository, files, &absolute);
        let is_touched = |model: &ModelDirectory| match &model.name {
            Some(name) => touched.contains(name),
            None => files.contains(&absolute(&model.path)),
        };
        silent.push(repository.models.iter().map(|model| !is_touched(model)).collect::<Vec<_>>());
    }
    let mut configs = Vec::new();
    for (repository, silent) in workspace.repositories.iter_mut().zip(silent) {
        for (model, _) in repository.models.iter_mut().zip(silent).filter(|(_, is_silent)| *is_silent) {
            model.is_reported = false;
            configs.extend(model.configs());
        }
    }
    for config in configs {
        workspace.leave_unreported(config);
    }
}

/// The names of the models of a repository that were touched or use one that was.
fn touched_in(
    workspace: &Workspace,
    repository: &Repository,
    files: &[PathBuf],
    absolute: impl Fn(&Path) -> PathBuf,
) -> BTreeSet<String> {
    let root = absolute(&repository.root);
    let inside = files.iter().filter_map(|file| file.strip_prefix(&root).ok());
    let mut touched: BTreeSet<String> =
        inside.filter_map(|file| file.iter().next()?.to_str().map(str::to_owned)).collect();
    // A model may be a link to a folder elsewhere.
    let files: BTreeSet<&Path> = files.iter().map(PathBuf::as_path).collect();
    let is_touched = |model: &&ModelDirectory| {
        let folder = absolute(&model.path);
        // A submodule is touched as a whole.
        folder.ancestors().any(|outer| files.contains(outer)) || has_any_below(&files, &folder)
    };
    touched.extend(repository.models.iter().filter(is_touched).filter_map(|model| model.name.clone()));
    let mut users: HashMap<String, Vec<&str>> = HashMap::new();
    for (name, model) in repository.models.iter().filter_map(|model| Some((model.name.as_deref()?, model))) {
        for step in step_models(workspace, model) {
            users.entry(step).or_default().push(name);
        }
    }
    let mut pending: Vec<String> = touched.iter().cloned().collect();
    while let Some(model) = pending.pop() {
        let users = users.get(&model).into_iter().flatten().map(|user| (*user).to_owned());
        pending.extend(users.filter(|user| touched.insert(user.clone())));
    }
    touched
}

/// Whether one of these paths is that of a folder, or lies in it.
pub(crate) fn has_any_below(paths: &BTreeSet<&Path>, folder: &Path) -> bool {
    paths.range(folder..).next().is_some_and(|path| path.starts_with(folder))
}

/// The models that the steps of an ensemble run.
fn step_models(workspace: &Workspace, model: &ModelDirectory) -> BTreeSet<String> {
    model
        .configs()
        .flat_map(|config| {
            let (config, _) = read_config(&Tree::parse(workspace.file(config).bytes.to_vec()));
            let ensemble = config.ensemble_scheduling.written().map(|written| &written.value);
            let steps = ensemble.into_iter().flat_map(|ensemble| ensemble.step.iter());
            steps.filter_map(|step| step.value.model_name.text().map(str::to_owned)).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::Workspace;
    use super::report_touched;

    #[test]
    fn ensembles_are_touched_with_their_models() {
        let ensemble =
            |step: &str| format!("platform: 'ensemble' ensemble_scheduling {{ step {{ model_name: '{step}' }} }}");
        let (inner, outer) = (ensemble("gone"), ensemble("inner"));
        let mut workspace = Workspace::default();
        workspace.add_in_memory(
            Path::new("/models"),
            [
                ("inner/config.pbtxt", inner.as_bytes()),
                ("outer/config.pbtxt", outer.as_bytes()),
                ("alone/config.pbtxt", b"backend: 'python'"),
                ("changed/config.pbtxt", b"backend: 'python'"),
            ],
        );
        let files = ["/models/gone/1/model.py", "/models/changed/1/model.py", "/elsewhere/alone/x"];
        report_touched(&mut workspace, &files.map(PathBuf::from), Path::to_owned);
        let models = &workspace.repositories[0].models;
        let reported: Vec<_> =
            models.iter().filter(|model| model.is_reported).filter_map(|model| model.name.as_deref()).collect();
        assert_eq!(reported, ["changed", "inner", "outer"]);
        assert_eq!(workspace.files().filter(|(_, file)| file.is_reported).count(), 3);
    }
}
