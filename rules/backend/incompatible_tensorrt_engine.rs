use crate::artifact::Artifact;
use crate::artifact::tensorrt::Version;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model, ModelFile};
use crate::rule::{Category, Level, Rule};
use crate::schema::Release;

pub(super) static RULE: Rule = Rule {
    name: "incompatible-tensorrt-engine",
    category: Category::Backend,
    backends: &["tensorrt"],
    level: Level::Warning,
    fix: None,
    page: include_str!("incompatible_tensorrt_engine.md"),
    check,
};

/// The first release of the server with TensorRT 10; before, it was 8.
const WITH_10: Release = Release::constant("24.05");

/// TensorRT compares the version in an engine with its own (`IRuntime::deserializeCudaEngine`). Also one that was built to
/// be compatible with others runs within one major version only.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::TensorRt)
        || !model.config().cc_model_filenames.entries().is_empty()
    {
        return;
    }
    let mut newest: Option<(&ModelFile, Version)> = None;
    for (file, version) in engines(model) {
        let server = model.server().version;
        if let Some(release) = server.filter(|release| (*release >= WITH_10) != (version.major >= 10)) {
            let brings = if release >= WITH_10 { "10 or later" } else { "8 or earlier" };
            findings
                .add_entry(
                    &file.path,
                    format!(
                        "the engine is built by TensorRT {version}, and the server of release {release} has {brings}"
                    ),
                )
                .note("an engine runs with the version of TensorRT that built it, and never with another major version")
                .help("build the engine again with the container of the server's release");
            continue;
        }
        match newest {
            Some((other, others)) if others != version => {
                findings
                    .add_entry(
                        &file.path,
                        format!("the engine is built by TensorRT {version}, and that in `{}` by {others}", other.path),
                    )
                    .note("a server has one version of TensorRT, and an engine runs with the version that built it, unless it was built to be compatible with others")
                    .help("build both with the container of the server's release");
            }
            Some(_) => {}
            None => newest = Some((file, version)),
        }
    }
}

/// The engines that say by what they were built, the newest version of the model first.
fn engines(model: Model<'_>) -> impl Iterator<Item = (&ModelFile, Version)> {
    let mut engines: Vec<_> = (model.model_files().iter())
        .filter_map(|file| match file.artifact()? {
            Artifact::TensorRt(engine) => Some((file, engine.version?)),
            _ => None,
        })
        .collect();
    engines.sort_by_key(|(file, _)| std::cmp::Reverse(file.version));
    engines.into_iter()
}
