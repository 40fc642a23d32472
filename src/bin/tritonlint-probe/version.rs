//! Which libtorch this process runs, which need not be the one that it was built with.

use std::path::Path;

/// The release, as the files around the library say.
pub(crate) fn libtorch() -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let paths = maps.lines().filter_map(|line| Some(&line[line.find('/')?..]));
    let library = paths.map(Path::new).find(|path| path.ends_with("libtorch_cpu.so"));
    library.and_then(beside).unwrap_or_else(|| "unknown".to_owned())
}

/// The version in the files of an archive or wheel whose library that is.
fn beside(library: &Path) -> Option<String> {
    let root = library.parent()?.parent()?;
    if let Ok(version) = std::fs::read_to_string(root.join("build-version")) {
        return Some(version.trim().to_owned());
    }
    let text = std::fs::read_to_string(root.join("version.py")).ok()?;
    let version = text.lines().find_map(|line| line.strip_prefix("__version__ = "))?;
    Some(version.trim_matches(['\'', '"']).to_owned())
}
