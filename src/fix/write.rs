//! Writing what was fixed to the disk: each file whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use atomic_write_file::AtomicWriteFile;

use super::{Change, Outcome};
use crate::diagnostic::FileChange;
use crate::model::load::{LARGEST_CONFIG, Problem, message, read_regular};
use crate::model::{FileId, TextFile, Workspace};

/// Writes what differs: which files there are first, then their texts. What cannot be written is left
/// as it is on the disk, taken back in the outcome, and returned.
pub fn write(before: &Workspace, outcome: &mut Outcome) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut failed = Vec::new();
    for (at, applied) in outcome.applied.iter().enumerate() {
        if let Change::Files(change) = &applied.change
            && let Err(error) = make(change)
        {
            problems.push(problem(change.result(), &format!("not made: {}", message(&error))));
            failed.push(at);
        }
    }
    for at in failed.into_iter().rev() {
        let undone = outcome.applied.remove(at);
        if let Change::Files(change) = undone.change {
            outcome.workspace.undo(&change);
        }
    }
    for (file, problem) in write_texts(before, &outcome.workspace) {
        outcome.take_back_text(before, file);
        problems.push(problem);
    }
    problems
}

fn write_texts(before: &Workspace, after: &Workspace) -> Vec<(FileId, Problem)> {
    let pairs = before.files().zip(after.files());
    let changed = pairs.filter(|((_, old), (_, new))| old.bytes != new.bytes);
    changed
        .filter_map(|((id, old), (_, new))| {
            let reason = replace(&old.bytes, new).err()?;
            Some((id, problem(&new.path, &format!("not written: {reason}"))))
        })
        .collect()
}

fn problem(path: &Path, reason: &str) -> Problem {
    Problem { path: path.to_path_buf(), reason: reason.to_owned(), is_failure: true }
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error("the file was changed meanwhile")]
    Changed,
    #[error("the file is read-only")]
    ReadOnly,
    #[error("it belongs to somebody else, and would be yours afterwards")]
    Owner,
    #[error("it has {0} hard links, of which only this one would be fixed; make it a file of its own")]
    HardLinks(u64),
    #[error("its attribute {name} cannot be kept: {}", message(.error))]
    Attribute { name: String, error: io::Error },
    #[error("{}", message(.0))]
    Failed(#[from] io::Error),
}

/// Puts the new text in the place of the old one by renaming a file that holds all of it: whoever reads,
/// and whatever ends this program, there is always the one or the other. Permissions, access lists and owner stay.
/// A file with other hard links is left alone: written as such it would be half of either for a moment, and
/// replaced it would part from the others.
fn replace(old: &[u8], new: &TextFile) -> Result<(), NotWritten> {
    // A symbolic link stays one; the file that it leads to is replaced.
    let target = fs::canonicalize(&new.path)?;
    let current = read_regular(&target, LARGEST_CONFIG, "a config")?;
    if *current == *new.bytes {
        // Two configs may be links to one file.
        return Ok(());
    }
    if current != old {
        return Err(NotWritten::Changed);
    }
    let metadata = fs::metadata(&target)?;
    if metadata.permissions().readonly() {
        return Err(NotWritten::ReadOnly);
    }
    if let links @ 2.. = hard_links(&metadata) {
        return Err(NotWritten::HardLinks(links));
    }
    let mut file = AtomicWriteFile::open(&target)?;
    if !have_same_owner(&metadata, &file.metadata()?) {
        return Err(NotWritten::Owner);
    }
    file.write_all(&new.bytes)?;
    keep_attributes(&target, file.as_file())?;
    // A full disk may come to light only now.
    file.sync_all()?;
    if read_regular(&target, LARGEST_CONFIG, "a config")? != old {
        return Err(NotWritten::Changed);
    }
    Ok(file.commit()?)
}

#[cfg(unix)]
fn have_same_owner(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.uid(), one.gid()) == (other.uid(), other.gid())
}

#[cfg(not(unix))]
fn have_same_owner(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
fn hard_links(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.nlink()
}

#[cfg(not(unix))]
fn hard_links(_: &fs::Metadata) -> u64 {
    1
}

/// Gives a new file the extended attributes of an old one, of which access control lists are some.
#[cfg(unix)]
fn keep_attributes(old: &Path, new: &fs::File) -> Result<(), NotWritten> {
    use xattr::FileExt as _;
    let names = match xattr::list(old) {
        Ok(names) => names,
        // The file system has none.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for name in names {
        let kept = || {
            let value = xattr::get(old, &name)?;
            if let Some(value) = value.filter(|value| new.get_xattr(&name).ok().flatten().as_ref() != Some(value)) {
                new.set_xattr(&name, &value)?;
            }
            Ok(())
        };
        kept().map_err(|error| NotWritten::Attribute { name: name.to_string_lossy().into_owned(), error })?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_attributes(_: &Path, _: &fs::File) -> Result<(), NotWritten> {
    Ok(())
}

/// Renames or creates; never in the place of something that is there.
fn make(change: &FileChange) -> io::Result<()> {
    match change {
        FileChange::Rename { from, to } => {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            rename_to_nothing(from, to)
        }
        FileChange::Create(path) => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::File::create_new(path).map(drop)
        }
    }
}

/// Renames unless something has the new name. Where the system can, it looks and renames in one step.
fn rename_to_nothing(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Not every file system can.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
            result => return result.map_err(io::Error::from),
        }
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}
