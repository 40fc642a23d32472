//! In which format a model of decision trees is, for the FIL back-end.

use std::io::Read;

use super::{Unreadable, refuse_other};

/// The formats of decision trees that can be told by how they begin. The old binary format of `XGBoost` cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `XGBoost`, in JSON.
    XgboostJson,
    /// `XGBoost`, in Universal Binary JSON.
    XgboostUbj,
    /// LightGBM, in its text format.
    LightGbm,
    /// A checkpoint of Treelite.
    TreeliteCheckpoint,
}

impl Format {
    /// The value of the parameter `model_type` that has the back-end read this format.
    #[must_use]
    pub fn model_type(self) -> &'static str {
        match self {
            Self::XgboostJson => "xgboost_json",
            Self::XgboostUbj => "xgboost_ubj",
            Self::LightGbm => "lightgbm",
            Self::TreeliteCheckpoint => "treelite_checkpoint",
        }
    }

    /// The name that the back-end gives the file of that format.
    #[must_use]
    pub fn default_file(self) -> &'static str {
        match self {
            Self::XgboostJson => "xgboost.json",
            Self::XgboostUbj => "xgboost.ubj",
            Self::LightGbm => "model.txt",
            Self::TreeliteCheckpoint => "checkpoint.tl",
        }
    }
}

/// Reads in which format a file is; none if it is in none that can be told.
///
/// # Errors
///
/// If the file only stands for a model, or is something else altogether.
pub fn read(file: impl Read) -> Result<Option<Format>, Unreadable> {
    const HEAD: u64 = 2048;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    refuse_other(&head, head.len() as u64)?;
    Ok(format(&head))
}

fn format(head: &[u8]) -> Option<Format> {
    let text = head.trim_ascii_start();
    match head {
        // An object whose first key has a length of so many bytes.
        [b'{', b'i' | b'U' | b'I' | b'l' | b'L', ..] => Some(Format::XgboostUbj),
        _ if text.starts_with(b"{") && text[1..].trim_ascii_start().starts_with(b"\"") => Some(Format::XgboostJson),
        _ if head.starts_with(b"tree\n") || head.starts_with(b"tree\r\n") => Some(Format::LightGbm),
        // The version of Treelite, as three numbers.
        [2..=9, 0, 0, 0, 0..=99, 0, 0, 0, 0..=99, 0, 0, 0, ..] => Some(Format::TreeliteCheckpoint),
        _ => None,
    }
}
