use crate::artifact::Artifact;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::InstanceGroupKind;

pub(super) static RULE: Rule = Rule {
    name: "unsupported-vllm-engine",
    category: Category::Backend,
    backends: &["vllm"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unsupported_vllm_engine.md"),
    check,
};

/// `vllm_backend` `src/model.py`, `_validate_device_config` and `_setup_lora`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "vllm") {
        return;
    }
    for file in model.model_files() {
        let Some(Artifact::Vllm(engine)) = file.artifact() else { continue };
        let devices =
            engine.tensor_parallel_size.unwrap_or(1).saturating_mul(engine.pipeline_parallel_size.unwrap_or(1));
        for group in model.config().instance_group.iter().filter(|_| devices > 1) {
            let Some(kind) = group.kind.written().filter(|kind| kind.value == InstanceGroupKind::Gpu) else { continue };
            let finding = findings
                .add(
                    kind.span,
                    format!("the engine of `{}` runs on {devices} GPUs, and each instance has one", file.path),
                )
                .note("the back-end takes KIND_GPU for an engine on a single GPU, and fails to load one on several")
                .help("write KIND_MODEL: the engine then places itself");
            if group.gpus.is_empty() && group.gpus.is_intact() {
                finding.fix(Applicability::Safe, "write KIND_MODEL", [(kind.span, "KIND_MODEL".to_owned())]);
            }
        }
        let Some((folder, _)) = file.path.rsplit_once('/') else { continue };
        let adapters = format!("{folder}/multi_lora.json");
        if engine.enable_lora == Some(true) && model.listing().get(&adapters).is_none() {
            let finding = findings
                .add_entry(
                    &file.path,
                    "the engine serves adapters, and there is no `multi_lora.json` beside it".to_owned(),
                )
                .help("name the adapters there, or leave `enable_lora` out");
            finding
                .note("the back-end reads it when it loads the model, and fails without it")
                .unless_complete("the file");
        }
    }
}
