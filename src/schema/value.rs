//! Typed values that know where they are written, and whether they are.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Deref;

use crate::syntax::{NodeId, Span};

/// A value and the place in the file where it is written.
#[derive(Clone, Copy, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its bytes.
    pub span: Span,
    /// Its node in the tree.
    pub node: NodeId,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A field that holds one scalar, which may be left out: then it has its default, as in proto3.
#[derive(Clone, Debug, Default)]
pub struct Singular<T> {
    pub(super) state: State<T>,
    pub(super) default: T,
}

#[derive(Clone, Debug, Default)]
pub(super) enum State<T> {
    #[default]
    Absent,
    Written(Spanned<T>),
    /// Written, but not a value of the type; a diagnostic says so.
    Invalid,
}

impl<T> Singular<T> {
    /// The value in force: the written one or the default. None if what is written is no value of
    /// the type: then nothing can be said about it.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match &self.state {
            State::Absent => Some(&self.default),
            State::Written(written) => Some(&written.value),
            State::Invalid => None,
        }
    }

    /// The value with its place, if it is written.
    #[must_use]
    pub fn written(&self) -> Option<&Spanned<T>> {
        match &self.state {
            State::Written(written) => Some(written),
            State::Absent | State::Invalid => None,
        }
    }

    /// Whether the field is left out.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self.state, State::Absent)
    }
}

impl<T: Copy> Singular<T> {
    /// [`Singular::value`] by value.
    #[must_use]
    pub fn get(&self) -> Option<T> {
        self.value().copied()
    }
}

impl Singular<String> {
    /// [`Singular::value`] as a string slice.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value().map(String::as_str)
    }
}

/// A field that holds one message, which may be left out.
#[derive(Clone, Debug)]
pub struct Optional<M> {
    pub(super) message: Option<Spanned<M>>,
    pub(super) is_invalid: bool,
}

impl<M> Default for Optional<M> {
    fn default() -> Self {
        Self { message: None, is_invalid: false }
    }
}

impl<M> Optional<M> {
    /// The message, if it is written and one.
    #[must_use]
    pub fn written(&self) -> Option<&Spanned<M>> {
        self.message.as_ref()
    }

    /// Whether the field is left out.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.message.is_none() && !self.is_invalid
    }
}

/// A field that holds any number of values, in their order; those that are no values of the type are
/// left off.
#[derive(Clone, Debug)]
pub struct Repeated<T> {
    pub(super) items: Vec<Spanned<T>>,
    pub(super) is_invalid: bool,
}

impl<T> Default for Repeated<T> {
    fn default() -> Self {
        Self { items: Vec::new(), is_invalid: false }
    }
}

impl<T> Repeated<T> {
    /// Whether every item that is written could be read, so that their number can be trusted.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        !self.is_invalid
    }
}

impl<T> Deref for Repeated<T> {
    type Target = [Spanned<T>];

    fn deref(&self) -> &[Spanned<T>] {
        &self.items
    }
}

/// A map field: its entries as written, also those that a later one of the same key overrides.
#[derive(Clone, Debug)]
pub struct Map<K, V> {
    entries: Vec<MapEntry<K, V>>,
    /// Where the last entry of each key is.
    last: HashMap<K, usize>,
    pub(super) is_invalid: bool,
}

/// One entry of a map field.
#[derive(Clone, Debug)]
pub struct MapEntry<K, V> {
    /// The key; left out, it is the type's default.
    pub key: Singular<K>,
    /// The value. The server takes an entry without one for an empty value.
    pub value: Optional<V>,
    /// The whole entry with its braces.
    pub span: Span,
    /// The entry's node in the tree.
    pub node: NodeId,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), last: HashMap::new(), is_invalid: false }
    }
}

impl<K, V> Map<K, V> {
    /// All entries, in their order.
    #[must_use]
    pub fn entries(&self) -> &[MapEntry<K, V>] {
        &self.entries
    }

    /// Whether every entry that is written could be read.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        !self.is_invalid
    }
}

impl<K: Eq + Hash + Clone, V> Map<K, V> {
    /// The entry in force for a key: the last one, as the server's parser has it.
    pub fn get<Q>(&self, key: &Q) -> Option<&MapEntry<K, V>>
    where
        K: Borrow<Q>,
        Q: ?Sized + Eq + Hash,
    {
        self.last.get(key).map(|&at| &self.entries[at])
    }

    /// The entries in force: of several with the same key, the last.
    pub fn in_force(&self) -> impl Iterator<Item = &MapEntry<K, V>> {
        let is_last = |at: usize, key: &K| self.last.get(key) == Some(&at);
        let entries = self.entries.iter().enumerate();
        entries
            .filter(move |(at, entry)| entry.key.value().is_some_and(|key| is_last(*at, key)))
            .map(|(_, entry)| entry)
    }

    pub(super) fn push(&mut self, entry: MapEntry<K, V>) {
        if let Some(key) = entry.key.value() {
            self.last.insert(key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }
}
