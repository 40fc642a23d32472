//! Changes bytes here and there.

use fastrand::Rng;

/// No changed input is longer.
const LONGEST: usize = 1 << 16;

/// Good input, and what to put into it.
pub(crate) struct Samples {
    pub(crate) samples: Vec<Vec<u8>>,
    pub(crate) words: Vec<&'static [u8]>,
}

impl Samples {
    /// One of the samples, changed.
    pub(crate) fn changed(&self, rng: &mut Rng) -> Vec<u8> {
        let mut bytes = any_of(&self.samples, rng).clone();
        self.change(&mut bytes, rng);
        bytes
    }

    /// Changes some places, also by what stands in another sample.
    pub(crate) fn change(&self, bytes: &mut Vec<u8>, rng: &mut Rng) {
        for _ in 0..rng.usize(1..6) {
            let at = rng.usize(0..=bytes.len());
            let end = (at + rng.usize(0..32)).min(bytes.len());
            match rng.u8(0..8) {
                0 => drop(bytes.drain(at..end)),
                1 if at < bytes.len() => bytes[at] = rng.u8(..),
                2 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(0..8),
                3 => drop(bytes.splice(at..end, any_of(&self.words, rng).iter().copied())),
                4 => drop(bytes.splice(at..at, any_of(&self.words, rng).iter().copied())),
                5 => {
                    let part = bytes[at..end].repeat(rng.usize(1..20));
                    bytes.splice(at..at, part);
                }
                6 => {
                    let other = any_of(&self.samples, rng);
                    let from = rng.usize(0..=other.len());
                    let to = (from + rng.usize(0..200)).min(other.len());
                    bytes.splice(at..end, other[from..to].iter().copied());
                }
                // What may be a length, a count or a place.
                7 if rng.bool() => {
                    let end = (at + any_of(&[1, 2, 4, 8], rng)).min(bytes.len());
                    bytes[at..end].fill(*any_of(&[0, 0x7F, 0x80, 0xFF], rng));
                }
                _ => bytes.truncate(bytes.len() - rng.usize(0..=bytes.len() / 8)),
            }
        }
        bytes.truncate(LONGEST);
    }
}

pub(crate) fn any_of<'a, T>(items: &'a [T], rng: &mut Rng) -> &'a T {
    &items[rng.usize(0..items.len())]
}
