//! The files with tensor contents that configs name: contents of warm-up samples and initial states.

use super::analysis::Model;
use super::workspace::EntryKind;
use crate::artifact::strings::Strings;
use crate::artifact::{Artifact, Format};
use crate::schema::Repeated;
use crate::schema::vocabulary::DataType;

/// What keeps the server from using a data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataFileFault {
    /// The name is empty.
    Unnamed,
    /// There is no such file.
    Missing,
    /// There is a folder of that name.
    Folder,
    /// The file is smaller than the tensor.
    TooSmall {
        /// The bytes of the file.
        size: u64,
        /// The bytes of the tensor.
        needed: u64,
    },
}

impl Model<'_> {
    /// What is wrong with a file in a folder of the model (core `ReadTextFile` and its callers), as far as
    /// what is listed can tell.
    #[must_use]
    pub fn data_file_fault(
        self,
        folder: &str,
        file: &str,
        data_type: Option<DataType>,
        dims: &Repeated<i64>,
    ) -> Option<DataFileFault> {
        if file.is_empty() {
            return Some(DataFileFault::Unnamed);
        }
        let path = self.data_path(folder, file)?;
        let is_complete = self.repository().is_complete();
        match self.listing().get(&path) {
            None | Some(EntryKind::BrokenLink) => {
                let is_folder_here = self.listing().get(folder) == Some(EntryKind::Folder);
                (is_complete || is_folder_here).then_some(DataFileFault::Missing)
            }
            Some(EntryKind::Folder) => Some(DataFileFault::Folder),
            // What is short in version control may only stand for the file.
            Some(EntryKind::File(Some(size))) if is_complete => {
                let needed = byte_size(data_type?, dims)?;
                (size < needed).then_some(DataFileFault::TooSmall { size, needed })
            }
            Some(EntryKind::File(_) | EntryKind::Other) => None,
        }
    }

    /// How many bytes a file in a folder of the model has, and how many of them the server reads, if these are
    /// fewer.
    #[must_use]
    pub fn data_file_excess(
        self,
        folder: &str,
        file: &str,
        data_type: DataType,
        dims: &Repeated<i64>,
    ) -> Option<(u64, u64)> {
        let EntryKind::File(Some(size)) = self.listing().get(&self.data_path(folder, file)?)? else { return None };
        let needed = byte_size(data_type, dims)?;
        (size > needed).then_some((size, needed))
    }

    /// The strings in a file in a folder of the model; none where the file is not there, or need not be the
    /// one that is deployed.
    #[must_use]
    pub fn strings_in(self, folder: &str, file: &str) -> Option<Strings> {
        let path = self.data_path(folder, file)?;
        let is_here = matches!(self.listing().get(&path), Some(EntryKind::File(_)));
        if !self.repository().is_complete() || !is_here {
            return None;
        }
        let directory = self.directory();
        match *directory.files.read(&directory.path.join(path), Format::Strings) {
            Ok(Artifact::Strings(strings)) => Some(strings),
            _ => None,
        }
    }

    /// Where the file would be in the listing, if it can be nowhere else: an agent may put another folder in the
    /// model's place.
    fn data_path(self, folder: &str, file: &str) -> Option<String> {
        let is_here = self.directory_name().is_some() && self.config().model_repository_agents.is_absent();
        self.listing().path_below(folder, file).filter(|_| is_here)
    }
}

/// The bytes that the server wants for a tensor; none for strings, of which it takes what is there.
fn byte_size(data_type: DataType, dims: &Repeated<i64>) -> Option<u64> {
    let element = match data_type {
        DataType::String => return None,
        DataType::Bool | DataType::Uint8 | DataType::Int8 => 1,
        DataType::Uint16 | DataType::Int16 | DataType::Fp16 | DataType::Bf16 => 2,
        // Types of no known size count as four bytes.
        DataType::Uint32 | DataType::Int32 | DataType::Fp32 | DataType::Invalid | DataType::Unknown(_) => 4,
        DataType::Uint64 | DataType::Int64 | DataType::Fp64 => 8,
    };
    if dims.is_empty() || !dims.is_intact() {
        return None;
    }
    dims.iter().try_fold(element, |size: u64, dim| size.checked_mul(u64::try_from(dim.value).ok()?))
}
