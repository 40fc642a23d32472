use crate::diagnostic::Findings;
use crate::edit::set_parameter;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::Spelling;
use crate::schema::vocabulary::{ModelConfig, ModelInput};
use crate::syntax::Span;

const SWITCH: &str = "DISABLE_OPTIMIZED_EXECUTION";

pub(super) static RULE: Rule = Rule {
    name: "optimized-execution-with-dynamic-shapes",
    category: Category::Pytorch,
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("optimized_execution_with_dynamic_shapes.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_torchscript = model.resolution().backend() == Some(&Backend::PyTorch(PyTorchRuntime::TorchScript));
    if !is_torchscript || !config.parameters.is_intact() || !is_left_on(config) {
        return;
    }
    let variable: Vec<(&ModelInput, Span)> = config
        .input
        .iter()
        .flat_map(|input| input.dims.iter().map(|dim| (&input.value, dim)))
        .filter(|(_, dim)| dim.value == -1)
        .map(|(input, dim)| (input, dim.span))
        .collect();
    let Some(((_, first), others)) = variable.split_first() else { return };
    let mut finding = findings
        .add(*first, format!("{} and optimized execution is left on", described(config)))
        .caption("may vary from request to request");
    for (_, span) in others {
        finding = finding.label(*span, "may vary too");
    }
    let finding = finding
        .note(
            "TorchScript specialises the graph to the shapes of the first calls: the first inference may work and the \
             next, of another length, fail with a shape error, stall or hang",
        )
        .help(format!(
            "set the parameter {SWITCH} to \"true\"; in the cases known it costs between nothing and a \
             quarter of the speed"
        ));
    if let Some(edits) = set_parameter(model.tree(), &config.parameters, SWITCH, "true") {
        finding.fix(Applicability::Unsafe, "switch optimized execution off", edits);
    }
}

/// Whether libtorch is left to specialise the graph. Without profiling, or with the old executor, there
/// is no specialised plan either.
fn is_left_on(config: &ModelConfig) -> bool {
    let setting = |key: &str| {
        let value = config.parameters.get(key)?.value.written()?;
        Spelling::COMMON.read(value.value.string_value.text()?)
    };
    // A value that is no boolean keeps the model from loading, which another rule says.
    (config.parameters.get(SWITCH).is_none() || setting(SWITCH) == Some(false))
        && setting("ENABLE_JIT_EXECUTOR") != Some(false)
        && setting("ENABLE_JIT_PROFILING") != Some(false)
}

/// The inputs that vary: "input `AUDIO` [-1, 80] has variable dims".
fn described(config: &ModelConfig) -> String {
    let varying: Vec<String> = config
        .input
        .iter()
        .filter(|input| input.dims.iter().any(|dim| dim.value == -1))
        .map(|input| {
            let dims: Vec<_> = input.dims.iter().map(|dim| dim.value.to_string()).collect();
            format!("`{}` [{}]", input.name.text().unwrap_or_default(), dims.join(", "))
        })
        .collect();
    match varying.as_slice() {
        [one] => format!("input {one} has variable dims"),
        many => format!("inputs {} have variable dims", many.join(", ")),
    }
}
