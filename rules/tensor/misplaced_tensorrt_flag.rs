use super::{Declared, tensors};
use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::{Singular, Spanned};

pub(super) static RULE: Rule = Rule {
    name: "misplaced-tensorrt-flag",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("misplaced_tensorrt_flag.md"),
    check,
};

/// The server asks in `ValidateModelInput`, `ValidateModelOutput` and `ValidateNonLinearFormatIO` of
/// `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(is_tensorrt) = model.is_tensorrt_plan() else { return };
    for tensor in tensors(model) {
        if !is_tensorrt {
            check_platform(model, &tensor, "is_shape_tensor", tensor.is_shape_tensor, findings);
            check_platform(model, &tensor, "is_non_linear_format_io", tensor.is_non_linear_format_io, findings);
        } else if let Some(flag) = set(tensor.is_non_linear_format_io)
            && tensor.dims.is_intact()
            // Dims that are left out are filled in.
            && !matches!(tensor.dims.len(), 0 | 3)
        {
            let message = format!("{tensor} has a non-linear format, and {} dims in place of 3", tensor.dims.len());
            findings
                .add(flag.span, message)
                .note("the server takes non-linear formats for images: 3 dims, the batch dimension not counted")
                .help("take the batch dimension out of the dims, or leave `is_non_linear_format_io` out");
        }
    }
}

fn check_platform(
    model: Model<'_>,
    tensor: &Declared<'_>,
    name: &str,
    flag: &Singular<bool>,
    findings: &mut Findings<'_>,
) {
    let Some(flag) = set(flag) else { return };
    let finding = findings
        .add(flag.span, format!("`{name}` of {tensor} is for TensorRT, and the model does not run on that"))
        .note("the server refuses the flag on any platform but `tensorrt_plan`")
        .help(format!("leave `{name}` out"));
    let field = model.tree().field_of(flag.node);
    if let Some(span) = field.and_then(|field| field_removal(model.tree(), field)) {
        // Where the back-end's model file is there, the back-end is not what is wrong.
        let applicability = if model.model_files().is_empty() { Applicability::Unsafe } else { Applicability::Safe };
        finding.fix(applicability, format!("delete `{name}`"), [(span, String::new())]);
    }
}

fn set(flag: &Singular<bool>) -> Option<&Spanned<bool>> {
    flag.written().filter(|flag| flag.value)
}
