use crate::diagnostic::Findings;
use crate::edit::{NewValue, add_field};
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "unspecified-instance-kind",
    category: Category::Pedantic,
    backends: &[],
    level: Level::Info,
    fix: Some(Applicability::Unsafe),
    page: include_str!("unspecified_instance_kind.md"),
    check,
};

/// `NormalizeInstanceGroup` of core's `model_config_utils.cc` chooses by the GPUs that there are.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() == Some(&Backend::Ensemble) {
        return;
    }
    let has_gpus = model.server().gpus != Some(0) && model.resolution().backend() != Some(&Backend::OpenVino);
    let meant = if has_gpus { InstanceGroupKind::Gpu } else { InstanceGroupKind::Cpu }.to_string();
    for group in model.config().instance_group.iter().filter(|group| group.kind.is_absent()) {
        let finding = findings.add(group.span, "the instances run on GPUs if the server finds any, else on the CPU");
        let finding = if group.gpus.is_empty() {
            finding
                .note("on a machine whose GPUs the server cannot use it makes them on the CPU, and only its log tells")
                .help("write `kind: KIND_GPU` for a model that is to load on a GPU or not at all, else KIND_CPU")
        } else {
            finding
                .note("where one of `gpus` does not exist the group is taken for one of the CPU, and refused for its `gpus`")
                .help("write `kind: KIND_GPU`")
        };
        let message = model.tree().message(group.node);
        if let Some(edit) = message.and_then(|message| add_field(message, "kind", &NewValue::Scalar(&meant))) {
            finding.fix(Applicability::Unsafe, format!("write `kind: {meant}`"), [edit]);
        }
    }
}
