//! What several tests need.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::{Path, PathBuf};

/// The root of the project.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of the material that lies beside the project on some machines; none elsewhere.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = project().join("../shared").join(folder);
    let found = path.is_dir().then_some(path);
    if found.is_none() {
        println!("skipped: no ../shared/{folder} here");
    }
    found
}

/// The objects of a file with one JSON object a line.
pub fn json_lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
}

/// Every real config of the corpus, with its manifest entry.
pub fn corpus() -> Vec<(PathBuf, serde_json::Value)> {
    let Some(root) = shared("corpus") else { return Vec::new() };
    let sets = ["dev", "dev-history"].map(|set| root.join(set));
    sets.iter()
        .flat_map(|set| {
            let entries = json_lines(&set.join("manifest.jsonl"));
            entries.into_iter().map(|entry| (set.join(entry["file"].as_str().expect("a path")), entry))
        })
        .collect()
}
