//! Protobuf's wire format, read from a file of which only the fields that are asked for are fetched.

use std::io::{Read, Seek, SeekFrom};

use prost::DecodeError;
use prost::encoding::{WireType, decode_key, decode_varint};

use super::Unreadable;

/// As many bytes as are fetched at once. Few, since between two fields there are often gigabytes of weights.
const WINDOW: usize = 8 * 1024;

/// The bytes of the longest integer.
const LONGEST_VARINT: u64 = 10;

/// As deep as the C++ parser goes; it refuses what is deeper (`CodedInputStream`'s recursion limit).
const DEPTH: usize = 100;

/// What is done at most for one file, counted in fields.
const WORK: u64 = 8_000_000;

/// What it costs to fetch a window, counted in fields.
const FETCH: u64 = 64;

/// What it costs to keep the bytes of a field, counted in fields.
const KEEP: u64 = 8;

/// The value of a field, as far as the wire tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// An integer, a boolean or an enum value.
    Varint(u64),
    /// Four or eight bytes.
    Fixed,
    /// A string, a message or packed numbers, in that many bytes, which come next.
    Bytes(u64),
}

/// A place in a file of fields.
pub(super) struct Wire<R> {
    source: R,
    /// The bytes of the whole file.
    size: u64,
    /// Where the source is.
    source_at: u64,
    /// A part of the file.
    window: Vec<u8>,
    /// Where in the file the window begins.
    start: u64,
    /// Where in the window the next byte is.
    at: usize,
    /// The messages around the next field.
    depth: usize,
    /// What may still be done.
    work: u64,
}

impl<R: Read + Seek> Wire<R> {
    /// Begins at the first byte of a file.
    pub(super) fn new(mut source: R) -> Result<Self, Unreadable> {
        let size = source.seek(SeekFrom::End(0))?;
        let window = Vec::with_capacity(WINDOW);
        Ok(Self { source, size, source_at: size, window, start: 0, at: 0, depth: 0, work: WORK })
    }

    /// The bytes of the whole file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The next bytes, as many as are fetched at once, without going past them.
    pub(super) fn peek(&mut self) -> Result<&[u8], Unreadable> {
        self.fetch(WINDOW)?;
        Ok(&self.window[self.at..])
    }

    /// Has the fields of the next `length` bytes visited. A visitor need not read the bytes of a field.
    pub(super) fn message(
        &mut self,
        length: u64,
        mut visit: impl FnMut(&mut Self, u32, Value) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let end = self.position() + length;
        self.depth += 1;
        // The groups around a field: nothing has had them for long, but the server's parser skips them.
        let mut groups = Vec::new();
        while self.position() < end {
            if self.depth + groups.len() > DEPTH {
                return Err(Unreadable::Malformed(format!("its messages are more than {DEPTH} deep")));
            }
            self.spend(1)?;
            let (number, wire_type) = self.decode(end, |bytes| decode_key(bytes))?;
            let value = match wire_type {
                WireType::Varint => Value::Varint(self.varint(end)?),
                WireType::SixtyFourBit => self.fixed(8, end)?,
                WireType::ThirtyTwoBit => self.fixed(4, end)?,
                WireType::LengthDelimited => Value::Bytes(self.length(end)?),
                WireType::StartGroup => {
                    groups.push(number);
                    continue;
                }
                WireType::EndGroup if groups.pop() == Some(number) => continue,
                WireType::EndGroup => return Err(Unreadable::Malformed("a group ends that never began".to_owned())),
            };
            let next = match value {
                Value::Bytes(length) => self.position() + length,
                Value::Varint(_) | Value::Fixed => self.position(),
            };
            if groups.is_empty() {
                visit(self, number, value)?;
            }
            self.go_to(next);
        }
        if !groups.is_empty() {
            return Err(self.broken(end, "a group does not end"));
        }
        self.depth -= 1;
        Ok(())
    }

    /// The next `length` bytes; none if they are more than `limit`.
    pub(super) fn bytes(&mut self, length: u64, limit: usize) -> Result<Option<Vec<u8>>, Unreadable> {
        let Some(length) = usize::try_from(length).ok().filter(|&length| length <= limit) else { return Ok(None) };
        self.spend(KEEP)?;
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            self.fetch((length - bytes.len()).min(WINDOW))?;
            let there = &self.window[self.at..];
            let part = &there[..there.len().min(length - bytes.len())];
            if part.is_empty() {
                return Err(Unreadable::Truncated("it became shorter while it was read".to_owned()));
            }
            bytes.extend_from_slice(part);
            self.at += part.len();
        }
        Ok(Some(bytes))
    }

    fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    fn varint(&mut self, end: u64) -> Result<u64, Unreadable> {
        self.decode(end, |bytes| decode_varint(bytes))
    }

    fn length(&mut self, end: u64) -> Result<u64, Unreadable> {
        let length = self.varint(end)?;
        if length > end - self.position() {
            return Err(self.broken(end, "a field is longer than what it is in"));
        }
        Ok(length)
    }

    fn fixed(&mut self, length: u64, end: u64) -> Result<Value, Unreadable> {
        if length > end - self.position() {
            return Err(self.broken(end, "a number does not end"));
        }
        self.go_to(self.position() + length);
        Ok(Value::Fixed)
    }

    /// Decodes something that is no longer than an integer.
    fn decode<T>(&mut self, end: u64, decode: impl Fn(&mut &[u8]) -> Result<T, DecodeError>) -> Result<T, Unreadable> {
        // At most ten bytes: it fits.
        #[allow(clippy::cast_possible_truncation)]
        let longest = (end - self.position()).min(LONGEST_VARINT) as usize;
        self.fetch(longest)?;
        let there = &self.window[self.at..];
        let mut bytes = &there[..there.len().min(longest)];
        let before = bytes.len();
        let Ok(decoded) = decode(&mut bytes) else { return Err(self.broken(end, "a field is none")) };
        self.at += before - bytes.len();
        Ok(decoded)
    }

    fn go_to(&mut self, position: u64) {
        match usize::try_from(position - self.start) {
            Ok(at) if at <= self.window.len() => self.at = at,
            _ => {
                self.window.clear();
                self.start = position;
                self.at = 0;
            }
        }
    }

    /// Sees to it that the window has the next `wanted` bytes, unless the file ends before.
    fn fetch(&mut self, wanted: usize) -> Result<(), Unreadable> {
        if self.window.len() - self.at >= wanted {
            return Ok(());
        }
        self.window.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let end = self.start + self.window.len() as u64;
        if end >= self.size {
            return Ok(());
        }
        self.spend(FETCH)?;
        if self.source_at != end {
            self.source.seek(SeekFrom::Start(end))?;
        }
        let missing = (WINDOW - self.window.len()) as u64;
        let read = self.source.by_ref().take(missing).read_to_end(&mut self.window)?;
        self.source_at = end + read as u64;
        Ok(())
    }

    fn spend(&mut self, work: u64) -> Result<(), Unreadable> {
        self.work = self
            .work
            .checked_sub(work)
            .ok_or_else(|| Unreadable::TooLarge("its graph has millions of parts".to_owned()))?;
        Ok(())
    }

    /// What is wrong where something should have ended at `end`: a part that is too long for the file itself
    /// tells that the rest of the file is missing.
    fn broken(&self, end: u64, what: &str) -> Unreadable {
        if end == self.size {
            Unreadable::Truncated(format!("{what}, and the file ends"))
        } else {
            Unreadable::Malformed(what.to_owned())
        }
    }
}
