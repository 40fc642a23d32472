//! Files with the contents of a tensor of strings, as requests and warm-up samples have them.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::{Unreadable, placeholder};

/// How many strings a file holds, as the server counts them (core `InferenceRequest::ValidateBytesInputs`).
///
/// Each has its length before it, as four bytes in little-endian order. A last one may be shorter than it
/// says, which the server does not mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strings {
    /// The strings.
    pub count: u64,
    /// The bytes after the last one, which are too few for another length.
    pub rest: u64,
}

/// Counts the strings of a file.
///
/// # Errors
///
/// If it only stands for the real file, or holds more than a million strings.
pub fn read(file: impl Read + Seek) -> Result<Strings, Unreadable> {
    const MOST: u64 = 1_000_000;
    /// More than the pointers of Git LFS begin with.
    const HEAD: u64 = 128;
    let mut file = BufReader::new(file);
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    if let Some(pointer) = placeholder(&head, size).filter(|_| !head.is_empty()) {
        return Err(pointer);
    }
    file.rewind()?;
    let (mut count, mut at) = (0, 0);
    while let Some(after_length) = Some(at + 4).filter(|end| *end <= size) {
        if count == MOST {
            return Err(Unreadable::TooLarge(format!("it holds more than {MOST} strings")));
        }
        let mut length = [0; 4];
        file.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        count += 1;
        at = (after_length + u64::from(length)).min(size);
        file.seek_relative(i64::from(length))?;
    }
    Ok(Strings { count, rest: size - at })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{Strings, Unreadable, read};

    #[test]
    fn strings_are_counted_by_their_lengths() {
        let cases: [(&[u8], u64, u64); 7] = [
            (b"", 0, 0),
            (b"\x01\0\0\0a\x02\0\0\0bc", 2, 0),
            (b"\0\0\0\0\0\0\0\0", 2, 0),
            (b"\x01\0\0\0abc", 1, 2),
            (b"\x09\0\0\0abc", 1, 0),
            (b"\xff\xff\xff\xff", 1, 0),
            (b"abc", 0, 3),
        ];
        for (bytes, count, rest) in cases {
            assert_eq!(read(Cursor::new(bytes)), Ok(Strings { count, rest }), "{bytes:?}");
        }
    }

    #[test]
    fn no_more_are_counted_than_make_sense() {
        assert!(matches!(read(Cursor::new(vec![0; 4_000_004])), Err(Unreadable::TooLarge(_))));
        assert!(read(Cursor::new(vec![0; 4_000_000])).is_ok());
    }
}
