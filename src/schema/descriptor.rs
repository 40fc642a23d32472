//! What the vocabulary says of its messages, fields and enums.

use std::fmt;
use std::str::FromStr;

/// A release of the server's container, such as 24.10: the name that users know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// Year of the century.
    pub year: u8,
    /// Month, from 1.
    pub month: u8,
}

impl Release {
    /// The release that a literal of five characters names.
    ///
    /// # Panics
    ///
    /// If the literal is of another form; in a constant, at compile time.
    #[must_use]
    pub const fn constant(text: &'static str) -> Self {
        match text.as_bytes() {
            [y, z, b'.', m, n] => Self { year: (*y - b'0') * 10 + *z - b'0', month: (*m - b'0') * 10 + *n - b'0' },
            _ => panic!("a release is written as year and month, like 24.10"),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}.{:02}", self.year, self.month)
    }
}

impl FromStr for Release {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a release is written as year and month, like 24.10";
        let (year, month) = text.split_once('.').ok_or(WRONG)?;
        let number = |part: &str| if part.len() == 2 { part.parse().map_err(|_| WRONG) } else { Err(WRONG) };
        let release = Self { year: number(year)?, month: number(month)? };
        if (1..=12).contains(&release.month) { Ok(release) } else { Err(WRONG) }
    }
}

/// A message type.
#[derive(Debug)]
pub struct MessageDescriptor {
    /// Its name in the package `inference`, such as `ModelInput`.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its fields, in the order of the vocabulary.
    pub fields: &'static [FieldDescriptor],
}

impl MessageDescriptor {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static FieldDescriptor> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A field of a message.
#[derive(Debug)]
pub struct FieldDescriptor {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub number: u32,
    /// What it takes.
    pub ty: FieldType,
    /// How often it may be given.
    pub label: Label,
    /// The oneof that it is a member of.
    pub oneof: Option<&'static str>,
    /// The first release that has it, if that is later than 21.05.
    pub since: Option<Release>,
    /// Meaning, unit and limits.
    pub doc: &'static str,
}

/// How often a field may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Label {
    Singular,
    Repeated,
    Map,
}

/// What a field takes.
#[derive(Clone, Copy, Debug)]
pub enum FieldType {
    /// A number, word or string.
    Scalar(ScalarType),
    /// One of a set of names.
    Enum(&'static EnumDescriptor),
    /// Fields in braces.
    Message(&'static MessageDescriptor),
    /// Entries of `key` and `value`.
    Map {
        /// Type of the keys.
        key: ScalarType,
        /// Type of the values.
        value: &'static FieldType,
    },
}

/// The scalar types that the vocabulary uses, by their names in the protobuf language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ScalarType {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Float,
    Double,
    String,
}

impl ScalarType {
    /// Its name in the protobuf language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Float => "float",
            Self::Double => "double",
            Self::String => "string",
        }
    }

    /// The smallest and largest value, of an integer type.
    #[must_use]
    pub const fn range(self) -> Option<(i128, i128)> {
        match self {
            Self::Int32 => Some((i32::MIN as i128, i32::MAX as i128)),
            Self::Int64 => Some((i64::MIN as i128, i64::MAX as i128)),
            Self::Uint32 => Some((0, u32::MAX as i128)),
            Self::Uint64 => Some((0, u64::MAX as i128)),
            Self::Bool | Self::Float | Self::Double | Self::String => None,
        }
    }
}

impl FieldType {
    /// What the field takes, in words: "a string in quotes".
    #[must_use]
    pub fn expectation(&self) -> String {
        match self {
            Self::Scalar(ScalarType::Bool) => "`true` or `false`".into(),
            Self::Scalar(ScalarType::String) => "a string in quotes".into(),
            Self::Scalar(ScalarType::Float | ScalarType::Double) => "a decimal number".into(),
            Self::Scalar(integer) => format!("an integer ({})", integer.name()),
            Self::Enum(descriptor) => {
                let first = descriptor.values.iter().find(|value| value.number != 0).or(descriptor.values.first());
                format!("a name such as `{}`", first.map_or("", |value| value.name))
            }
            Self::Message(_) | Self::Map { .. } => "a message in `{ }`".into(),
        }
    }
}

/// An enum type.
#[derive(Debug)]
pub struct EnumDescriptor {
    /// Its name in the package `inference`, such as `ModelInstanceGroup.Kind`.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its values.
    pub values: &'static [EnumValue],
}

/// A value of an enum.
#[derive(Debug)]
pub struct EnumValue {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub number: i32,
    /// The first release that has it, if that is later than 21.05.
    pub since: Option<Release>,
    /// Meaning.
    pub doc: &'static str,
}
