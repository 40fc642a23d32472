//! The names of what a config lists, looked up among any number of them.

use std::collections::HashSet;

use super::suggest::nearest;

/// Names in their order, and to look them up.
pub struct Names<'c> {
    listed: Vec<&'c str>,
    known: HashSet<&'c str>,
}

impl<'c> Names<'c> {
    /// None if one of them could not be read.
    pub fn of(names: impl IntoIterator<Item = Option<&'c str>>) -> Option<Self> {
        let listed: Vec<_> = names.into_iter().collect::<Option<_>>()?;
        Some(Self { known: listed.iter().copied().collect(), listed })
    }

    /// All of them, in their order.
    #[must_use]
    pub fn listed(&self) -> &[&'c str] {
        &self.listed
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    /// The one that may have been meant, of those for which something holds. Only the first of these are looked at,
    /// where a config has more than anybody writes: to compare each of thousands with thousands takes too long.
    pub fn nearest(&self, name: &str, holds: impl Fn(&str) -> bool) -> Option<&'c str> {
        const MOST: usize = 1000;
        nearest(name, self.listed.iter().copied().filter(|name| holds(name)).take(MOST))
    }
}
