//! What is known of a value while the code is walked through.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::facts::{Depends, Sharing, Size};

/// Origins of one value.
pub(super) const MOST_ORIGINS: usize = 16;

/// Where a value may have its memory from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    pub(super) owner: Owner,
    /// Whether it is a list, tuple or dictionary. A list that merely holds a tensor is changed without changing the tensor.
    pub(super) is_container: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Input(usize),
    /// An attribute's path.
    Attribute(Rc<str>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Kind {
    /// A tensor, or anything else that is not told apart.
    #[default]
    Tensor,
    /// A list, tuple or dictionary.
    Container,
    /// A number, a flag, a text, a device.
    Scalar,
    None,
    /// A module or another object that was saved, by its path.
    Object(Rc<str>),
    /// A function or class, by its qualified name.
    Named(Rc<str>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Constant {
    Bool(bool),
    Int(i64),
}

/// What is known of a value.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) origins: BTreeMap<Origin, Sharing>,
    /// Of a number: what it comes from.
    pub(super) depends: Depends,
    pub(super) constant: Option<Constant>,
    /// Of a list of numbers.
    pub(super) sizes: Option<Rc<[Size]>>,
    /// Whether it is a list, tuple or dictionary of nothing but numbers and the like.
    pub(super) holds_scalars: bool,
    /// Whether an input went into it.
    pub(super) from_input: bool,
    pub(super) may_be_none: bool,
    /// Of a tuple that the code has just made: what is in it.
    pub(super) elements: Option<Rc<[Value]>>,
    /// How deep tuples are within it.
    pub(super) nesting: u8,
}

impl Value {
    pub(super) fn scalar() -> Self {
        Self { kind: Kind::Scalar, ..Self::default() }
    }

    pub(super) fn constant(constant: Constant) -> Self {
        Self { constant: Some(constant), ..Self::scalar() }
    }

    pub(super) fn bool(value: bool) -> Self {
        Self::constant(Constant::Bool(value))
    }

    pub(super) fn none() -> Self {
        Self { kind: Kind::None, may_be_none: true, ..Self::default() }
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        match self.constant {
            Some(Constant::Bool(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn as_int(&self) -> Option<i64> {
        match self.constant {
            Some(Constant::Int(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn as_size(&self) -> Size {
        match self.as_int() {
            Some(-1) => Size::Inferred,
            Some(value) => Size::Constant(value),
            None => Size::Computed,
        }
    }

    /// Takes in the memory of another value that this one may share.
    pub(super) fn share(&mut self, other: &Self, sharing: Sharing) {
        for (origin, how) in other.memory() {
            self.add_origin(origin.clone(), sharing.min(*how));
        }
    }

    /// Takes in another value as an element of this list, tuple or dictionary.
    pub(super) fn hold(&mut self, other: &Self) {
        for (origin, how) in other.memory() {
            self.add_origin(Origin { owner: origin.owner.clone(), is_container: false }, *how);
        }
        self.depends.add(other.depends);
        self.from_input |= other.from_input;
    }

    /// What it shares memory with: numbers and the like are always copied.
    pub(super) fn memory(&self) -> impl Iterator<Item = (&Origin, &Sharing)> {
        self.origins.iter().filter(|_| self.kind != Kind::Scalar)
    }

    pub(super) fn add_origin(&mut self, origin: Origin, sharing: Sharing) {
        if let Some(known) = self.origins.get_mut(&origin) {
            *known = sharing.max(*known);
        } else if self.origins.len() < MOST_ORIGINS {
            self.origins.insert(origin, sharing);
        }
    }

    /// An element of this list, tuple or dictionary; which one, if that is known.
    pub(super) fn element(mut self, index: Option<usize>) -> Self {
        if let Some(element) = index.and_then(|index| self.elements.as_ref()?.get(index)) {
            return element.clone();
        }
        if let Some(size) = index.and_then(|index| self.sizes.as_ref()?.get(index))
            && let Size::Constant(size) = size
        {
            return Self::constant(Constant::Int(*size));
        }
        (self.constant, self.sizes, self.elements) = (None, None, None);
        if self.kind == Kind::Container {
            self.kind = if self.holds_scalars { Kind::Scalar } else { Kind::Tensor };
        }
        self
    }

    /// This value or the other, whichever it turns out to be.
    pub(super) fn or(mut self, other: &Self) -> Self {
        self.share(other, Sharing::Same);
        self.depends.add(other.depends);
        self.from_input |= other.from_input;
        self.may_be_none |= other.may_be_none;
        if self.constant != other.constant {
            self.constant = None;
        }
        if self.sizes != other.sizes {
            self.sizes = None;
        }
        if self.kind == Kind::None {
            self.kind = other.kind.clone();
        }
        self
    }
}
