//! What a model configuration may say: messages, fields, enums, and their typed values.
//!
//! The vocabulary itself is `grammar/model_config.rs`. The macros in `define` make three things of
//! it: descriptors, the Rust types that rules see, and the code that reads them from a tree. So
//! there is nothing to keep in step.

pub mod backend;
mod define;
mod descriptor;
mod error;
mod names;
pub mod parameter;
mod read;
mod suggest;
mod value;
mod walk;

#[path = "../../grammar/model_config.rs"]
pub mod vocabulary;

pub(crate) use define::{enums, messages};
pub use descriptor::{
    EnumDescriptor, EnumValue, FieldDescriptor, FieldType, Label, MessageDescriptor, Release, ScalarType,
};
pub use error::{Found, SchemaError, SchemaErrorKind};
pub use names::Names;
pub use read::{Element, MessageType, read_config};
pub use suggest::{fold, nearest, nearest_that};
pub use value::{Map, MapEntry, Optional, Repeated, Singular, Spanned};
pub use walk::{Visitor, walk};
