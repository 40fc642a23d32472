use crate::diagnostic::Findings;
use crate::edit::set_parameter;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unpadded-openvino-batch",
    category: Category::Backend,
    backends: &["openvino"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unpadded_openvino_batch.md"),
    check,
};

const KEY: &str = "ENABLE_BATCH_PADDING";

/// The back-end asks when it executes requests, `ModelInstanceState::ProcessRequests` of `src/openvino.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if model.resolution().backend() != Some(&Backend::OpenVino) || !config.parameters.is_intact() {
        return;
    }
    let Some(batch) = config.max_batch_size.written().filter(|batch| batch.value > 1) else { return };
    let is_padded = match config.parameters.get(KEY) {
        None => false,
        Some(_) => model.parameter(KEY).is_none_or(|text| text.eq_ignore_ascii_case("yes")),
    };
    if is_padded {
        return;
    }
    let finding = findings
        .add(batch.span, format!("OpenVINO answers batches of exactly {} only", batch.value))
        .note(
            "the back-end compiles the model for that one batch size, and refuses requests that do not add up to it, so \
             that as a rule every request of batch size 1 fails",
        )
        .help(format!(
            "set the parameter {KEY} to \"yes\", which computes a full batch each time, or write `max_batch_size: 1`"
        ));
    if let Some(edit) = set_parameter(model.tree(), &config.parameters, KEY, "yes") {
        finding.fix(Applicability::Unsafe, "let batches be filled up", edit);
    }
}
