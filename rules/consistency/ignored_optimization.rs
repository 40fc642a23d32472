use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::NodeId;

pub(super) static RULE: Rule = Rule {
    name: "ignored-optimization",
    category: Category::Consistency,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("ignored_optimization.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    use Backend::{Ensemble, OpenVino, PyTorch, Python, TensorRt};
    let Some(backend) = model.resolution().backend() else { return };
    // A custom back-end may read any of them.
    if matches!(backend, Backend::Other(_)) {
        return;
    }
    let config = model.config();
    if let Some(optimization) = config.optimization.written() {
        if matches!(backend, TensorRt | PyTorch(_) | OpenVino | Python | Ensemble)
            && let Some(graph) = optimization.graph.written()
        {
            report(model, graph.node, "ONNX Runtime and TensorFlow read it, and no other", findings);
        }
        if *backend != TensorRt {
            const READER: &str = "TensorRT reads it, and no other back-end";
            let cuda = optimization.cuda.written().map(|cuda| cuda.node);
            let eager = optimization.eager_batching.written().map(|eager| eager.node);
            let gather = optimization.gather_kernel_buffer_threshold.written().map(|gather| gather.node);
            for node in [cuda, eager, gather].into_iter().flatten() {
                report(model, node, READER, findings);
            }
        }
    }
}

fn report(model: Model<'_>, node: NodeId, who: &str, findings: &mut Findings<'_>) {
    let Some(field) = model.tree().field_of(node) else { return };
    let name = model.tree().source().slice(field.name_span());
    let finding = findings.add(field.name_span(), format!("`{name}` has no effect here")).note(who).help("delete it");
    if let Some(span) = field_removal(model.tree(), field) {
        finding.fix(Applicability::Safe, format!("delete `{name}`"), [(span, String::new())]);
    }
}
