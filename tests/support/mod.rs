//! What several tests need.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod page;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rawzip::ZipArchiveWriter;
use tritonlint::model::Workspace;
use tritonlint::rules;

/// The root of the project.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of the material that lies beside the project on some machines; none elsewhere.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let path = project().join("../shared").join(folder);
    let found = path.is_dir().then_some(path);
    if found.is_none() {
        println!("skipped: no ../shared/{folder} here");
    }
    found
}

/// The objects of a file with one JSON object a line.
pub(crate) fn json_lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
}

/// Every real config of the corpus, with its manifest entry.
pub(crate) fn corpus() -> Vec<(PathBuf, serde_json::Value)> {
    let Some(root) = shared("corpus") else { return Vec::new() };
    let sets = ["dev", "dev-history"].map(|set| root.join(set));
    sets.iter()
        .flat_map(|set| {
            let entries = json_lines(&set.join("manifest.jsonl"));
            entries.into_iter().map(|entry| (set.join(entry["file"].as_str().expect("a path")), entry))
        })
        .collect()
}

/// A workspace of one model with that config.
pub(crate) fn workspace(config: &[u8]) -> Workspace {
    let mut workspace = Workspace::default();
    workspace.add_in_memory(Path::new("models"), [("my_model/config.pbtxt", config)]);
    workspace
}

/// A zip with these members, by their paths, uncompressed.
pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (path, content) in members {
        let (mut entry, config) = archive.new_file(*path).start().expect("a valid path");
        let mut writer = config.wrap(&mut entry);
        writer.write_all(content).expect("memory takes it");
        let (_, descriptor) = writer.finish().expect("memory takes it");
        entry.finish(descriptor).expect("memory takes it");
    }
    archive.finish().expect("memory takes it");
    bytes
}

/// The text of the only config of a workspace.
pub(crate) fn text(workspace: &Workspace) -> Vec<u8> {
    workspace.files().next().expect("a file").1.bytes.to_vec()
}

/// Configs to start from where there is no corpus, and small ones with a fault each beside it.
pub(crate) fn samples() -> &'static [Vec<u8>] {
    static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(read_samples);
    &SAMPLES
}

fn read_samples() -> Vec<Vec<u8>> {
    let own = rules::all().into_iter().flat_map(|rule| {
        let blocks = rule.page.split("```pbtxt\n").skip(1);
        blocks.filter_map(|block| block.split("```").next()).map(|block| block.as_bytes().to_vec())
    });
    own.chain(corpus().into_iter().map(|(file, _)| std::fs::read(file).expect("a file"))).collect()
}
