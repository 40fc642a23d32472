//! What the walk has found, by lines, until it is told as facts.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{
    BakedDevice, BakedSize, Branch, Certainty, ChangedInput, Custom, Depends, KeptInput, Sharing, Size, Sized,
    TorchScript, Write, WriteKind,
};
use super::program::Program;

/// Facts of a kind.
pub(super) const MOST_FACTS: usize = 1000;
/// A line: file and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) file: usize,
    pub(super) line: u32,
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) writes: BTreeMap<(At, String, WriteKind), Certainty>,
    pub(super) kept: BTreeMap<(At, usize, String), (Sharing, Certainty)>,
    pub(super) changed: BTreeMap<(At, usize), Sharing>,
    pub(super) sizes: BTreeMap<(At, String), (Vec<Size>, Sized)>,
    pub(super) devices: BTreeSet<(At, String)>,
    pub(super) custom: BTreeMap<(String, String, bool), Option<At>>,
    pub(super) branches: BTreeMap<(At, bool), Depends>,
    pub(super) trains: BTreeSet<At>,
    pub(super) fusible: BTreeSet<(At, String)>,
    pub(super) gaps: BTreeSet<String>,
    pub(super) is_traced: bool,
}

/// Inserts unless there are too many already.
pub(super) fn bounded<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V, join: impl FnOnce(&mut V, V)) {
    if let Some(known) = map.get_mut(&key) {
        join(known, value);
    } else if map.len() < MOST_FACTS {
        map.insert(key, value);
    }
}

impl Found {
    pub(super) fn report(self, program: &Program<'_>, facts: &mut TorchScript) {
        let place = |at: At| program.place(at.file, at.line);
        facts.writes = (self.writes.into_iter())
            .map(|((at, attribute, kind), certainty)| Write { attribute, kind, certainty, place: place(at) })
            .collect();
        facts.kept_inputs = (self.kept.into_iter())
            .map(|((at, argument, attribute), (sharing, certainty))| KeptInput {
                argument,
                attribute,
                sharing,
                certainty,
                place: place(at),
            })
            .collect();
        facts.changed_inputs = (self.changed.into_iter())
            .map(|((at, argument), sharing)| ChangedInput { argument, sharing, place: place(at) })
            .collect();
        facts.sizes = (self.sizes.into_iter())
            .map(|((at, operator), (sizes, of))| BakedSize { operator, sizes, of, place: place(at) })
            .collect();
        facts.devices =
            (self.devices.into_iter()).map(|(at, device)| BakedDevice { device, place: place(at) }).collect();
        facts.custom = (self.custom.into_iter())
            .map(|((namespace, name, is_class), at)| Custom { namespace, name, is_class, place: at.map(place) })
            .collect();
        facts.branches = (self.branches.into_iter())
            .map(|((at, is_loop), depends)| Branch { is_loop, depends, place: place(at) })
            .collect();
        facts.trains = self.trains.into_iter().map(place).collect();
        facts.fusible = self.fusible.len();
        facts.gaps.extend(self.gaps);
        facts.writes.sort();
        facts.kept_inputs.sort();
    }
}
