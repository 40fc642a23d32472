//! A folder on the disk.
//!
//! On Linux it stays open, and what lies in it is found from there: that takes half as long as by the whole way to
//! it, which is most of what it costs to look at a repository.

pub(super) use self::system::Folder;

/// What a folder says of one of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File,
    /// A symbolic link, whatever it leads to, or something that may be one.
    Link,
    /// A socket, pipe or device.
    Other,
}

#[cfg(target_os = "linux")]
mod system {
    use std::ffi::OsStr;
    use std::fs::File;
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, openat, statat};

    use super::super::UNBLOCKED;
    use super::Kind;
    use crate::model::workspace::EntryKind;

    /// A folder that can be looked into.
    pub(in super::super) struct Folder(OwnedFd);

    const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

    impl Folder {
        pub(in super::super) fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(openat(CWD, path, FLAGS, Mode::empty())?))
        }

        /// A folder in it, or one that a link in it leads to.
        pub(in super::super) fn enter(&self, name: &OsStr) -> io::Result<Self> {
            Ok(Self(openat(&self.0, name, FLAGS, Mode::empty())?))
        }

        /// Hands on the name of each entry with what it is, in no order. What ends that early is the error. Where
        /// it got to stays with the folder, so that it can be done once.
        pub(in super::super) fn for_each(&self, mut take: impl FnMut(&OsStr, Kind)) -> io::Result<()> {
            // Enough for most folders at once.
            let mut buffer = [MaybeUninit::uninit(); 8 << 10];
            let mut entries = RawDir::new(&self.0, &mut buffer);
            while let Some(entry) = entries.next() {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if !matches!(name, b"." | b"..") {
                    let name = OsStr::from_bytes(name);
                    take(name, self.kind_as_listed(name, entry.file_type()));
                }
            }
            Ok(())
        }

        fn kind_as_listed(&self, name: &OsStr, listed: FileType) -> Kind {
            match listed {
                FileType::Directory => Kind::Folder,
                FileType::RegularFile => Kind::File,
                FileType::Symlink => Kind::Link,
                // Some file systems do not say.
                FileType::Unknown => match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Unknown => Kind::Other,
                    Ok(stat) => self.kind_as_listed(name, FileType::from_raw_mode(stat.st_mode)),
                    // Whoever looks where it leads to is told why that cannot be seen.
                    Err(_) => Kind::Link,
                },
                _ => Kind::Other,
            }
        }

        /// What is there at a path in it; where that is a link, what it leads to.
        pub(in super::super) fn kind_of(&self, inside: &Path) -> io::Result<EntryKind> {
            let stat = statat(&self.0, inside, AtFlags::empty())?;
            Ok(match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => EntryKind::Folder,
                FileType::RegularFile => EntryKind::File(u64::try_from(stat.st_size).ok()),
                _ => EntryKind::Other,
            })
        }

        /// Whether there is anything at a path in it, were it a link that leads nowhere.
        pub(in super::super) fn has(&self, inside: &Path) -> bool {
            statat(&self.0, inside, AtFlags::SYMLINK_NOFOLLOW).is_ok()
        }

        /// Opens a file at a path in it, and does not wait for the other end of a pipe, should it be one.
        pub(in super::super) fn open_file(&self, inside: &Path) -> io::Result<File> {
            Ok(openat(&self.0, inside, UNBLOCKED, Mode::empty())?.into())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::ffi::OsStr;
    use std::fs::{self, File};
    use std::io;
    use std::path::{Path, PathBuf};

    use super::super::open_at_once;
    use super::Kind;
    use crate::model::workspace::EntryKind;

    /// A folder that can be looked into; what it can do is told above.
    pub(in super::super) struct Folder(PathBuf);

    impl Folder {
        pub(in super::super) fn open(path: &Path) -> io::Result<Self> {
            let is_folder = fs::metadata(path)?.is_dir();
            if is_folder { Ok(Self(path.to_owned())) } else { Err(io::ErrorKind::NotADirectory.into()) }
        }

        pub(in super::super) fn enter(&self, name: &OsStr) -> io::Result<Self> {
            Self::open(&self.0.join(name))
        }

        pub(in super::super) fn for_each(&self, mut take: impl FnMut(&OsStr, Kind)) -> io::Result<()> {
            for entry in fs::read_dir(&self.0)? {
                let entry = entry?;
                let kind = match entry.file_type() {
                    Ok(kind) if kind.is_dir() => Kind::Folder,
                    Ok(kind) if kind.is_file() => Kind::File,
                    Ok(kind) if !kind.is_symlink() => Kind::Other,
                    // Whoever looks where it leads to is told why that cannot be seen.
                    _ => Kind::Link,
                };
                take(&entry.file_name(), kind);
            }
            Ok(())
        }

        pub(in super::super) fn kind_of(&self, inside: &Path) -> io::Result<EntryKind> {
            let metadata = fs::metadata(self.0.join(inside))?;
            Ok(match metadata {
                metadata if metadata.is_dir() => EntryKind::Folder,
                metadata if metadata.is_file() => EntryKind::File(Some(metadata.len())),
                _ => EntryKind::Other,
            })
        }

        pub(in super::super) fn has(&self, inside: &Path) -> bool {
            self.0.join(inside).symlink_metadata().is_ok()
        }

        pub(in super::super) fn open_file(&self, inside: &Path) -> io::Result<File> {
            open_at_once(&self.0.join(inside))
        }
    }
}
