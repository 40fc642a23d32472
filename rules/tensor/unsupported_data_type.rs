use super::tensors;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::DataType;

pub(super) static RULE: Rule = Rule {
    name: "unsupported-data-type",
    category: Category::Tensor,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("unsupported_data_type.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(support) = model.resolution().backend().and_then(support) else { return };
    for tensor in tensors(model).filter(|tensor| support.checks_outputs || tensor.role == "input") {
        let Some(data_type) = tensor.data_type.written() else { continue };
        // A tensor without a type may get one, and of a number that is no type nothing is known.
        if matches!(data_type.value, DataType::Invalid | DataType::Unknown(_)) || (support.takes)(data_type.value) {
            continue;
        }
        let finding = findings
            .add(data_type.span, format!("the {} back-end has no {}: in {tensor}", support.name, data_type.value))
            .note(if support.checks_outputs {
                "the back-end fails to load a model with a type that its framework cannot be given"
            } else {
                "the back-end cannot read such an input, so that every request fails"
            })
            .help(support.help);
        if !support.checks_outputs {
            finding.fails_requests();
        }
    }
}

/// Which types a back-end gets along with.
struct Support {
    name: &'static str,
    takes: fn(DataType) -> bool,
    /// Whether it compares the types when it loads the model, those of outputs too.
    checks_outputs: bool,
    help: &'static str,
}

/// Types that only newer releases of a back-end take count as taken.
fn support(backend: &Backend) -> Option<Support> {
    use DataType::{Bf16, Bool, Fp16, Fp32, Fp64, Int8, Int32, Int64, String, Uint8, Uint16, Uint32, Uint64};
    Some(match backend {
        // Some models take strings, depending on the shape.
        Backend::PyTorch(PyTorchRuntime::TorchScript | PyTorchRuntime::Aoti) => Support {
            name: "PyTorch",
            takes: |ty| !matches!(ty, Uint16 | Uint32 | Uint64 | Bf16),
            checks_outputs: true,
            help: "write a type that the model takes and the back-end has, such as TYPE_INT64 or TYPE_FP32",
        },
        Backend::TensorRt => Support {
            name: "TensorRT",
            takes: |ty| matches!(ty, Bool | Uint8 | Int8 | Int32 | Int64 | Fp16 | Fp32 | Bf16),
            checks_outputs: true,
            help: "write the type that the engine has, or leave `data_type` out: the back-end fills it in",
        },
        Backend::OpenVino => Support {
            name: "OpenVINO",
            takes: |ty| !matches!(ty, Fp64 | String | Bf16),
            checks_outputs: true,
            help: "write the type that the model has, or leave `data_type` out: the back-end fills it in",
        },
        Backend::Other(name) if name == "dali" => Support {
            name: "DALI",
            takes: |ty| !matches!(ty, String | Bf16),
            checks_outputs: false,
            help: "write the type that the pipeline has; encoded files such as images are TYPE_UINT8",
        },
        Backend::Other(name) if name == "fil" => Support {
            name: "FIL",
            takes: |ty| ty == Fp32,
            checks_outputs: false,
            help: "write TYPE_FP32, and let clients send that",
        },
        _ => return None,
    })
}
