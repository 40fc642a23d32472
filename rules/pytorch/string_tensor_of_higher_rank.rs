use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{DataType, ModelTensorReshape};
use crate::schema::{Optional, Repeated, Singular};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "string-tensor-of-higher-rank",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("string_tensor_of_higher_rank.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `ValidateInputs` and `ValidateOutputs`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.is_torchscript() {
        return;
    }
    let config = model.config();
    let Some(batch) = config.max_batch_size.get().map(|size| usize::from(size > 0)) else { return };
    let inputs = config.input.iter().map(|input| Strings {
        role: "input",
        name: &input.name,
        data_type: &input.data_type,
        dims: &input.dims,
        reshape: Some(&input.reshape),
    });
    let outputs = config.output.iter().map(|output| Strings {
        role: "output",
        name: &output.name,
        data_type: &output.data_type,
        dims: &output.dims,
        reshape: Some(&output.reshape),
    });
    let states = config.sequence_batching.written().into_iter().flat_map(|sequences| sequences.state.iter());
    let states = states.map(|state| Strings {
        role: "state",
        name: &state.output_name,
        data_type: &state.data_type,
        dims: &state.dims,
        reshape: None,
    });
    for tensor in inputs.chain(outputs).chain(states) {
        tensor.check(model, batch, findings);
    }
}

/// What may be a tensor of strings.
struct Strings<'c> {
    role: &'static str,
    name: &'c Singular<String>,
    data_type: &'c Singular<DataType>,
    dims: &'c Repeated<i64>,
    reshape: Option<&'c Optional<ModelTensorReshape>>,
}

impl Strings<'_> {
    fn check(&self, model: Model<'_>, batch: usize, findings: &mut Findings<'_>) {
        let Some(data_type) = self.data_type.written().filter(|ty| ty.value == DataType::String) else { return };
        let shape = match self.reshape {
            Some(reshape) if !reshape.is_absent() => match reshape.written() {
                Some(reshape) => &reshape.shape,
                None => return,
            },
            _ => self.dims,
        };
        let rank = shape.len() + batch;
        if !shape.is_intact() || rank < 2 {
            return;
        }
        let name = self.name.text().unwrap_or_default();
        let counted = if batch == 1 { ", with that of the batch" } else { "" };
        let finding = findings
            .add(data_type.span, format!("{} `{name}` holds strings in {rank} dimensions{counted}", self.role))
            .note(
                "TorchScript models take and give strings as flat lists, and the back-end fails to load other shapes",
            );
        let fits = matches!(self.dims.iter().map(|dim| dim.value).collect::<Vec<_>>().as_slice(), [1]);
        if batch == 0 || !fits || self.reshape.is_none_or(|reshape| !reshape.is_absent()) {
            finding.help("write one dimension, or with `max_batch_size` none but that of the batch");
            return;
        }
        let finding =
            finding.help("write `reshape { shape: [ ] }` beside `dims: [ 1 ]`: one string an item of the batch");
        let field = self.dims.first().and_then(|dim| model.tree().field_of(dim.node));
        if let Some(field) = field {
            let at = Span::empty(field.span_without_separator().end);
            finding.fix(Applicability::Unsafe, "reshape to nothing", [(at, " reshape { shape: [ ] }".to_owned())]);
        }
    }
}
