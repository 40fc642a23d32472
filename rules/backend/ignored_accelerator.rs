use super::{Answer, known_accelerators, runs_on_gpu, written_accelerators};
use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::accelerator::{self, List, Unknown};

pub(super) static RULE: Rule = Rule {
    name: "ignored-accelerator",
    category: Category::Backend,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("ignored_accelerator.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(backend) = model.resolution().backend() else { return };
    // Of back-ends without a table it is not known what they read.
    let (Some(descriptor), Some(_)) = (backend.descriptor(), backend.parameters()) else { return };
    if !accelerator::is_read(descriptor.name) {
        elsewhere(model, descriptor.title, findings);
        return;
    }
    if runs_on_gpu(model) == Answer::No {
        for (_, written) in written_accelerators(model).filter(|(list, _)| *list == List::Gpu) {
            let span = written.name.written().map_or(written.span, |name| name.span);
            findings
                .add(span, "an accelerator for the GPU, and no instance is on one")
                .note(format!(
                    "the {} back-end reads `gpu_execution_accelerator` for instances of KIND_GPU only, and says nothing",
                    descriptor.title
                ))
                .help("write KIND_GPU, or delete the accelerator");
        }
    }
    for (written, accelerator) in known_accelerators(model).filter(|(_, known)| known.unknown == Unknown::Ignored) {
        for key in written.parameters.in_force().filter_map(|entry| entry.key.written()) {
            findings
                .add(key.span, format!("the accelerator `{}` reads no parameters", accelerator.name))
                .note("the back-end does not look at them: the model loads, and they have no effect")
                .help("delete it");
        }
    }
}

/// The back-end reads no accelerators at all.
fn elsewhere(model: Model<'_>, title: &str, findings: &mut Findings<'_>) {
    if written_accelerators(model).next().is_none() {
        return;
    }
    let optimization = model.config().optimization.written();
    let written = optimization.and_then(|optimization| optimization.execution_accelerators.written());
    let Some(field) = written.and_then(|written| model.tree().field_of(written.node)) else { return };
    let finding = findings
        .add(field.name_span(), format!("the {title} back-end reads no execution accelerators"))
        .note("they belong to ONNX Runtime and TensorFlow; other back-ends load the model as if they were not there")
        .help("delete `execution_accelerators`");
    // The code of a Python model is given the whole config, and may go by any part of it.
    if model.runs_python() {
        finding.level(Level::Info).note("the model's own code may read them from its config");
        return;
    }
    if let Some(span) = field_removal(model.tree(), field) {
        finding.fix(Applicability::Unsafe, "delete `execution_accelerators`", [(span, String::new())]);
    }
}
