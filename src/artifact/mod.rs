//! What model files say of themselves, read as data: nothing in them is ever executed.
//!
//! A reader takes anything that reads and seeks, so that it fetches only the parts it wants of a file of
//! gigabytes. It spends bounded time and memory whatever the file declares.

pub mod torchscript;

/// Why a model file does not say anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It has no bytes: a placeholder for the real file.
    #[error("the file is empty")]
    Empty,
    /// It is what Git LFS puts where a large file will be.
    #[error("the file is a Git LFS pointer; the model itself was not fetched")]
    LfsPointer,
    /// It begins like what it should be, and ends before it should.
    #[error("the file is cut off: {0}")]
    Truncated(String),
    /// It begins like what it should be, and then breaks its format.
    #[error("the file is damaged: {0}")]
    Malformed(String),
    /// It is something else; what, in words.
    #[error("the file is {0}")]
    Other(String),
    /// It declares more than a reader will look at.
    #[error("the file is not read: {0}")]
    TooLarge(String),
    /// The system does not hand it out.
    #[error("{0}")]
    Io(String),
}

impl Unreadable {
    /// Whether something merely stands here for the real file. There is nothing to say about the model then.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        matches!(self, Self::Empty | Self::LfsPointer)
    }
}

/// How a Git LFS pointer begins, which is a text of some three lines.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Whether a file that begins with these bytes, and has `size`, only stands for the real one.
#[must_use]
pub fn placeholder(head: &[u8], size: u64) -> Option<Unreadable> {
    /// The specification of the pointers allows no longer ones.
    const LONGEST_POINTER: u64 = 1024;
    match head {
        [] => Some(Unreadable::Empty),
        _ if size < LONGEST_POINTER && head.starts_with(LFS_POINTER) => Some(Unreadable::LfsPointer),
        _ => None,
    }
}
