use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{EntryKind, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::{ENSEMBLE, is_platform};

use super::unknown_platform::{checked, listed};

pub(super) static RULE: Rule = Rule {
    name: "platform-of-another-backend",
    category: Category::Backend,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("platform_of_another_backend.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if config.platform.text() == Some("") {
        return check_left_out(model, findings);
    }
    let Some(platform) = config.platform.written() else { return };
    // What is no platform at all, and what an ensemble may not have, is for other rules.
    if platform.value == ENSEMBLE || !is_platform(&platform.value) {
        return;
    }
    let Some((backend, platforms)) = model.resolution().backend().and_then(checked) else { return };
    if platforms.contains(&platform.value.as_str()) {
        return;
    }
    let mut finding = findings
        .add(platform.span, format!("`{}` is not a platform of the back-end `{backend}`", platform.value))
        .note(format!(
            "the server compares the two and refuses the model; `{backend}` takes {} only",
            listed(platforms.iter().copied())
        ));
    let Some(written) = config.backend.written().filter(|written| !written.value.is_empty()) else {
        let filename = config.default_model_filename.written();
        if let Some(filename) = filename {
            finding = finding.label(filename.span, format!("selects the back-end `{backend}`"));
        }
        finding.help("leave out one of the two, or write the default file of that platform");
        return;
    };
    finding = finding
        .label(written.span, "the back-end")
        .help("leave `platform` out: the server fills in that of the back-end; or correct `backend`");
    let tree = model.tree();
    if let Some(span) = tree.field_of(platform.node).and_then(|field| field_removal(tree, field)) {
        finding.fix(Applicability::Unsafe, "delete `platform`", [(span, String::new())]);
    }
}

/// A platform that is left out is that of the back-end, save for the only one that has two (core
/// `model_config_utils.cc`, `AutoCompleteBackendFields`).
fn check_left_out(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let Some(backend) = config.backend.written().filter(|backend| backend.value == "tensorflow") else { return };
    let is_told = match config.default_model_filename.text() {
        None => return,
        Some("") => !model.repository().is_complete() || holds_default_file(model),
        Some(filename) => matches!(filename, "model.graphdef" | "model.savedmodel"),
    };
    if !is_told {
        findings
            .add(backend.span, "the back-end `tensorflow` has two platforms, and nothing says which one this is")
            .note("the server goes by the name of the model file, `model.savedmodel` or `model.graphdef`, and refuses any other")
            .help("write `platform: \"tensorflow_savedmodel\"` or `platform: \"tensorflow_graphdef\"`");
    }
}

/// Whether the first folder of the model has the default file of one of the platforms.
fn holds_default_file(model: Model<'_>) -> bool {
    let listing = model.listing();
    listing.folders().next().is_some_and(|folder| {
        let is = |name: &str, is_folder: bool| {
            listing.get(&format!("{folder}/{name}")).is_some_and(|kind| is_folder == (kind == EntryKind::Folder))
        };
        is("model.savedmodel", true) || is("model.graphdef", false)
    })
}
