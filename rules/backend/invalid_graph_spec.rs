use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};
use crate::schema::Spanned;
use crate::schema::vocabulary::{GraphSpec, GraphSpecLowerBound};

pub(super) static RULE: Rule = Rule {
    name: "invalid-graph-spec",
    category: Category::Backend,
    backends: &["tensorrt"],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_graph_spec.md"),
    check,
};

/// `tensorrt_backend` `src/instance_state.cc`, `ModelInstanceState::ValidateGraphSpec`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::TensorRt) {
        return;
    }
    let optimization = model.config().optimization.written();
    let Some(cuda) = optimization.and_then(|optimization| optimization.cuda.written()) else { return };
    // Without graphs nobody looks at their specifications.
    if cuda.graphs.get() != Some(true) {
        return;
    }
    // The back-end fills in a batch size that is left out, and then expects others here.
    let most = model.config().max_batch_size.get().filter(|size| *size > 0);
    for spec in cuda.graph_spec.iter() {
        batch_size(spec, most, findings);
        dims(spec, findings);
        if let Some(bound) = spec.graph_lower_bound.written() {
            lower_bound(spec, bound, most, findings);
        }
    }
}

fn batch_size(spec: &Spanned<GraphSpec>, most: Option<i32>, findings: &mut Findings<'_>) {
    let Some(size) = spec.batch_size.get() else { return };
    let span = spec.batch_size.written().map_or(spec.span, |written| written.span);
    if let Some(message) = out_of_range(size, most) {
        findings
            .add(span, message)
            .note("the TensorRT back-end fails to load a model with a graph for a batch that there cannot be")
            .help("write a batch size that requests can have");
    }
}

fn out_of_range(size: i32, most: Option<i32>) -> Option<String> {
    match most {
        Some(most) if size < 1 || size > most => {
            Some(format!("a CUDA graph for batches of {size}, not of 1 to {most}"))
        }
        None if size < 0 => Some(format!("a CUDA graph for batches of {size}")),
        _ => None,
    }
}

fn dims(spec: &GraphSpec, findings: &mut Findings<'_>) {
    let bounds = spec.graph_lower_bound.written().map(|bound| &bound.input);
    for shapes in [Some(&spec.input), bounds].into_iter().flatten() {
        let dims = shapes.in_force().filter_map(|entry| entry.value.written()).flat_map(|shape| shape.dim.iter());
        for dim in dims.filter(|dim| dim.value < 0) {
            findings
                .add(dim.span, "a CUDA graph has a shape of its own, without variable dims")
                .note("a graph is captured with tensors of one size; the TensorRT back-end refuses negative dims")
                .help("write the size that requests have most often");
        }
    }
}

fn lower_bound(spec: &GraphSpec, bound: &GraphSpecLowerBound, most: Option<i32>, findings: &mut Findings<'_>) {
    const NOTE: &str = "the lower bound is the smallest batch and shape that the graph may serve; the TensorRT back-end \
                        fails to load a model in which it is not below the graph's own";
    if let (Some(size), Some(lower)) = (spec.batch_size.get(), bound.batch_size.written()) {
        let message = if lower.value > size {
            Some(format!("the lower bound of the batch size is {}, above the graph's {size}", lower.value))
        } else {
            out_of_range(lower.value, most)
        };
        if let Some(message) = message {
            findings.add(lower.span, message).note(NOTE).help("write a smaller batch size, of at least 1");
        }
    }
    for entry in spec.input.in_force() {
        let (Some(name), Some(shape)) = (entry.key.written(), entry.value.written()) else { continue };
        let Some(lower) = bound.input.get(name.value.as_str()) else {
            if bound.input.is_intact() {
                findings
                    .add(name.span, format!("`{}` has no shape in the lower bound", name.value))
                    .note(NOTE)
                    .help("add the smallest shape of that input to `graph_lower_bound`");
            }
            continue;
        };
        let Some(lower) = lower.value.written().filter(|lower| lower.dim.is_intact() && shape.dim.is_intact()) else {
            continue;
        };
        if lower.dim.len() != shape.dim.len() {
            let count = |count: usize| if count == 1 { "1 dim".to_owned() } else { format!("{count} dims") };
            let message =
                format!("{} in the lower bound, {} in the graph", count(lower.dim.len()), count(shape.dim.len()));
            findings.add(lower.span, message).note(NOTE).help("give both the same number of dims");
            continue;
        }
        for (low, high) in lower.dim.iter().zip(shape.dim.iter()).filter(|(low, high)| low.value > high.value) {
            findings
                .add(low.span, format!("the lower bound {} is above the graph's {}", low.value, high.value))
                .label(high.span, "the graph's")
                .note(NOTE)
                .help("swap the two, or write a smaller one");
        }
    }
}
