use crate::diagnostic::Findings;
use crate::edit::field_removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::InputFormat;

pub(super) static RULE: Rule = Rule {
    name: "image-format-on-wrong-rank",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("image_format_on_wrong_rank.md"),
    check,
};

/// The server asks in `ValidateModelInput` of `model_config_utils.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for input in model.config().input.iter() {
        let Some(format) = input.format.written() else { continue };
        let rank = input.dims.len();
        // Dims that are left out may be filled in.
        if !matches!(format.value, InputFormat::Nhwc | InputFormat::Nchw)
            || matches!(rank, 0 | 3)
            || !input.dims.is_intact()
        {
            continue;
        }
        let name = input.name.text().unwrap_or_default();
        let takes_batches = model.config().max_batch_size.get().is_some_and(|max| max > 0);
        let finding = findings
            .add(format.span, format!("{} goes with 3 dims, and input `{name}` has {rank}", format.value))
            .note(
                "the batch dimension is never counted; the server compares the number of dims and does nothing else \
                 with the format",
            )
            .help(if rank == 4 && takes_batches {
                "take the batch dimension out of the dims, which max_batch_size adds, or leave `format` out"
            } else {
                "leave `format` out"
            });
        let field = model.tree().field_of(format.node);
        if let Some(span) = field.and_then(|field| field_removal(model.tree(), field)) {
            finding.fix(Applicability::Unsafe, "delete `format`", [(span, String::new())]);
        }
    }
}
