use super::forward::{bind_inputs, scripts, takes_dictionary};
use super::mismatched_traced_input::shape;
use crate::artifact::torchscript::{BakedSize, Origin, Size, Sized, Tensor, TorchScript};
use crate::diagnostic::{Finding, Findings};
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "baked-shape",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("baked_shape.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        for axis in axes(model, script) {
            let Some(baked) = script.traced_sizes().find(|baked| axis.is_baked_by(baked)) else { continue };
            let finding = if axis.is_batch {
                report_batch(&axis, &file.path, findings)
            } else {
                report_dimension(&axis, &file.path, findings)
            };
            finding.note(format!("`{}` gets {} in {}", baked.operator, sizes(baked), baked.place));
        }
    }
}

fn report_batch<'f>(axis: &Axis<'_>, path: &str, findings: &'f mut Findings<'_>) -> Finding<'f> {
    let size = axis.traced;
    findings
        .add(
            axis.span,
            format!("batches may be of any size, and the code of {path} has the one it was traced with: {size}"),
        )
        .note("a batch of another size fails with a shape error, or comes back as one of the traced size")
        .help(
            "trace the model so that the batch size stays variable (`x.size(0)` without `int()`), script it, or set \
             max_batch_size to 0 and write the batch dimension into `dims`",
        )
}

fn report_dimension<'f>(axis: &Axis<'_>, path: &str, findings: &'f mut Findings<'_>) -> Finding<'f> {
    let Axis { input, traced, .. } = axis;
    findings
        .add(
            axis.span,
            format!("`{input}` may be of any size here, and the code of {path} has the one it was traced with: {traced}"),
        )
        .note("a request of another size fails with a shape error, also as the first after a load")
        .help(
            "script the model, or trace it so that sizes stay variable (`x.size(1)` without `int()` or `len()`); else write \
             the traced size into `dims`",
        )
}

/// A size in the code that stands where the config leaves one open.
pub(super) fn baked<'s>(model: Model<'_>, script: &'s TorchScript) -> Option<&'s BakedSize> {
    let axes = axes(model, script);
    script.traced_sizes().find(|baked| axes.iter().any(|axis| axis.is_baked_by(baked)))
}

fn sizes(baked: &BakedSize) -> String {
    let words: Vec<_> = (baked.sizes.iter())
        .map(|size| match size {
            Size::Constant(value) => value.to_string(),
            Size::Inferred => "-1".to_owned(),
            Size::Computed => "…".to_owned(),
        })
        .collect();
    format!("[{}]", words.join(", "))
}

/// A dimension that the config leaves open, and that had one size in tracing.
struct Axis<'c> {
    input: &'c str,
    span: Span,
    traced: i64,
    is_batch: bool,
    /// Elements of the traced input.
    elements: i64,
    /// Whether some other dimension has the same size, so that a number in the code may stand for that one.
    is_ambiguous: bool,
}

impl Axis<'_> {
    fn is_baked_by(&self, baked: &BakedSize) -> bool {
        let reshapes =
            matches!(baked.operator.as_str(), "view" | "reshape" | "_reshape_alias" | "expand" | "broadcast_to");
        let is_first = baked.sizes.first() == Some(&Size::Constant(self.traced)) && baked.sizes.len() > 1;
        if baked.of == Sized::Input && reshapes {
            let count = baked.is_fixed().then(|| baked.constants().try_fold(1_i64, i64::checked_mul)).flatten();
            // The whole input goes into a fixed shape.
            if count.is_some() && count == Some(self.elements) {
                return self.is_batch || self.traced > 1;
            }
            if self.is_batch {
                // That of a batch comes first.
                return is_first && (self.traced > 1 || baked.is_fixed() || baked.sizes.contains(&Size::Inferred));
            }
        }
        let is_of_input = baked.of == Sized::Input && reshapes || baked.of == Sized::New;
        !self.is_batch
            && self.traced > 1
            && !self.is_ambiguous
            && is_of_input
            && baked.constants().any(|size| size == self.traced)
    }
}

/// The dimensions that the config leaves open, of the inputs that the model was traced with.
fn axes<'c>(model: Model<'c>, script: &TorchScript) -> Vec<Axis<'c>> {
    let config = model.config();
    let (Some(forward), Origin::Traced(traced)) = (&script.forward, &script.origin) else { return Vec::new() };
    let Some(most) = config.max_batch_size.get().filter(|_| !takes_dictionary(forward)) else { return Vec::new() };
    let Some((_, bound)) = bind_inputs(config, forward) else { return Vec::new() };
    let batch = usize::from(most > 0);
    let mut axes = Vec::new();
    for (input, bound) in config.input.iter().zip(bound) {
        let (Some(Some(tensor)), Some(shape)) = (traced.get(bound.position), shape(input)) else { continue };
        let is_plain = input.allow_ragged_batch.get() == Some(false) && shape.len() + batch == tensor.shape.len();
        if !is_plain {
            continue;
        }
        let elements = tensor.shape.iter().try_fold(1_i64, |product, size| product.checked_mul(*size)).unwrap_or(0);
        let name = bound.name.value.as_str();
        let open_at = |at: usize, span: Span| Axis {
            input: name,
            span,
            traced: tensor.shape[at],
            is_batch: batch == 1 && at == 0,
            elements,
            is_ambiguous: is_ambiguous(traced, bound.position, at),
        };
        if let Some(written) = config.max_batch_size.written().filter(|size| size.value > 1)
            && !axes.iter().any(|axis: &Axis<'_>| axis.is_batch)
        {
            axes.push(open_at(0, written.span));
        }
        let open = shape.iter().enumerate().filter(|(_, dim)| dim.value == -1);
        axes.extend(open.map(|(at, dim)| open_at(at + batch, dim.span)));
    }
    axes
}

/// Whether another dimension of the inputs has the same size: of another kind, that is at another place.
fn is_ambiguous(traced: &[Option<Tensor>], input: usize, axis: usize) -> bool {
    let Some(Some(own)) = traced.get(input) else { return true };
    let Some(size) = own.shape.get(axis) else { return true };
    let others = traced.iter().flatten();
    others.flat_map(|tensor| tensor.shape.iter().enumerate()).any(|(at, other)| at != axis && other == size)
}
