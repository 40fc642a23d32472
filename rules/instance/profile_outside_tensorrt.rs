use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "profile-outside-tensorrt",
    category: Category::Instance,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("profile_outside_tensorrt.md"),
    check,
};

/// The server asks in `ValidateInstanceGroup` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    // An ensemble may have no groups at all.
    if model.is_tensorrt_plan() != Some(false) || model.resolution().backend() == Some(&Backend::Ensemble) {
        return;
    }
    let tree = model.tree();
    // Where the back-end's model file is there, the back-end is not what is wrong.
    let applicability = if model.model_files().is_empty() { Applicability::Unsafe } else { Applicability::Safe };
    for group in model.config().instance_group.iter() {
        let mut fields: Vec<_> = group.profile.iter().filter_map(|profile| tree.field_of(profile.node)).collect();
        fields.dedup_by_key(|field| field.id());
        let Some(first) = fields.first() else { continue };
        let finding = findings
            .add(
                first.span_without_separator(),
                "a group names optimization profiles, and the model does not run on TensorRT",
            )
            .note("only a TensorRT engine has profiles; the server refuses them on any platform but `tensorrt_plan`")
            .help("delete `profile`");
        let removals: Option<Vec<_>> = fields.iter().map(|field| field_removal(tree, *field)).collect();
        if let Some(spans) = removals {
            let edits = spans.into_iter().map(|span| (span, String::new()));
            finding.fix(applicability, "delete `profile`", edits);
        }
    }
}
