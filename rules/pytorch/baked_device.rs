use super::forward::scripts;
use crate::artifact::torchscript::{BakedDevice, Origin, TorchScript};
use crate::diagnostic::Findings;
use crate::edit::{NewValue, add_field, field_removal, set_field};
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{InstanceGroupKind, ModelInstanceGroup};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "baked-device",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("baked_device.md"),
    check,
};

/// `ModelState::LoadModel` of `pytorch_backend` moves the weights to the instance's device; nothing moves what the code names.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        let mut told: Vec<&str> = Vec::new();
        for baked in devices(script) {
            if told.contains(&baked.device.as_str()) {
                continue;
            }
            let Some((level, other)) = clash(model, baked) else { continue };
            told.push(&baked.device);
            let finding = findings
                .add_entry(&file.path, format!("the code names the device {}, and {other}", baked.device))
                .level(level)
                .note(
                    "weights and inputs are on the instance's device, and what the code makes on another one cannot be put \
                     together with them",
                )
                .note(format!("for example in {}", baked.place))
                .help(help(script, baked));
            // How many GPUs there are need not be known for a pin, but that it is needed.
            if level == Level::Warning
                && let Some(edits) = pin(model, baked)
            {
                finding.fix(Applicability::Unsafe, format!("keep the instances on {}", baked.device), edits);
            }
        }
    }
}

/// The devices that matter. Where a result is moved to the CPU with `to` or `cpu`, that is meant.
fn devices(script: &TorchScript) -> impl Iterator<Item = &BakedDevice> {
    let moves = |text: &str| text.contains("torch.to(") || text.contains("torch.cpu(");
    script.devices.iter().filter(move |baked| baked.is_gpu() || baked.device == "cpu" && !moves(&baked.place.text))
}

/// What speaks against the device, and how much.
fn clash(model: Model<'_>, baked: &BakedDevice) -> Option<(Level, String)> {
    let groups = &model.config().instance_group;
    if !groups.is_intact() {
        return None;
    }
    if groups.is_empty() {
        return by_default(model, baked);
    }
    groups.iter().filter_map(|group| clash_with_group(model, group, baked)).max_by_key(|(level, _)| *level)
}

fn clash_with_group(model: Model<'_>, group: &ModelInstanceGroup, baked: &BakedDevice) -> Option<(Level, String)> {
    let warning = |words: &str| Some((Level::Warning, words.to_owned()));
    match group.kind.get()? {
        InstanceGroupKind::Cpu if baked.is_gpu() => warning("an instance group has KIND_CPU"),
        InstanceGroupKind::Gpu if !baked.is_gpu() => warning("an instance group has KIND_GPU"),
        InstanceGroupKind::Gpu | InstanceGroupKind::Auto if !group.gpus.is_empty() => {
            let Some(device) = baked.gpu() else {
                return if baked.is_gpu() { None } else { warning("an instance group is on GPUs") };
            };
            let other = group.gpus.iter().find(|gpu| u32::try_from(gpu.value).is_ok_and(|gpu| gpu != device))?;
            warning(&format!("an instance group is on GPU {}", other.value))
        }
        InstanceGroupKind::Gpu | InstanceGroupKind::Auto => by_default(model, baked),
        // The model keeps its own devices, or there is nothing against it.
        _ => None,
    }
}

/// Instances on every GPU that there is, or on the CPU if there is none.
fn by_default(model: Model<'_>, baked: &BakedDevice) -> Option<(Level, String)> {
    let of = |level, words: &str| Some((level, words.to_owned()));
    match (model.server().gpus, baked.gpu()) {
        (Some(0), _) if baked.is_gpu() => of(Level::Warning, "the server has no GPU, as the settings say"),
        (Some(0), _) | (Some(1), Some(0)) => None,
        (Some(_), Some(_)) => of(Level::Warning, "there are instances on every GPU of the server"),
        (Some(_), None) if !baked.is_gpu() => of(Level::Warning, "the instances are on the server's GPUs"),
        (None, Some(_)) => of(Level::Info, "a server with several GPUs has instances on each of them"),
        (None, None) if !baked.is_gpu() => of(Level::Info, "on a server with GPUs the instances are there"),
        (_, None) => None,
    }
}

fn help(script: &TorchScript, baked: &BakedDevice) -> String {
    let export = match script.origin {
        Origin::Scripted => "export it with devices taken from a tensor at hand, like `x.device`",
        Origin::Traced(_) | Origin::Unknown => {
            "export it by `torch.jit.script`, or trace it on the device that serves it: tracing writes down where tensors \
             were made"
        }
    };
    match baked.gpu() {
        Some(gpu) => format!("{export}; or keep it there: `instance_group [ {{ kind: KIND_GPU gpus: [ {gpu} ] }} ]`"),
        None if !baked.is_gpu() => format!("{export}; or keep it there: `instance_group [ {{ kind: KIND_CPU }} ]`"),
        None => export.to_owned(),
    }
}

/// Keeps the instances on the device that the code names. None where there are several groups of them.
fn pin(model: Model<'_>, baked: &BakedDevice) -> Option<Vec<(Span, String)>> {
    let tree = model.tree();
    let list = baked.gpu().map(|gpu| format!("[ {gpu} ]"));
    let kind = match &list {
        Some(_) => InstanceGroupKind::Gpu,
        None if !baked.is_gpu() => InstanceGroupKind::Cpu,
        None => return None,
    }
    .to_string();
    let groups = &model.config().instance_group;
    let [group] = &**groups else {
        let gpus = list.as_deref().map(|list| ("gpus", NewValue::Scalar(list)));
        let group = [("kind", NewValue::Scalar(kind.as_str()))].into_iter().chain(gpus).collect();
        let edit =
            groups.is_empty().then(|| add_field(tree.document(), "instance_group", &NewValue::Message(group)))?;
        return Some(vec![edit?]);
    };
    let message = tree.message(group.node)?;
    let mut edits = vec![set_field(message, "kind", &NewValue::Scalar(&kind))?];
    match (&list, group.gpus.first()) {
        (Some(list), _) => edits.push(set_field(message, "gpus", &NewValue::Scalar(list))?),
        (None, Some(first)) => {
            let field = tree.field_of(first.node)?;
            let is_all =
                group.gpus.iter().all(|gpu| tree.field_of(gpu.node).is_some_and(|other| other.id() == field.id()));
            edits.push((is_all.then(|| field_removal(tree, field))??, String::new()));
        }
        (None, None) => {}
    }
    Some(edits)
}
