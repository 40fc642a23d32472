//! What the header of a TensorRT engine says.

use std::fmt;
use std::io::Read;

use super::{Unreadable, placeholder, signature};

/// A TensorRT engine (a plan).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// The version of TensorRT that built it; none if the header is of a kind that does not say. An engine
    /// runs only with the version that built it, unless it was built to be compatible with others.
    pub version: Option<Version>,
}

/// A version of TensorRT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u8,
    /// The second number.
    pub minor: u8,
    /// The third number.
    pub patch: u8,
    /// The fourth number.
    pub build: u8,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.major, self.minor, self.patch, self.build)
    }
}

/// How an engine begins (`trtexec --getPlanVersionOnly` looks for it).
const TAG: &[u8] = b"ftrt";

/// Reads the header of an engine.
///
/// The tag is followed by the version of the serialization. For the only one whose header is public, 0, the version
/// of TensorRT is in the bytes from the 24th on (TensorRT's `sampleEngines.cpp`, `printPlanVersion`).
///
/// # Errors
///
/// If the file only stands for an engine, or begins like something else.
pub fn read(file: impl Read) -> Result<Engine, Unreadable> {
    /// More than the header, and than a Git LFS pointer.
    const HEAD: u64 = 2048;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    if let Some(placeholder) = placeholder(&head, head.len() as u64) {
        return Err(placeholder);
    }
    if !head.starts_with(TAG) {
        // Engines of versions before the tag begin in other ways.
        let kind = signature::kind(&head).map(|kind| Unreadable::Other(kind.to_owned()));
        return kind.map_or(Ok(Engine { version: None }), Err);
    }
    match (head.get(4..8), head.get(24..28)) {
        (Some([0, 0, 0, 0]), Some(&[major, minor, patch, build])) => {
            Ok(Engine { version: Some(Version { major, minor, patch, build }) })
        }
        (_, None) => Err(Unreadable::Truncated("it ends in its header".to_owned())),
        _ => Ok(Engine { version: None }),
    }
}
