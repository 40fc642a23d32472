use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::Spelling;
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "cache-cleaned-at-every-request",
    category: Category::Performance,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("cache_cleaned_at_every_request.md"),
    check,
};

const SWITCH: &str = "ENABLE_CACHE_CLEANING";

/// `ModelInstanceState::ClearCache` of `pytorch_backend` `src/pt/model_instance_state.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if !model.is_torchscript() {
        return;
    }
    let Some(entry) = config.parameters.get(SWITCH) else { return };
    let text = entry.value.written().and_then(|value| value.value.string_value.text());
    let (Some(true), Some(key)) = (text.and_then(|text| Spelling::COMMON.read(text)), entry.key.written()) else {
        return;
    };
    let is_intact = config.input.iter().all(|input| input.dims.is_intact()) && config.input.is_intact();
    let varies = config.input.iter().any(|input| input.dims.iter().any(|dim| dim.value == -1));
    let takes_batches = config.max_batch_size.get().is_none_or(|size| size > 1);
    let on_cpu = |kind: Option<InstanceGroupKind>| kind == Some(InstanceGroupKind::Cpu);
    // On the CPU it does nothing.
    let is_on_cpu =
        !config.instance_group.is_empty() && config.instance_group.iter().all(|group| on_cpu(group.kind.get()));
    if varies || takes_batches || !is_intact || is_on_cpu {
        return;
    }
    let finding = findings
        .add(key.span, "the GPU's memory is given back after every request, and all requests need the same")
        .note(
            "with fixed dims and no batches each request allocates what the one before gave back: cudaMalloc and cudaFree wait \
             for the GPU",
        )
        .help(format!("leave {SWITCH} out, unless other models need the memory between the requests"));
    if let Some(span) = removal(model.tree(), entry.node) {
        finding.fix(Applicability::Unsafe, "delete the parameter", [(span, String::new())]);
    }
}
