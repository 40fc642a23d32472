//! Which versions of ONNX the server of a release reads.

use super::Onnx;
use crate::schema::Release;

/// What an ONNX Runtime reads at most. It refuses what is newer: `core/graph/model.cc`, the constructor of `Model`, and
/// `model_load_utils.h`, `ValidateOpsetForDomain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// The first release of the server that has it.
    pub since: Release,
    /// Its version, without the patches.
    pub runtime: &'static str,
    /// The newest version of the format.
    pub ir_version: i64,
    /// The newest version of ONNX's own operators.
    pub opset: i64,
    /// The newest version of the operators of the domain `ai.onnx.ml`.
    pub ml_opset: i64,
}

/// The last release that the table knows. What later ones read, it does not say.
pub const NEWEST: Release = Release::constant("26.08");

/// The versions are those of `docs/introduction/compatibility.md` of the server; what each reads was asked of the wheels on
/// `PyPI`, with a model of one node for each version.
const TABLE: [Support; 10] = [
    row("24.04", "1.17", 9, 20, 4),
    row("24.05", "1.18", 10, 21, 5),
    row("24.09", "1.19", 10, 21, 5),
    row("24.12", "1.20", 10, 21, 5),
    row("25.03", "1.21", 10, 22, 5),
    row("25.05", "1.22", 10, 22, 5),
    row("25.08", "1.23", 11, 23, 5),
    row("26.02", "1.24", 13, 25, 5),
    row("26.07", "1.27", 13, 26, 5),
    row("26.08", "1.28", 13, 26, 5),
];

const fn row(since: &'static str, runtime: &'static str, ir_version: i64, opset: i64, ml_opset: i64) -> Support {
    Support { since: Release::constant(since), runtime, ir_version, opset, ml_opset }
}

/// What the server of a release reads at most; none if the table does not go that far. Of releases from before it
/// begins, it gives what they surely do not go beyond.
#[must_use]
pub fn support(release: Release) -> Option<&'static Support> {
    let known = TABLE.iter().rev().find(|row| row.since <= release).or(TABLE.first());
    known.filter(|_| release <= NEWEST)
}

/// Something of a model that is newer than a server reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// What it is, in words that a version follows.
    pub what: &'static str,
    /// The version that the model has.
    pub found: i64,
    /// The newest version that is read.
    pub most: i64,
}

impl Support {
    /// What there is, the oldest first.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        TABLE.iter()
    }

    /// What of a model is too new; the format first, as ONNX Runtime finds it first.
    #[must_use]
    pub fn excess(&self, model: &Onnx) -> Option<Excess> {
        let opset = |domain: &str| model.opset_imports.get(domain).copied();
        let parts = [
            ("version of the format", model.ir_version, self.ir_version),
            ("operator set", opset(""), self.opset),
            ("operator set of `ai.onnx.ml`", opset("ai.onnx.ml"), self.ml_opset),
        ];
        let newer = |(what, found, most): (&'static str, Option<i64>, i64)| {
            let found = found.filter(|found| *found > most)?;
            Some(Excess { what, found, most })
        };
        parts.into_iter().find_map(newer)
    }
}

#[cfg(test)]
mod tests {
    use super::{NEWEST, TABLE, support};
    use crate::schema::Release;

    #[test]
    fn the_table_only_grows() {
        assert!(TABLE.is_sorted_by(|a, b| a.since < b.since && a.ir_version <= b.ir_version && a.opset <= b.opset));
        assert!(TABLE.iter().all(|row| row.since <= NEWEST));
    }

    #[test]
    fn each_release_has_its_row() {
        let runtime = |release| support(Release::constant(release)).map(|row| row.runtime);
        assert_eq!(runtime("23.01"), Some("1.17"));
        assert_eq!(runtime("24.08"), Some("1.18"));
        assert_eq!(runtime("26.08"), Some("1.28"));
        assert_eq!(runtime("26.09"), None);
    }
}
