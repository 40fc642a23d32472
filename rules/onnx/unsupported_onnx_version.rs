use super::loaded;
use crate::artifact::onnx::{Excess, NEWEST, Onnx, Support, support};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::Release;

pub(super) static RULE: Rule = Rule {
    name: "unsupported-onnx-version",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: None,
    page: include_str!("unsupported_onnx_version.md"),
    check,
};

/// ONNX Runtime's `core/graph/model.cc`, the constructor of `Model`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for loaded in loaded(model) {
        let path = &loaded.file.path;
        if loaded.onnx.opset_imports.is_empty() {
            findings
                .add_entry(path, "the model does not say of which version its operators are")
                .note("ONNX Runtime refuses a model without an entry in `opset_import`")
                .help("export the model again; what wrote it left out what the format demands");
            continue;
        }
        match model.server().version {
            Some(release) => check_release(release, loaded.onnx, path, findings),
            None => check_newest(loaded.onnx, path, findings),
        }
    }
}

fn check_release(release: Release, onnx: &Onnx, path: &str, findings: &mut Findings<'_>) {
    let Some(support) = support(release) else { return };
    let Some(Excess { what, found, most }) = support.excess(onnx) else { return };
    let finding = findings
        .add_entry(
            path,
            format!("the model has {what} {found}, and the server of release {release} reads up to {most}"),
        )
        .note(if release < support.since {
            format!("its ONNX Runtime is {} at most, which refuses what is newer", support.runtime)
        } else {
            format!("its ONNX Runtime is {}, which refuses what is newer", support.runtime)
        });
    let needed = first_that_reads(onnx);
    finding.help(match needed {
        Some(needed) => format!("export the model for {what} {most}, or update the server to {needed} or later"),
        None => format!("export the model for {what} {most}"),
    });
}

fn check_newest(onnx: &Onnx, path: &str, findings: &mut Findings<'_>) {
    let excess = support(NEWEST).and_then(|support| support.excess(onnx));
    let Some(Excess { what, found, most }) = excess else { return };
    findings
        .add_entry(path, format!("the model has {what} {found}, and servers up to {NEWEST} read up to {most}"))
        .level(Level::Warning)
        .note("ONNX Runtime refuses what is newer than it; `version` under `[server]` in the settings says which it is")
        .help(format!("export the model for {what} {most}"));
}

/// The first release that reads all of a model.
fn first_that_reads(onnx: &Onnx) -> Option<Release> {
    Support::all().find(|support| support.excess(onnx).is_none()).map(|support| support.since)
}
