use super::forward::{bind_inputs, scripts, takes_dictionary};
use crate::artifact::torchscript::{Origin, Tensor};
use crate::diagnostic::Findings;
use crate::model::{Model, ModelFile};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Repeated;
use crate::schema::vocabulary::{DataType, ModelInput};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "mismatched-traced-input",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("mismatched_traced_input.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(batch) = model.config().max_batch_size.get().map(|size| usize::from(size > 0)) else { return };
    for (file, script) in scripts(model) {
        let (Some(forward), Origin::Traced(traced)) = (&script.forward, &script.origin) else { continue };
        if takes_dictionary(forward) {
            continue;
        }
        let Some((_, bound)) = bind_inputs(model.config(), forward) else { continue };
        for (input, bound) in model.config().input.iter().zip(bound) {
            let Some(Some(tensor)) = traced.get(bound.position) else { continue };
            check_rank(file, input, tensor, batch, findings);
            check_type(file, input, tensor, findings);
        }
    }
}

fn check_rank(file: &ModelFile, input: &ModelInput, traced: &Tensor, batch: usize, findings: &mut Findings<'_>) {
    let Some(shape) = shape(input) else { return };
    let rank = shape.len() + batch;
    // A ragged input comes as one dimension.
    let (Some(first), true) = (shape.first(), input.allow_ragged_batch.get() == Some(false)) else { return };
    if rank == traced.shape.len() {
        return;
    }
    let name = input.name.text().unwrap_or_default();
    let counted = if batch == 1 { ", with that of the batch" } else { "" };
    let span = shape.last().map_or(first.span, |last| Span { start: first.span.start, end: last.span.end });
    let finding = findings
        .add(
            span,
            format!(
                "`{name}` has {}{counted}, and the model was traced with {}: {:?}",
                dimensions(rank),
                traced.shape.len(),
                traced.shape
            ),
        )
        .note(format!("the code in {} was recorded for inputs of that many dimensions", file.path));
    if batch == 1 && rank == traced.shape.len() + 1 {
        finding
            .note("with max_batch_size above 0 the server puts the dimension of the batch before `dims`")
            .help("leave the dimension of the batch out of `dims`, or set max_batch_size to 0");
    } else if batch == 0 && rank + 1 == traced.shape.len() {
        finding.help(
            "write all dimensions that the model takes, or set max_batch_size if the first one is that of a batch",
        );
    } else {
        finding.help("write the dimensions that the model takes");
    }
}

fn dimensions(rank: usize) -> String {
    if rank == 1 { "1 dimension".to_owned() } else { format!("{rank} dimensions") }
}

/// The shape that the model gets of one item; none if it cannot be read.
pub(super) fn shape(input: &ModelInput) -> Option<&Repeated<i64>> {
    let shape = match input.reshape.written() {
        Some(reshape) => &reshape.value.shape,
        None if input.reshape.is_absent() => &input.dims,
        None => return None,
    };
    shape.is_intact().then_some(shape)
}

fn check_type(file: &ModelFile, input: &ModelInput, traced: &Tensor, findings: &mut Findings<'_>) {
    let Some(written) = input.data_type.written() else { return };
    let (Some(given), Some(taken)) = (of_config(written.value), of_torch(traced.element_type.name())) else { return };
    // Whole numbers are mostly taken in any width.
    if given == taken {
        return;
    }
    let name = input.name.text().unwrap_or_default();
    let finding = findings
        .add(
            written.span,
            format!("`{name}` is {}, and the model was traced with {}", written.value, traced.element_type),
        )
        .note(format!("most operators take no other type than the one that {} was recorded with", file.path))
        .help("write the type that the model takes, or trace it with the one that clients send");
    if let Some(taken) = name_of(traced.element_type.name()) {
        finding.fix(Applicability::Unsafe, format!("write {taken}"), [(written.span, taken.to_string())]);
    }
}

/// What types go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Half,
    Single,
    Double,
    Whole,
    Bool,
}

fn of_config(ty: DataType) -> Option<Kind> {
    Some(match ty {
        DataType::Fp16 => Kind::Half,
        DataType::Fp32 => Kind::Single,
        DataType::Fp64 => Kind::Double,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::Uint8 => Kind::Whole,
        DataType::Bool => Kind::Bool,
        _ => return None,
    })
}

fn of_torch(name: &str) -> Option<Kind> {
    Some(match name {
        "float16" => Kind::Half,
        "float32" => Kind::Single,
        "float64" => Kind::Double,
        "int8" | "int16" | "int32" | "int64" | "uint8" => Kind::Whole,
        "bool" => Kind::Bool,
        _ => return None,
    })
}

/// What a type of torch is called in a config.
fn name_of(torch: &str) -> Option<DataType> {
    Some(match torch {
        "float16" => DataType::Fp16,
        "float32" => DataType::Fp32,
        "float64" => DataType::Fp64,
        "int8" => DataType::Int8,
        "int16" => DataType::Int16,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "uint8" => DataType::Uint8,
        "bool" => DataType::Bool,
        _ => return None,
    })
}
