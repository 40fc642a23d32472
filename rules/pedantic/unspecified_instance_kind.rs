use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unspecified-instance-kind",
    category: Category::Pedantic,
    level: Level::Info,
    fix: None,
    page: include_str!("unspecified_instance_kind.md"),
    check,
};

/// `NormalizeInstanceGroup` of core's `model_config_utils.cc` chooses by the GPUs that there are.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() == Some(&Backend::Ensemble) {
        return;
    }
    for group in model.config().instance_group.iter().filter(|group| group.kind.is_absent()) {
        let finding = findings.add(group.span, "the instances run on GPUs if the server finds any, else on the CPU");
        if group.gpus.is_empty() {
            finding
                .note("on a machine whose GPUs the server cannot use it makes them on the CPU, and only its log tells")
                .help("write `kind: KIND_GPU` for a model that is to load on a GPU or not at all, else KIND_CPU");
        } else {
            finding
                .note("where one of `gpus` does not exist the group is taken for one of the CPU, and refused for its `gpus`")
                .help("write `kind: KIND_GPU`");
        }
    }
}
