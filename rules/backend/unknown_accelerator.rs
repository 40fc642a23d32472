use super::{Answer, runs_on_gpu, written_accelerators};
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::accelerator::{self, List};
use crate::schema::{fold, nearest};

pub(super) static RULE: Rule = Rule {
    name: "unknown-accelerator",
    category: Category::Backend,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_accelerator.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime.cc`, `LoadModel`; `tensorflow_backend` `src/tensorflow.cc`,
/// `CreateModel`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(descriptor) = model.resolution().backend().and_then(Backend::descriptor) else { return };
    if !accelerator::is_read(descriptor.name) {
        return;
    }
    let on_gpu = runs_on_gpu(model);
    for (list, written) in written_accelerators(model) {
        let Some(name) = written.name.text() else { continue };
        if accelerator::find(descriptor.name, list, name).is_some() || (list == List::Gpu && on_gpu == Answer::No) {
            continue;
        }
        let is_certain = list == List::Cpu || on_gpu == Answer::Yes;
        let known: Vec<_> = accelerator::of(descriptor.name, list).map(|known| known.name).collect();
        let span = written.name.written().map_or(written.span, |name| name.span);
        let message = match (known.is_empty(), name) {
            (true, _) => format!("the {} back-end has no accelerators for the CPU", descriptor.title),
            (false, "") => "an accelerator without a name".to_owned(),
            (false, _) => format!("`{name}` is no accelerator of {} in {}", descriptor.title, list.field()),
        };
        let note = match list {
            List::Gpu if !is_certain => "where the model runs on a GPU, the back-end fails to load it",
            _ => "the back-end fails to load the model",
        };
        let level = if is_certain { Level::Error } else { Level::Warning };
        let finding = findings.add(span, message).level(level).note(note);
        let other = if list == List::Gpu { List::Cpu } else { List::Gpu };
        if accelerator::of(descriptor.name, other).any(|known| fold(known.name) == fold(name)) {
            finding.help(format!("it belongs into `{}`", other.field()));
            continue;
        }
        let Some(meant) = nearest(name, known.iter().copied()) else {
            let names: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            finding.help(match names.as_slice() {
                [] => format!("delete `{}`", list.field()),
                names => format!("it knows {}", names.join(", ")),
            });
            continue;
        };
        let finding = finding.help(format!("did you mean `{meant}`?"));
        let is_safe = is_certain && fold(meant) == fold(name);
        let applicability = if is_safe { Applicability::Safe } else { Applicability::Unsafe };
        let replacement = quoted(meant, model.tree().source().slice(span));
        finding.fix(applicability, format!("write `{meant}`"), [(span, replacement)]);
    }
}
