//! What the rules about files with tensor contents have in common.

use crate::diagnostic::Findings;
use crate::model::{DataFileFault, Model};
use crate::schema::vocabulary::DataType;
use crate::schema::{Repeated, Singular, Spanned};

/// A field that names a file with the contents of a tensor.
pub(super) struct DataFile<'c> {
    /// The name of the field.
    pub(super) field: &'static str,
    /// The folder of the model in which the server looks for the file.
    pub(super) folder: &'static str,
    /// What the contents are for.
    pub(super) tensor: &'static str,
    /// What to write in place of a file.
    pub(super) otherwise: &'static str,
    /// The name of the file.
    pub(super) name: &'c Spanned<String>,
    /// The type of the tensor.
    pub(super) data_type: &'c Singular<DataType>,
    /// The dims of the tensor.
    pub(super) dims: &'c Repeated<i64>,
}

impl DataFile<'_> {
    /// Reports what keeps the server from using the file.
    pub(super) fn check(&self, model: Model<'_>, findings: &mut Findings<'_>) {
        let Self { field, folder, tensor, otherwise, name, .. } = self;
        let Some(fault) = model.data_file_fault(folder, &name.value, self.data_type.get(), self.dims) else { return };
        let path = format!("{folder}/{}", name.value);
        match fault {
            DataFileFault::Unnamed => findings
                .add(name.span, format!("{field} is empty"))
                .help(format!("name a file in the folder {folder} of the model, or write {otherwise} in its place")),
            DataFileFault::Missing => findings
                .add(name.span, format!("there is no file `{path}` in the model's folder"))
                .help(format!("add it, or write {otherwise} in its place"))
                .unless_complete("the file"),
            DataFileFault::Folder => {
                findings.add(name.span, format!("`{path}` is a folder, not a file")).help("name a file")
            }
            DataFileFault::TooSmall { size, needed } => findings
                .add(name.span, format!("`{path}` has {size} bytes, but the {tensor} takes {needed}"))
                .help("correct the file, or data_type and dims"),
        }
        .note("the server reads the file when it loads the model, which fails without it");
    }
}
