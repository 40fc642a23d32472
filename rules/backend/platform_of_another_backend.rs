use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::{ENSEMBLE, is_platform};

use super::unknown_platform::{checked, listed};

pub(super) static RULE: Rule = Rule {
    name: "platform-of-another-backend",
    category: Category::Backend,
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("platform_of_another_backend.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
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
