//! The macros that make types, descriptors and readers of the vocabulary.

/// Defines enum types. `Rust name("protobuf name") { Variant = PROTOBUF_NAME = number, since release; … }`
macro_rules! enums {
    ($(
        $(#[doc = $doc:literal])*
        enum $name:ident($proto:literal) {
            $(
                $(#[doc = $value_doc:literal])*
                $variant:ident = $value:ident = $number:literal $(, since $since:literal)?;
            )+
        }
    )+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $value_doc])* $variant,)+
            /// A number that the schema gives no name. The server takes it.
            Unknown(i32),
        }

        impl $name {
            /// What the vocabulary says of this enum.
            pub const DESCRIPTOR: &'static $crate::schema::EnumDescriptor = &$crate::schema::EnumDescriptor {
                name: $proto,
                doc: concat!($($doc, "\n",)*),
                values: &[$($crate::schema::EnumValue {
                    name: stringify!($value),
                    number: $number,
                    since: $crate::schema::define::release!($($since)?),
                    doc: concat!($($value_doc, "\n",)*),
                },)+],
            };

            /// The value of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($value) => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The value of that number.
            #[must_use]
            pub const fn from_number(number: i32) -> Self {
                match number {
                    $($number => Self::$variant,)+
                    other => Self::Unknown(other),
                }
            }

            /// Its number.
            #[must_use]
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Unknown(number) => number,
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::from_number(0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant => f.write_str(stringify!($value)),)+
                    Self::Unknown(number) => write!(f, "{number}"),
                }
            }
        }

        impl $crate::schema::Element for $name {
            const TYPE: $crate::schema::FieldType = $crate::schema::FieldType::Enum(Self::DESCRIPTOR);

            fn read(value: $crate::syntax::Value<'_>, reader: &mut $crate::schema::read::Reader<'_>) -> Option<Self> {
                reader.enumeration(value, Self::DESCRIPTOR, Self::from_name).map(|found| match found {
                    Ok(value) => value,
                    Err(number) => Self::from_number(number),
                })
            }
        }
    )+

        /// Every enum of the vocabulary.
        pub static ENUMS: &[&$crate::schema::EnumDescriptor] = &[$($name::DESCRIPTOR),+];
    };
}

/// Defines message types. `Rust name("protobuf name") { field: Type = number, oneof name, since release; … }`
macro_rules! messages {
    ($(
        $(#[doc = $doc:literal])*
        message $name:ident($proto:literal) {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident: $ty:ty = $number:literal $(, oneof $oneof:ident)? $(, since $since:literal)?;
            )*
        }
    )+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $ty,)*
        }

        impl $name {
            /// What the vocabulary says of this message.
            pub const DESCRIPTOR: &'static $crate::schema::MessageDescriptor = &$crate::schema::MessageDescriptor {
                name: $proto,
                doc: concat!($($doc, "\n",)*),
                fields: &[$($crate::schema::FieldDescriptor {
                    name: stringify!($field),
                    number: $number,
                    ty: <$ty as $crate::schema::read::Slot>::TYPE,
                    label: <$ty as $crate::schema::read::Slot>::LABEL,
                    oneof: $crate::schema::define::name!($($oneof)?),
                    since: $crate::schema::define::release!($($since)?),
                    doc: concat!($($field_doc, "\n",)*),
                },)*],
            };
        }

        impl $crate::schema::MessageType for $name {
            fn descriptor(&self) -> &'static $crate::schema::MessageDescriptor {
                Self::DESCRIPTOR
            }

            #[allow(unused_variables, reason = "a message may have no fields")]
            fn read_field(
                &mut self,
                field: &'static $crate::schema::FieldDescriptor,
                value: $crate::syntax::Value<'_>,
                reader: &mut $crate::schema::read::Reader<'_>,
            ) {
                match field.number {
                    $($number => $crate::schema::read::Slot::read(&mut self.$field, value, reader),)*
                    _ => {}
                }
            }
        }

        impl $crate::schema::Element for $name {
            const TYPE: $crate::schema::FieldType = $crate::schema::FieldType::Message(Self::DESCRIPTOR);

            fn read(value: $crate::syntax::Value<'_>, reader: &mut $crate::schema::read::Reader<'_>) -> Option<Self> {
                let mut message = Self::default();
                reader.message(value, &mut message).then_some(message)
            }
        }
    )+

        /// Every message of the vocabulary.
        pub static MESSAGES: &[&$crate::schema::MessageDescriptor] = &[$($name::DESCRIPTOR),+];
    };
}

/// A name that may be left out.
macro_rules! name {
    () => {
        None
    };
    ($name:ident) => {
        Some(stringify!($name))
    };
}

/// A release that may be left out.
macro_rules! release {
    () => {
        None
    };
    ($release:literal) => {
        Some($crate::schema::Release::constant(stringify!($release)))
    };
}

pub(crate) use {enums, messages, name, release};
