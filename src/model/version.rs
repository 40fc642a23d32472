//! Version folders, as the server takes them.

use std::collections::BTreeSet;

use super::workspace::Listing;
use crate::schema::vocabulary::ModelConfig;

/// A folder of a model that the server counts as a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The version's number.
    pub number: i64,
    /// The folder's name, of which the number is but a prefix if it is not canonical.
    pub folder: String,
}

impl Version {
    /// The folder in which the server looks for what it loads of the version (core `backend_model.cc`,
    /// `TritonModel::Create`), be it there or not.
    #[must_use]
    pub fn canonical_folder(&self) -> String {
        self.number.to_string()
    }
}

/// What the server makes of the name of a folder in a model's folder
/// (core `model_lifecycle.cc`, `VersionsToLoad`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionName {
    /// It is a version: the number that the name begins with.
    Number(i64),
    /// It is one of the folders for other things.
    Reserved,
    /// It begins with a zero and is longer than that; ignored with a warning.
    LeadingZero,
    /// It does not begin with a number; ignored with a warning.
    NotANumber,
    /// Its number does not fit 64 bits, which ends the server with an uncaught exception.
    TooLarge,
}

impl VersionName {
    /// Judges the name of a folder.
    #[must_use]
    pub fn of(name: &str) -> Self {
        if matches!(name, "warmup" | "initial_state" | "configs") {
            return Self::Reserved;
        }
        if name.len() > 1 && name.starts_with('0') {
            return Self::LeadingZero;
        }
        // std::stoll skips white space, takes a sign and stops at the first other character.
        let trimmed = name.trim_start_matches([' ', '\t', '\n', '\x0B', '\x0C', '\r']);
        let digits_at = usize::from(trimmed.starts_with(['+', '-']));
        let digits = trimmed[digits_at..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Self::NotANumber;
        }
        trimmed[..digits_at + digits].parse().map_or(Self::TooLarge, Self::Number)
    }
}

/// The versions in a model's folder, by ascending number.
pub(super) fn versions(listing: &Listing) -> Vec<Version> {
    let mut versions: Vec<Version> = listing
        .folders()
        .filter_map(|folder| match VersionName::of(folder) {
            VersionName::Number(number) => Some(Version { number, folder: folder.to_owned() }),
            _ => None,
        })
        .collect();
    versions.sort_by_key(|version| version.number);
    versions
}

/// The versions that the server loads of those that there are (core `model_lifecycle.cc`,
/// `VersionsToLoad`). None if the policy could not be read.
pub(super) fn selected(config: &ModelConfig, versions: &[Version]) -> Option<BTreeSet<i64>> {
    let mut present: BTreeSet<_> = versions.iter().map(|version| version.number).collect();
    let policy = &config.version_policy;
    let latest =
        |count: u32| present.iter().rev().copied().take(usize::try_from(count).unwrap_or(usize::MAX)).collect();
    let Some(policy) = policy.written() else { return policy.is_absent().then(|| latest(1)) };
    if let Some(specific) = policy.specific.written() {
        // A version counts as present once it was asked for, also if that was in vain.
        let selected =
            specific.versions.iter().map(|version| version.value).filter(|version| !present.insert(*version));
        return specific.versions.is_intact().then(|| selected.collect());
    }
    if let Some(policy) = policy.latest.written() {
        return policy.num_versions.get().map(latest);
    }
    (policy.specific.is_absent() && policy.latest.is_absent()).then_some(present)
}

#[cfg(test)]
mod tests {
    use super::{Version, VersionName, selected};
    use crate::schema::read_config;
    use crate::syntax::Tree;

    #[test]
    fn the_policy_selects_as_the_server_does() {
        let versions = [1, 2, 10].map(|number| Version { number, folder: number.to_string() });
        let cases: [(&str, &[i64]); 8] = [
            ("", &[10]),
            ("version_policy {}", &[1, 2, 10]),
            ("version_policy { all {} }", &[1, 2, 10]),
            ("version_policy { latest {} }", &[]),
            ("version_policy { latest { num_versions: 2 } }", &[2, 10]),
            ("version_policy { specific {} }", &[]),
            ("version_policy { specific { versions: [ 2, 3 ] } }", &[2]),
            ("version_policy { specific { versions: [ 3, 3 ] } }", &[3]),
        ];
        for (config, expected) in cases {
            let (config, errors) = read_config(&Tree::parse(config.into()));
            assert!(errors.is_empty(), "{errors:?}");
            assert_eq!(selected(&config, &versions), Some(expected.iter().copied().collect()));
        }
    }

    #[test]
    fn names_are_taken_as_stoll_takes_them() {
        let cases = [
            ("1", VersionName::Number(1)),
            ("0", VersionName::Number(0)),
            ("01", VersionName::LeadingZero),
            ("1.bak", VersionName::Number(1)),
            ("3 (copy)", VersionName::Number(3)),
            ("+1", VersionName::Number(1)),
            ("-1", VersionName::Number(-1)),
            (" 2", VersionName::Number(2)),
            ("v1", VersionName::NotANumber),
            ("", VersionName::NotANumber),
            ("warmup", VersionName::Reserved),
            ("99999999999999999999", VersionName::TooLarge),
        ];
        for (name, expected) in cases {
            assert_eq!(VersionName::of(name), expected, "{name:?}");
        }
    }
}
