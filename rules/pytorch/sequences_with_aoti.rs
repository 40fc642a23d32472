use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

use super::aoti::{SINCE, older_server};

pub(super) static RULE: Rule = Rule {
    name: "sequences-with-aoti",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("sequences_with_aoti.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(server) = older_server(model) else { return };
    let Some(written) = model.config().sequence_batching.written() else { return };
    let Some(field) = model.tree().field_of(written.node) else { return };
    let finding = findings
        .add(
            field.name_span(),
            format!(
                "the server is {server}, and a model of the platform torch_aoti can have sequences from {SINCE} on"
            ),
        )
        .note("an older back-end supports `sequence_batching` for TorchScript models only, and fails to load this one")
        .help("leave `sequence_batching` out, or update the server");
    if let Some(span) = field_removal(model.tree(), field) {
        finding.fix(Applicability::Unsafe, "delete `sequence_batching`", [(span, String::new())]);
    }
}
