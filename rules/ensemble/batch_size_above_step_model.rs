use crate::diagnostic::Findings;
use crate::model::{Completion, Model};

use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "batch-size-above-step-model",
    category: Category::Ensemble,
    backends: &["ensemble"],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("batch_size_above_step_model.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let (Some(ensemble), Some(largest)) = (config.ensemble_scheduling.written(), config.max_batch_size.written())
    else {
        return;
    };
    // A model without batches is taken for one whose own dims have the batch in them.
    let too_small = ensemble.step.iter().filter_map(|step| {
        let other = model.model_of_step(step)?;
        let size = other.config().max_batch_size.get().filter(|size| *size > 0 && *size < largest.value)?;
        Some((size, step, other))
    });
    let Some((size, step, other)) = too_small.min_by_key(|(size, ..)| *size) else { return };
    let mut finding = findings
        .add(
            largest.span,
            format!("max_batch_size {} of the ensemble is above {size}, that of `{}`", largest.value, other.name()),
        )
        .note("no model of an ensemble may take smaller batches than the ensemble; the server refuses it");
    if let Some(name) = step.model_name.written() {
        finding = finding.label(name.span, format!("takes batches of at most {size}"));
    }
    if !matches!(other.completion(), Completion::None | Completion::OfWhatIsLeftOut) {
        finding = finding
            .level(Level::Warning)
            .note("the back-end of that model may raise its max_batch_size when it completes the config");
    }
    finding.help(format!("write {size} here, or raise max_batch_size of `{}` if it can take more", other.name())).fix(
        Applicability::Unsafe,
        format!("write {size}"),
        [(largest.span, size.to_string())],
    );
}
