//! Writing fixed files: all of it or nothing.

use std::fs;
use std::io::{self, Write as _};

use atomic_write_file::AtomicWriteFile;

use crate::model::load::Problem;
use crate::model::{FileId, TextFile, Workspace};

/// Writes the files that differ. Those that cannot be written are left as they are and returned.
#[must_use]
pub fn write(before: &Workspace, after: &Workspace) -> Vec<(FileId, Problem)> {
    let pairs = before.files().zip(after.files());
    let changed = pairs.filter(|((_, old), (_, new))| old.bytes != new.bytes);
    changed.filter_map(|((id, old), (_, new))| Some((id, replace(old, new).err()?))).collect()
}

fn replace(old: &TextFile, new: &TextFile) -> Result<(), Problem> {
    let problem = |reason: String| Problem { path: old.path.to_path_buf(), reason, is_failure: true };
    let failure = |error: io::Error| problem(format!("not written: {error}"));
    // A symbolic link stays one; the file that it leads to is replaced.
    let target = fs::canonicalize(&old.path).map_err(failure)?;
    let current = fs::read(&target).map_err(failure)?;
    if *current == *new.bytes {
        // Two configs may be links to one file.
        return Ok(());
    }
    if *current != *old.bytes {
        return Err(problem("not written: the file was changed meanwhile".into()));
    }
    if fs::metadata(&target).map_err(failure)?.permissions().readonly() {
        return Err(problem("not written: the file is read-only".into()));
    }
    let mut file = AtomicWriteFile::open(&target).map_err(failure)?;
    file.write_all(&new.bytes).map_err(failure)?;
    file.commit().map_err(failure)
}
