use std::collections::BTreeSet;
use std::path::Path;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unnamed-library",
    category: Category::Security,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("unnamed_library.md"),
    check,
};

/// What is in the model's folder comes before what is installed (core `backend_model.cc`,
/// `GetBackendLibraryProperties`), and a batching library is loaded without being named.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(backend) = model.resolution().backend() else { return };
    // Hardly any model has one, and the names to look for are many.
    let is_library = |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "so");
    if !model.listing().entries().iter().any(|entry| is_library(&entry.path)) {
        return;
    }
    // A back-end of one's own has its library there.
    let own = backend.descriptor().map(|known| format!("libtriton_{}.so", known.name));
    let names_batching = model.parameter("TRITON_BATCH_STRATEGY_PATH").is_some();
    let is_batched = model.config().dynamic_batching.written().is_some();
    let folders = model.versions().iter().map(|version| format!("{}/", version.canonical_folder()));
    for folder in folders.chain([String::new()]).collect::<BTreeSet<_>>() {
        if let Some(library) = &own {
            let path = format!("{folder}{library}");
            if model.listing().get(&path).is_some() {
                findings
                    .add_entry(&path, format!("`{library}` takes the place of the back-end that is installed"))
                    .note("the server looks in the model's folder first, and runs what it finds there")
                    .help("remove it, unless the model is to have a back-end of its own");
            }
        }
        let path = format!("{folder}batchstrategy.so");
        if is_batched && !names_batching && model.listing().get(&path).is_some() {
            findings
                .add_entry(&path, "the server loads `batchstrategy.so` without being told to")
                .note("it then decides which requests are batched, in place of the server")
                .help("name it in the parameter TRITON_BATCH_STRATEGY_PATH, or remove it");
        }
    }
}
