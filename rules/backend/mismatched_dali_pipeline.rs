use crate::artifact::Artifact;
use crate::artifact::dali::{Pipeline, Tensor};
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::{Backend, Model, ModelFile};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::DataType;
use crate::schema::{Repeated, Singular, Spanned, nearest};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "mismatched-dali-pipeline",
    category: Category::Backend,
    backends: &["dali"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("mismatched_dali_pipeline.md"),
    check,
};

/// `dali_backend` `src/config_tools/config_tools.cc`, `AutofillConfig` and `ValidateConfig`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_dali = matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "dali");
    if !is_dali || model.tree().refusals() > 0 {
        return;
    }
    for file in model.model_files() {
        let Some(Artifact::Dali(pipeline)) = file.artifact() else { continue };
        check_inputs(model, file, pipeline, findings);
        check_outputs(model, file, pipeline, findings);
    }
}

fn check_inputs(model: Model<'_>, file: &ModelFile, pipeline: &Pipeline, findings: &mut Findings<'_>) {
    let inputs = &model.config().input;
    for input in inputs.iter() {
        let Some(name) = input.name.written() else { continue };
        match pipeline.inputs.get(&name.value) {
            Some(tensor) => {
                let of = format!("input `{}` of `{}`", name.value, file.path);
                check_tensor(model, &of, tensor, name.span, &input.data_type, &input.dims, findings);
            }
            // Other operators than `fn.external_source` may be inputs, too.
            None if pipeline.operators.contains(&name.value) => {}
            None => unknown(model, file, pipeline, name, findings),
        }
    }
    if model.server().auto_complete_config || !inputs.is_intact() {
        return;
    }
    for name in pipeline.inputs.keys() {
        if inputs.iter().all(|input| input.name.text() != Some(name)) {
            findings
                .add(place(model), format!("the config lacks the input `{name}` of `{}`", file.path))
                .note("the back-end may not complete the config, and fails to load the model")
                .help("add it to `input`");
        }
    }
}

fn unknown(
    model: Model<'_>,
    file: &ModelFile,
    pipeline: &Pipeline,
    name: &Spanned<String>,
    findings: &mut Findings<'_>,
) {
    let listed: Vec<_> = pipeline.inputs.keys().take(10).map(|name| format!("`{name}`")).collect();
    let finding = findings.add(name.span, format!("`{}` has no input `{}`", file.path, name.value));
    let finding = match listed.as_slice() {
        [] => finding.note("the back-end fails to load a model whose config has inputs that the pipeline has not"),
        listed => finding.note(format!(
            "its inputs are {}; the back-end fails to load a model whose config has others",
            listed.join(", ")
        )),
    };
    let is_declared = |known: &&str| model.config().input.iter().any(|input| input.name.text() == Some(known));
    let free: Vec<_> = pipeline.inputs.keys().map(String::as_str).filter(|known| !is_declared(known)).collect();
    let meant = match free.as_slice() {
        [only] => Some(*only),
        _ => nearest(&name.value, free.iter().copied()),
    };
    if let Some(meant) = meant {
        let replacement = quoted(meant, model.tree().source().slice(name.span));
        finding.did_you_mean(meant, Applicability::Unsafe, (name.span, replacement));
    }
}

fn check_outputs(model: Model<'_>, file: &ModelFile, pipeline: &Pipeline, findings: &mut Findings<'_>) {
    let outputs = &model.config().output;
    if !outputs.is_intact() {
        return;
    }
    let (here, there) = (outputs.len(), pipeline.outputs.len());
    let is_too_few = here < there && !model.server().auto_complete_config;
    if here > there || is_too_few {
        findings
            .add(
                outputs.get(there).map_or_else(|| place(model), |output| output.span),
                format!("the config has {here} outputs, and `{}` has {there}", file.path),
            )
            .note("the back-end takes outputs by their order, and fails to load a model with another number of them")
            .help("declare as many as the function of the pipeline returns");
        return;
    }
    for (output, tensor) in outputs.iter().zip(&pipeline.outputs) {
        let Some(name) = output.name.written() else { continue };
        let of = format!("the output of `{}` that `{}` stands for", file.path, name.value);
        check_tensor(model, &of, tensor, name.span, &output.data_type, &output.dims, findings);
    }
}

fn check_tensor(
    model: Model<'_>,
    of: &str,
    tensor: &Tensor,
    name: Span,
    data_type: &Singular<DataType>,
    dims: &Repeated<i64>,
    findings: &mut Findings<'_>,
) {
    if let (Some(known), Some(written)) = (tensor.data_type, data_type.written())
        && known != written.value
        && written.value != DataType::Invalid
    {
        findings
            .add(written.span, format!("{of} is of {known}"))
            .note("the back-end compares the types that the pipeline says, and fails to load the model")
            .help(format!("write `{known}`, or build the pipeline for the type that clients send"))
            .fix(Applicability::Unsafe, format!("write `{known}`"), [(written.span, known.to_string())]);
    }
    // Without batches the back-end takes the first dimension for the samples.
    let is_batching = model.config().max_batch_size.get().is_some_and(|size| size > 0);
    let Some(rank) = tensor.rank.filter(|_| is_batching && dims.is_intact() && !dims.is_empty()) else { return };
    if rank != dims.len() {
        let span = match (dims.first(), dims.last()) {
            (Some(first), Some(last)) => Span::new(first.span.start, last.span.end),
            _ => name,
        };
        let dimensions = if rank == 1 { "dimension" } else { "dimensions" };
        findings
            .add(span, format!("{of} has {rank} {dimensions} besides the batch, not {}", dims.len()))
            .note("the back-end compares the numbers of dimensions, and fails to load the model")
            .help("write as many as a sample has, without the batch");
    }
}

/// Where the config says that this is a model of DALI.
fn place(model: Model<'_>) -> Span {
    let written = model.selecting();
    written.map_or(Span::empty(0), |written| written.span)
}
