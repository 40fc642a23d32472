//! What fixes change, as a patch in git's format, which `git apply` and `patch -p1` take.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};

use crate::diagnostic::FileChange;
use crate::fix::{Change, Outcome};
use crate::model::Workspace;
use crate::model::load::files_below;

/// The patch that does what fixing did.
#[must_use]
pub fn diff(before: &Workspace, outcome: &Outcome) -> Vec<u8> {
    let mut patch = Vec::new();
    let file_changes = outcome.applied.iter().filter_map(|applied| match &applied.change {
        Change::Files(change) => Some(change),
        Change::Text(_) => None,
    });
    let contents = || before.files().map(|(_, file)| file).zip(outcome.workspace.files().map(|(_, file)| file));
    for change in file_changes {
        match change {
            // A config that is renamed may be edited too.
            FileChange::Rename { from, .. }
                if contents().any(|(old, new)| *old.path == **from && old.path != new.path) => {}
            FileChange::Rename { from, to } => {
                for file in files_below(from) {
                    let inside = file.strip_prefix(from).unwrap_or(Path::new(""));
                    let to = if inside.as_os_str().is_empty() { to.clone() } else { to.join(inside) };
                    patch.extend(renaming(&file, &to, 100).into_bytes());
                }
            }
            FileChange::Create(made) => {
                let (old, new) = (quoted("a", made), quoted("b", made));
                let header = format!("diff --git {old} {new}\nnew file mode 100644\nindex 0000000..e69de29\n");
                patch.extend(header.into_bytes());
            }
        }
    }
    let here = std::env::current_dir().and_then(fs::canonicalize).ok();
    let mut linked = BTreeSet::new();
    for (old, new) in contents().filter(|(old, new)| old.bytes != new.bytes || old.path != new.path) {
        let (from, to) = if old.path == new.path {
            let target = without_links(&old.path, here.as_deref());
            // Several configs may be links to one file.
            if *target != *old.path && !linked.insert(target.clone()) {
                continue;
            }
            (target.clone(), target)
        } else {
            (old.path.to_path_buf(), new.path.to_path_buf())
        };
        let header = if from == to {
            format!("diff --git {} {}\n", quoted("a", &from), quoted("b", &to))
        } else {
            // Both tools go by the names; the likeness is for people.
            renaming(&from, &to, if old.bytes == new.bytes { 100 } else { 90 })
        };
        patch.extend(header.into_bytes());
        if old.bytes != new.bytes {
            let (from, to) = (quoted("a", &from), quoted("b", &to));
            patch.extend(format!("--- {}\n+++ {}\n", ended(from), ended(to)).into_bytes());
            patch.extend(hunks(&old.bytes, &new.bytes));
        }
    }
    patch
}

/// The path below a folder without links, through which neither tool writes; the path itself where they lead out of that.
fn without_links(path: &Path, folder: Option<&Path>) -> PathBuf {
    let target = fs::canonicalize(path).ok();
    let inside = target.as_deref().zip(folder).and_then(|(target, folder)| target.strip_prefix(folder).ok());
    inside.unwrap_or(path).to_owned()
}

/// What differs, byte by byte: a line ends with a line feed only, and need not be UTF-8.
fn hunks(old: &[u8], new: &[u8]) -> Vec<u8> {
    let lines_of = |text| <[u8]>::split_inclusive(text, |byte| *byte == b'\n').collect::<Vec<&[u8]>>();
    let (old, new) = (lines_of(old), lines_of(new));
    let diff = similar::TextDiff::configure().diff_slices(&old, &new);
    let mut text = Vec::new();
    for hunk in diff.unified_diff().iter_hunks() {
        text.extend(format!("{}\n", hunk.header()).into_bytes());
        for change in hunk.iter_changes() {
            text.extend(change.tag().to_string().into_bytes());
            text.extend_from_slice(change.value());
            if !change.value().ends_with(b"\n") {
                text.extend_from_slice(b"\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// A patch for people, in the colours that git gives it.
#[must_use]
pub fn coloured(patch: &str) -> String {
    let mut text = String::with_capacity(patch.len() * 2);
    for line in patch.lines() {
        let style = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'd', b'i', b'f', b'f', ..] => Style::new().bold(),
            [b'+', ..] => AnsiColor::Green.on_default(),
            [b'-', ..] => AnsiColor::Red.on_default(),
            [b'@', ..] => AnsiColor::Cyan.on_default(),
            _ => Style::new(),
        };
        let _ = writeln!(text, "{style}{line}{style:#}");
    }
    text
}

fn renaming(from: &Path, to: &Path, likeness: u8) -> String {
    let mut header = format!("diff --git {} {}\nsimilarity index {likeness}%\n", quoted("a", from), quoted("b", to));
    let _ = write!(header, "rename from {}\nrename to {}\n", bare(from), bare(to));
    header
}

/// A tab ends a name with blanks in it.
fn ended(name: String) -> String {
    if name.contains(' ') && !name.starts_with('"') { name + "\t" } else { name }
}

/// A path below the folder that the patch calls `a` or `b`.
fn quoted(folder: &str, path: &Path) -> String {
    bare(&PathBuf::from(format!("{folder}/")).join(path.strip_prefix("/").unwrap_or(path)))
}

/// A path as git writes it: in quotes, with escapes, if it holds what would confuse a reader.
fn bare(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if bytes.iter().all(is_plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut name = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' => name.push_str("\\\""),
            b'\\' => name.push_str("\\\\"),
            b'\n' => name.push_str("\\n"),
            b'\t' => name.push_str("\\t"),
            b'\r' => name.push_str("\\r"),
            byte if is_plain(byte) => name.push(char::from(*byte)),
            byte => {
                let _ = write!(name, "\\{byte:03o}");
            }
        }
    }
    name.push('"');
    name
}
