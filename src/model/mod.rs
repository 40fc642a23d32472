//! Model repositories: what lies in them, what their configs say, and what the server makes of it.
//!
//! [`load`](load::load) alone reads from disk; [`Workspace`] is what it makes, and can be made in
//! memory just as well. [`Analysis`] parses every config of a workspace and resolves what the server
//! would fill in. Rules see one [`Model`] at a time, and through it the whole repository.

mod analysis;
mod data_file;
pub mod ensemble;
pub mod load;
mod model_file;
mod resolve;
mod survey;
mod touched;
mod version;
mod workspace;

pub(crate) use analysis::Wanted;
pub use analysis::{Analysis, Model, RepositoryView};
pub use data_file::DataFileFault;
pub use model_file::{ModelFile, ModelFiles, ReadSeek, Reading, Storage};
pub use resolve::{Backend, Completion, PyTorchRuntime, Resolution};
pub use survey::Survey;
pub(crate) use touched::has_any_below;
pub use touched::report_touched;
pub use version::{Version, VersionName};
pub use workspace::{
    CONFIG_FILE, CUSTOM_CONFIG_FOLDER, Entry, EntryKind, FileId, Listing, MeantConfig, ModelDirectory, Presence,
    Repository, TextFile, Workspace,
};
