use super::{Answer, known_accelerators, runs_on_gpu};
use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::accelerator::Unknown;
use crate::schema::{fold, nearest};

pub(super) static RULE: Rule = Rule {
    name: "unknown-accelerator-parameter",
    category: Category::Backend,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_accelerator_parameter.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime.cc`, `LoadModel`; `tensorflow_backend` `src/tensorflow.cc`,
/// `CreateModel`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_certain = runs_on_gpu(model) == Answer::Yes;
    for (written, accelerator) in known_accelerators(model) {
        for entry in written.parameters.in_force() {
            let Some(key) = entry.key.written() else { continue };
            let name = &key.value;
            if let Some(parameter) = accelerator.get(name) {
                let server = model.server().version.filter(|_| accelerator.unknown == Unknown::Refused);
                if let Some((server, since)) = server.zip(parameter.since).filter(|(server, since)| server < since) {
                    findings
                        .add(key.span, format!("the server is {server}, and `{name}` is there from {since} on"))
                        .level(Level::Warning)
                        .note("an older back-end refuses keys that it does not know; the settings say how old it is")
                        .help("leave it out, or update the server");
                }
                continue;
            }
            let known = || accelerator.parameters.iter().map(|parameter| parameter.key);
            let is_slip = |other: &str| fold(other) == fold(name);
            // A newer framework may know more keys; none that differs from another by its case alone.
            let (is_refused, who) = match accelerator.unknown {
                Unknown::Refused => (true, "the back-end"),
                Unknown::RefusedByFramework => (known().any(is_slip), "ONNX Runtime"),
                Unknown::Ignored => continue,
            };
            let level = if is_refused && is_certain { Level::Error } else { Level::Warning };
            let finding = findings
                .add(key.span, format!("the accelerator `{}` knows no parameter `{name}`", accelerator.name))
                .level(level)
                .note(format!(
                    "unlike `parameters` of the model, those of an accelerator are compared with a list: {who} refuses \
                     other keys, and the model fails to load"
                ));
            if let Some((_, instead)) = ONNX_RUNTIME_NAMES.iter().find(|(own, _)| own == name) {
                finding.help(format!("that is ONNX Runtime's own name: here it is {instead}"));
                continue;
            }
            let Some(meant) = nearest(name, known()).filter(|meant| written.parameters.get(*meant).is_none()) else {
                finding.help(format!(
                    "`tritonlint explain parameter:{}.{}` lists what it knows",
                    accelerator.backend, accelerator.name
                ));
                continue;
            };
            let is_safe = level == Level::Error && is_slip(meant);
            let applicability = if is_safe { Applicability::Safe } else { Applicability::Unsafe };
            let replacement = quoted(meant, model.tree().source().slice(key.span));
            finding.help(format!("did you mean `{meant}`?")).fix(
                applicability,
                format!("write `{meant}`"),
                [(key.span, replacement)],
            );
        }
    }
}

/// What ONNX Runtime calls some options of TensorRT, and how they are said here.
const ONNX_RUNTIME_NAMES: [(&str, &str); 5] = [
    ("trt_fp16_enable", "`precision_mode` with the value FP16"),
    ("trt_int8_enable", "`precision_mode` with the value INT8"),
    ("trt_max_workspace_size", "`max_workspace_size_bytes`"),
    ("trt_int8_calibration_table_name", "`int8_calibration_table_name`"),
    ("trt_int8_use_native_calibration_table", "`int8_use_native_calibration_table`"),
];
