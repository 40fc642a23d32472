//! What can be wrong with a text that has no syntax error.

use super::descriptor::{EnumDescriptor, FieldDescriptor, MessageDescriptor, ScalarType};
use crate::syntax::{NodeId, Span, StringProblemKind};

/// One place where a config does not follow the schema.
#[derive(Clone, Debug)]
pub struct SchemaError {
    /// What is wrong.
    pub kind: SchemaErrorKind,
    /// The name or value that is wrong.
    pub span: Span,
}

/// The ways in which a config does not follow the schema.
///
/// Except where said, the server's parser refuses the file.
#[derive(Clone, Debug)]
pub enum SchemaErrorKind {
    /// The message has no field of that name.
    UnknownField {
        /// The message.
        message: &'static MessageDescriptor,
        /// The name as written.
        name: String,
    },
    /// A word that the enum does not have.
    UnknownEnumValue {
        /// The enum.
        descriptor: &'static EnumDescriptor,
        /// The word.
        name: String,
    },
    /// A number that the enum does not have. The server takes it.
    UnknownEnumNumber {
        /// The enum.
        descriptor: &'static EnumDescriptor,
        /// The number.
        number: i32,
    },
    /// The value is not of the field's type.
    WrongType {
        /// The field.
        field: &'static FieldDescriptor,
        /// What is written instead, in words.
        found: Found,
    },
    /// The integer does not fit the field's type.
    OutOfRange {
        /// The field.
        field: &'static FieldDescriptor,
        /// The field's type.
        ty: ScalarType,
    },
    /// A field that may be given once is given again.
    Duplicate {
        /// The field.
        field: &'static FieldDescriptor,
        /// The one before.
        first: NodeId,
        /// This one.
        second: NodeId,
        /// Whether the server refuses it. It does not see the first one if that is the default of its
        /// type, and takes the last.
        is_refused: bool,
    },
    /// Two fields are given of which only one may be.
    OneofConflict {
        /// The second field.
        field: &'static FieldDescriptor,
        /// The first field.
        other: &'static FieldDescriptor,
        /// The place of the first field.
        first: Span,
    },
    /// A map key is given twice. The server takes the last entry.
    DuplicateMapKey {
        /// The map field.
        field: &'static FieldDescriptor,
        /// The key, as text.
        key: String,
        /// The place of the earlier key.
        first: Span,
        /// The earlier entry.
        first_entry: NodeId,
    },
    /// A list without a colon before it that is not a list of messages.
    ListWithoutColon {
        /// The field.
        field: &'static FieldDescriptor,
    },
    /// A string that is not what it seems. The server takes it, except where the kind says otherwise.
    OddString(StringProblemKind),
}

impl SchemaErrorKind {
    /// Whether the server refuses a file for it.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        match self {
            Self::UnknownEnumNumber { .. } | Self::DuplicateMapKey { .. } | Self::OddString(_) => false,
            Self::Duplicate { is_refused, .. } => *is_refused,
            _ => true,
        }
    }
}

/// What a value is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Found {
    String,
    Integer,
    NegativeInteger,
    Float,
    Word,
    Message,
    List,
}

impl Found {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::NegativeInteger => "a negative number",
            Self::Float => "a number that is not an integer",
            Self::Word => "a word without quotes",
            Self::Message => "fields in braces",
            Self::List => "a list",
        }
    }
}
