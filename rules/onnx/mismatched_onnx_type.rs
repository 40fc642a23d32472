use super::{Role, declared, loaded};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "mismatched-onnx-type",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("mismatched_onnx_type.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime.cc`, `ValidateInputs` and `ValidateOutputs`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let declared = declared(model);
    for loaded in loaded(model) {
        for tensor in &declared {
            let Some(written) = tensor.data_type.written() else { continue };
            let value = tensor.value(loaded.onnx).and_then(|value| value.tensor());
            let Some(element) = value.map(|value| value.element) else { continue };
            let served = element.data_type();
            if served == Some(written.value) {
                continue;
            }
            let (role, name) = (tensor.role, tensor.name);
            let (wrong, which) = (written.value, loaded.which());
            let of_model = served
                .map_or_else(|| element.name().unwrap_or("of an unknown type").to_owned(), |served| served.to_string());
            let finding = findings
                .add(written.span, format!("{role} `{name}` is {wrong} here, and {of_model} in {which}"))
                .note("the back-end compares the two when it loads the model, and converts nothing");
            match served {
                Some(served) if loaded.is_only => {
                    let text = served.to_string();
                    finding
                        .help(format!(
                            "write {text}, and have clients {} it",
                            if tensor.role == Role::Input { "send" } else { "expect" }
                        ))
                        .fix(Applicability::Safe, format!("write {text}"), [(written.span, text)]);
                }
                Some(_) => {
                    finding.help("export the versions of the model with the same types");
                }
                None => {
                    finding.help("export the model with another type: the back-end does not serve this one");
                }
            }
        }
    }
}
