use super::{Declared, tensors};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::Repeated;

pub(super) static RULE: Rule = Rule {
    name: "invalid-dimension",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_dimension.md"),
    check,
};

/// The server asks in `ValidateIOShape` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for tensor in tensors(model) {
        check_sizes(&tensor, "`dims`", tensor.dims, findings);
        if let Some(reshape) = tensor.reshape.written() {
            check_sizes(&tensor, "`reshape`", &reshape.shape, findings);
        }
    }
}

fn check_sizes(tensor: &Declared<'_>, field: &str, sizes: &Repeated<i64>, findings: &mut Findings<'_>) {
    for size in sizes.iter().filter(|size| size.value < 1 && size.value != -1) {
        findings
            .add(size.span, format!("{} is not a dimension: in {field} of {tensor}", size.value))
            .note("the server takes sizes from 1 on, and -1 for a size that varies from request to request")
            .help(if size.value == 0 {
                "write the size, or -1 if it varies; of a scalar for each item of a batch the dims are [ 1 ]"
            } else {
                "write -1 if the size varies; no other negative number stands for anything"
            });
    }
}
