use super::{is_whole, tensors};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::DataType;

pub(super) static RULE: Rule = Rule {
    name: "incomplete-tensor",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("incomplete_tensor.md"),
    check,
};

/// The server asks in `ValidateIOShape` of `model_config_utils.cc`, once the back-end has had its say.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.is_as_written() {
        return;
    }
    for tensor in tensors(model).filter(|tensor| is_whole(model, tensor.node, tensor.descriptor)) {
        let missing: Vec<_> = [
            (tensor.name.text() == Some(""), "`name`"),
            (tensor.data_type.get() == Some(DataType::Invalid), "`data_type`"),
            (tensor.dims.is_empty() && tensor.dims.is_intact(), "`dims`"),
        ]
        .into_iter()
        .filter_map(|(is_missing, field)| is_missing.then_some(field))
        .collect();
        let Some((last, others)) = missing.split_last() else { continue };
        let fields =
            if others.is_empty() { (*last).to_owned() } else { format!("{} and no {last}", others.join(" and no ")) };
        let place = tensor.name.written().filter(|name| !name.value.is_empty()).map_or(tensor.span, |name| name.span);
        findings
            .add(place, format!("{tensor} has no {fields}"))
            .note(
                "some back-ends complete this from the model's file, but the one of this model does not; the server \
                 refuses a tensor without a name, a type or a shape",
            )
            .help(format!("write {}", missing.join(", ")));
    }
}
