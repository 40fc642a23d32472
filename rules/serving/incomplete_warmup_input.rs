use crate::diagnostic::Findings;
use crate::edit::{NewValue, add_field};
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{ModelConfig, ModelWarmup, WarmupInput};
use crate::schema::{MapEntry, Spanned};

pub(super) static RULE: Rule = Rule {
    name: "incomplete-warmup-input",
    category: Category::Serving,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Unsafe),
    page: include_str!("incomplete_warmup_input.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for input in inputs_in_use(model.config()) {
        let name = input.key.text().unwrap_or_default();
        let Some(contents) = input.value.written() else {
            if input.value.is_absent() {
                report_no_data(model, input, name, findings);
            }
            continue;
        };
        if contents.zero_data.is_absent() && contents.random_data.is_absent() && contents.input_data_file.is_absent() {
            report_no_data(model, input, name, findings);
        }
        for dim in contents.dims.iter().filter(|dim| dim.value == -1) {
            findings
                .add(dim.span, format!("a dimension of the warm-up input `{name}` is -1"))
                .note("the server makes the tensor of the sample when it loads the model, and has to know its size")
                .help("write a size that requests will have");
        }
    }
}

fn report_no_data(model: Model<'_>, input: &MapEntry<String, WarmupInput>, name: &str, findings: &mut Findings<'_>) {
    let span = input.key.written().map_or(input.span, |key| key.span);
    let finding = findings
        .add(span, format!("the warm-up input `{name}` has no contents"))
        .note("the server does not take zeros by itself")
        .help("add `zero_data: true`, `random_data: true`, or input_data_file with a file in the folder warmup");
    let contents = input.value.written().and_then(|contents| model.tree().message(contents.node));
    if let Some(edit) = contents.and_then(|contents| add_field(contents, "zero_data", &NewValue::Scalar("true"))) {
        finding.fix(Applicability::Unsafe, "write `zero_data: true`", [edit]);
    }
}

/// The inputs of the warm-up samples that the server makes.
pub(super) fn inputs_in_use(config: &ModelConfig) -> impl Iterator<Item = &MapEntry<String, WarmupInput>> {
    samples_in_use(config).flat_map(|sample| sample.value.inputs.in_force())
}

/// The warm-up samples that the server makes: none without a batch size, and none where every instance is
/// passive.
pub(super) fn samples_in_use(config: &ModelConfig) -> impl Iterator<Item = &Spanned<ModelWarmup>> {
    let groups = &config.instance_group;
    let is_default = groups.is_empty() && groups.is_intact();
    let is_run = is_default || groups.iter().any(|group| group.passive.get() == Some(false));
    let samples = config.model_warmup.iter().filter(move |_| is_run);
    samples.filter(|sample| sample.batch_size.get().is_some_and(|size| size > 0))
}
