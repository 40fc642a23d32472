use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

use super::aoti::{SINCE, older_server};

pub(super) static RULE: Rule = Rule {
    name: "batches-with-aoti",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("batches_with_aoti.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(server) = older_server(model) else { return };
    if let Some(largest) = model.config().max_batch_size.written().filter(|largest| largest.value > 1) {
        findings
            .add(
                largest.span,
                format!("the server is {server}, and the platform torch_aoti takes batches from {SINCE} on"),
            )
            .note("an older back-end loads the model, and does not give each request its part of the outputs")
            .help("write 0 or 1, or update the server")
            .fix(Applicability::Unsafe, "write 1", [(largest.span, "1".to_owned())]);
    }
}
