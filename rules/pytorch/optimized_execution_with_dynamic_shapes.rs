use super::forward::scripts;
use super::{baked_shape, parameter};
use crate::artifact::torchscript::{Branch, TorchScript};
use crate::diagnostic::{Finding, Findings};
use crate::edit::set_parameter;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::{InstanceGroupKind, ModelConfig, ModelInput};
use crate::syntax::Span;

const SWITCH: &str = "DISABLE_OPTIMIZED_EXECUTION";

pub(super) static RULE: Rule = Rule {
    name: "optimized-execution-with-dynamic-shapes",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("optimized_execution_with_dynamic_shapes.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if !model.is_torchscript() || !config.parameters.is_intact() || !is_left_on(config) {
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
    let finding = finding.note(
        "TorchScript specialises the graph to the shapes of the first calls: the first inference may work and the \
             next, of another shape, fail with a shape error, stall or hang",
    );
    let finding = weighed(model, finding).help(format!(
        "set the parameter {SWITCH} to \"true\"; in the cases known it costs between nothing and a \
             quarter of the speed"
    ));
    if let Some(edits) = set_parameter(model.tree(), &config.parameters, SWITCH, "true") {
        finding.fix(Applicability::Unsafe, "switch optimized execution off", edits);
    }
}

/// Adds what makes it more likely or less, and how likely that makes it.
fn weighed<'d>(model: Model<'_>, mut finding: Finding<'d>) -> Finding<'d> {
    /// The first release with libtorch 2.1.
    const CURRENT: &str = "23.07";
    let server = model.server();
    let scripts: Vec<_> = scripts(model).collect();
    if is_on_cpu(model.config()) && server.is_since(CURRENT) {
        finding = finding.level(Level::Info).note(format!(
            "on the CPU no failure of this kind is known with the libtorch of release {CURRENT} and later"
        ));
    } else if !scripts.is_empty() && scripts.iter().all(|(_, script)| is_left_as_it_is(script)) {
        finding = finding
            .level(Level::Info)
            .note("the model file has no operators that libtorch would fuse, so that hardly anything is specialised");
    }
    let is_fused = !is_on_cpu(model.config()) || !server.is_since(CURRENT);
    for (file, script) in scripts {
        if is_fused && !is_left_as_it_is(script) && script.fusible > 1 {
            finding = finding.note(format!(
                "{} has {} operators that libtorch may fuse into generated code, anew for new shapes",
                file.path, script.fusible
            ));
        }
        let by_sizes = |branch: &&Branch| branch.depends.sizes || branch.depends.rank;
        if let Some(branch) = script.branches.iter().find(by_sizes) {
            finding = finding
                .note(format!("sizes decide what the model does, so that new ones run new code: {}", branch.place));
        }
        if script.frozen && !server.is_since(CURRENT) {
            finding = finding.note(format!(
                "the model is frozen, and frozen convolutions are known to crash on new shapes before release {CURRENT}"
            ));
        }
        if script.keeps_state() {
            finding = finding.note(format!(
                "{} also keeps state between calls, which fails in the same way; the parameter does not cure that",
                file.path
            ));
        }
        if let Some(baked) = baked_shape::baked(model, script) {
            finding = finding.note(format!(
                "tracing left a size in the code, with which other lengths fail at the first call too; the parameter does not \
                 cure that: {}",
                baked.place
            ));
        }
    }
    finding
}

/// Whether all instances are on the CPU.
fn is_on_cpu(config: &ModelConfig) -> bool {
    let groups = &config.instance_group;
    groups.is_intact()
        && !groups.is_empty()
        && groups.iter().all(|group| group.kind.get() == Some(InstanceGroupKind::Cpu))
}

/// Whether there is nothing in a model for which libtorch generates code. One operator by itself is not fused.
fn is_left_as_it_is(script: &TorchScript) -> bool {
    script.forward.is_some() && script.is_complete() && script.fusible < 2
}

/// Whether libtorch is left to specialise the graph. Without profiling, or with the old executor, there
/// is no specialised plan either.
fn is_left_on(config: &ModelConfig) -> bool {
    let setting = |key: &str| parameter(config, key);
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
