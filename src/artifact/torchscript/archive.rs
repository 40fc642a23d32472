//! The members of a zip that the reader wants, fetched one at a time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ErrorKind, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator};

use crate::artifact::Unreadable;

/// A model with as many tensors as this is not served as one file.
const MOST_MEMBERS: u64 = 200_000;
/// The directory of a zip, in bytes; that of a model has some hundred bytes a tensor.
const LARGEST_DIRECTORY: u64 = 64 << 20;
/// Members to remember, and bytes of a name.
const MOST_WANTED: usize = 10_000;
const LONGEST_NAME: usize = 1024;
/// A zip ends in a record of 22 bytes and a comment of up to 64 KiB.
const END_OF_ZIP: u64 = 22 + 0xffff;
/// All members that are read together, in bytes after decompression.
const MOST_BYTES: u64 = 24 << 20;
const BUFFER: usize = 1 << 16;

/// A file for rawzip, which wants to read through a shared reference.
pub(super) struct Source<R>(RefCell<R>);

impl<R: Read + Seek> ReaderAt for Source<R> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
        let mut file = self.0.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }
}

struct Member {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
}

/// An open archive as `PyTorchStreamWriter` (`caffe2/serialize/inline_container.cc`) writes it: all members are in one folder.
pub(super) struct Archive<R> {
    zip: ZipArchive<Source<R>>,
    members: BTreeMap<String, Member>,
    bytes_left: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the directory of the zip, and remembers the members that `wanted` says yes to, by their names without the folder.
    pub(super) fn open(file: R, size: u64, wanted: impl Fn(&str) -> bool) -> Result<Self, Unreadable> {
        let mut buffer = vec![0; BUFFER];
        let zip = ZipLocator::new()
            .max_search_space(END_OF_ZIP)
            .locate_in_reader(Source(RefCell::new(file)), &mut buffer, size)
            .map_err(|(_, error)| unreadable(&error))?;
        let too_many = |count: u64| {
            Unreadable::TooLarge(format!("the archive has {count} members or more, over the limit of {MOST_MEMBERS}"))
        };
        if zip.entries_hint() > MOST_MEMBERS {
            return Err(too_many(zip.entries_hint()));
        }
        let directory = zip.eocd_offset().saturating_sub(zip.directory_offset());
        if directory > LARGEST_DIRECTORY {
            return Err(Unreadable::TooLarge(format!("the directory of the archive has {directory} bytes")));
        }
        let mut members = BTreeMap::new();
        let mut entries = zip.entries(&mut buffer);
        let mut count = 0;
        while let Some(entry) = entries.next_entry().map_err(|error| unreadable(&error))? {
            count += 1;
            if count > MOST_MEMBERS {
                return Err(too_many(count));
            }
            let path = entry.file_path();
            let Ok(path) = std::str::from_utf8(path.as_ref()) else { continue };
            let Some((_, name)) = path.split_once('/') else { continue };
            if wanted(name) && name.len() <= LONGEST_NAME {
                if members.len() == MOST_WANTED {
                    return Err(Unreadable::TooLarge(format!(
                        "the archive has more than {MOST_WANTED} members besides tensors"
                    )));
                }
                members
                    .insert(name.to_owned(), Member { place: entry.wayfinder(), method: entry.compression_method() });
            }
        }
        Ok(Self { zip, members, bytes_left: MOST_BYTES })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// The names of the members that were wanted, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The content of a member, which may have `limit` bytes at most.
    ///
    /// # Errors
    ///
    /// The archive has no such member, the member is damaged or compressed in another way than `DEFLATE`, or it is larger than
    /// the limit, whatever size it declares.
    pub(super) fn read(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let member = self
            .members
            .get(name)
            .ok_or_else(|| Unreadable::Malformed(format!("the archive has no member `{name}`")))?;
        let entry = self.zip.get_entry(member.place).map_err(|error| unreadable(&error))?;
        let limit = limit.min(self.bytes_left);
        let mut bytes = Vec::new();
        let stored = entry.reader();
        match member.method {
            CompressionMethod::STORE => stored.take(limit + 1).read_to_end(&mut bytes),
            CompressionMethod::DEFLATE => DeflateDecoder::new(stored).take(limit + 1).read_to_end(&mut bytes),
            method => {
                return Err(Unreadable::Malformed(format!("its member `{name}` is compressed with method {method}")));
            }
        }
        .map_err(|error| Unreadable::Malformed(format!("its member `{name}` cannot be decompressed ({error})")))?;
        let size = bytes.len() as u64;
        if size > limit {
            return Err(Unreadable::TooLarge(format!("its member `{name}` is larger than {limit} bytes")));
        }
        self.bytes_left -= size;
        Ok(bytes)
    }
}

fn unreadable(error: &rawzip::Error) -> Unreadable {
    match error.kind() {
        ErrorKind::MissingEndOfCentralDirectory => {
            Unreadable::Truncated("the directory at the end of the zip archive is missing".to_owned())
        }
        ErrorKind::Eof => Unreadable::Truncated("the zip archive is shorter than it declares".to_owned()),
        ErrorKind::IO(error) => Unreadable::Io(error.to_string()),
        kind => Unreadable::Malformed(format!("the zip archive cannot be read ({kind})")),
    }
}
