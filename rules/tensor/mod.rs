//! Rules about inputs and outputs.

use std::fmt;

use crate::model::Model;
use crate::rule::Rule;
use crate::schema::vocabulary::{DataType, ModelInput, ModelOutput, ModelTensorReshape};
use crate::schema::{MessageDescriptor, Optional, Repeated, Singular};
use crate::syntax::{FieldName, NodeId, Span};

mod batch_in_dims;
mod duplicate_input_name;
mod image_format_on_wrong_rank;
mod incomplete_tensor;
mod invalid_batch_input;
mod invalid_batch_output;
mod invalid_dimension;
mod mismatched_reshape;
mod misplaced_tensorrt_flag;
mod repeated_label_file;
mod repeated_output_name;
mod unsupported_data_type;
mod unsupported_optional_input;

/// The rules of this category.
pub static RULES: &[&Rule] = &[
    &batch_in_dims::RULE,
    &duplicate_input_name::RULE,
    &image_format_on_wrong_rank::RULE,
    &incomplete_tensor::RULE,
    &invalid_batch_input::RULE,
    &invalid_batch_output::RULE,
    &invalid_dimension::RULE,
    &mismatched_reshape::RULE,
    &misplaced_tensorrt_flag::RULE,
    &repeated_label_file::RULE,
    &repeated_output_name::RULE,
    &unsupported_data_type::RULE,
    &unsupported_optional_input::RULE,
];

/// An input or an output: what both have.
struct Declared<'c> {
    role: &'static str,
    descriptor: &'static MessageDescriptor,
    node: NodeId,
    span: Span,
    name: &'c Singular<String>,
    data_type: &'c Singular<DataType>,
    dims: &'c Repeated<i64>,
    reshape: &'c Optional<ModelTensorReshape>,
    is_shape_tensor: &'c Singular<bool>,
    is_non_linear_format_io: &'c Singular<bool>,
}

impl fmt::Display for Declared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.text().unwrap_or_default();
        if name.is_empty() { write!(f, "an {}", self.role) } else { write!(f, "{} `{name}`", self.role) }
    }
}

/// The inputs, then the outputs.
fn tensors(model: Model<'_>) -> impl Iterator<Item = Declared<'_>> {
    let config = model.config();
    let inputs = config.input.iter().map(|input| Declared {
        role: "input",
        descriptor: ModelInput::DESCRIPTOR,
        node: input.node,
        span: input.span,
        name: &input.name,
        data_type: &input.data_type,
        dims: &input.dims,
        reshape: &input.reshape,
        is_shape_tensor: &input.is_shape_tensor,
        is_non_linear_format_io: &input.is_non_linear_format_io,
    });
    let outputs = config.output.iter().map(|output| Declared {
        role: "output",
        descriptor: ModelOutput::DESCRIPTOR,
        node: output.node,
        span: output.span,
        name: &output.name,
        data_type: &output.data_type,
        dims: &output.dims,
        reshape: &output.reshape,
        is_shape_tensor: &output.is_shape_tensor,
        is_non_linear_format_io: &output.is_non_linear_format_io,
    });
    inputs.chain(outputs)
}

/// Whether every field of a message has a value and a name that is known, so that what is not there was
/// left out.
fn is_whole(model: Model<'_>, message: NodeId, descriptor: &MessageDescriptor) -> bool {
    let is_known = |name: FieldName<'_>| match name {
        FieldName::Plain(name) => descriptor.field(name).is_some(),
        FieldName::Extension(_) | FieldName::Missing => false,
    };
    let message = model.tree().message(message).filter(|message| message.is_closed());
    message.is_some_and(|message| message.fields().all(|field| is_known(field.name()) && field.value().is_some()))
}
