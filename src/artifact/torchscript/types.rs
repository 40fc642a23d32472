//! TorchScript's types, as `annotation_str` of `aten/src/ATen/core/type.cpp` writes them.

use std::fmt;

/// The type of an argument, a result or an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `Tensor`
    Tensor,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `bool`
    Bool,
    /// `str`
    Str,
    /// `NoneType`; older versions of PyTorch write `None`
    None,
    /// `Optional[T]`
    Optional(Box<Type>),
    /// `List[T]`
    List(Box<Type>),
    /// `Dict[K, V]`
    Dict(Box<Type>, Box<Type>),
    /// `Tuple[T, …]`
    Tuple(Vec<Type>),
    /// A named tuple, whose values are served like those of any other tuple.
    NamedTuple {
        /// Its qualified name.
        name: String,
        /// The fields' names and types.
        fields: Vec<(String, Type)>,
    },
    /// A class, or something rare as it is written: `Device`, `complex`, `number`, `Union[…]`, `Future[…]`.
    Other(String),
}

impl Type {
    /// The type of the value if there is one: `T` of `Optional[T]`, else the type itself.
    #[must_use]
    pub fn required(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            other => other,
        }
    }

    /// Whether a value of this type can hold a tensor, or, for a class, might.
    #[must_use]
    pub fn may_hold_tensor(&self) -> bool {
        match self {
            Self::Tensor => true,
            Self::Int | Self::Float | Self::Bool | Self::Str | Self::None => false,
            Self::Optional(inner) | Self::List(inner) => inner.may_hold_tensor(),
            Self::Dict(_, value) => value.may_hold_tensor(),
            Self::Tuple(elements) => elements.iter().any(Self::may_hold_tensor),
            Self::NamedTuple { fields, .. } => fields.iter().any(|(_, field)| field.may_hold_tensor()),
            Self::Other(name) => {
                !matches!(name.as_str(), "Device" | "complex" | "number" | "Generator" | "Layout" | "QScheme")
            }
        }
    }

    /// Whether it is a list, tuple or dictionary whose elements can be kept and changed.
    pub(super) fn is_container(&self) -> bool {
        matches!(self.required(), Self::List(_) | Self::Dict(..) | Self::Tuple(_) | Self::NamedTuple { .. })
    }

    /// Whether it is a list, tuple or dictionary that can hold no tensor.
    pub(super) fn holds_scalars(&self) -> bool {
        self.is_container() && !self.may_hold_tensor()
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tensor => f.write_str("Tensor"),
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::Bool => f.write_str("bool"),
            Self::Str => f.write_str("str"),
            Self::None => f.write_str("NoneType"),
            Self::Optional(inner) => write!(f, "Optional[{inner}]"),
            Self::List(inner) => write!(f, "List[{inner}]"),
            Self::Dict(key, value) => write!(f, "Dict[{key}, {value}]"),
            Self::Tuple(elements) if elements.is_empty() => f.write_str("Tuple[()]"),
            Self::Tuple(elements) => {
                f.write_str("Tuple[")?;
                for (index, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::NamedTuple { name, .. } | Self::Other(name) => f.write_str(name),
        }
    }
}
