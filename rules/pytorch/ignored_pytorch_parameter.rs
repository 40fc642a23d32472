use crate::diagnostic::{Finding, Findings};
use crate::edit::{quoted, removal};
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::nearest;
use crate::schema::parameter::{CORE, PYTORCH_PYTHON, Parameter, TORCHSCRIPT};

pub(super) static RULE: Rule = Rule {
    name: "ignored-pytorch-parameter",
    category: Category::Pytorch,
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("ignored_pytorch_parameter.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(Backend::PyTorch(runtime)) = model.resolution().backend() else { return };
    for entry in model.config().parameters.in_force() {
        let Some(key) = entry.key.written() else { continue };
        let Some(reason) = reason(&key.value, *runtime) else { continue };
        let finding = findings.add(key.span, reason.message(&key.value)).note(
            "back-ends look parameters up by their exact names and say nothing of others: the model loads, and the \
             parameter has no effect",
        );
        let literal = model.tree().source().slice(key.span);
        match reason {
            Reason::Misspelt(meant) => {
                propose(finding, meant).fix(
                    Applicability::Unsafe,
                    format!("write `{meant}`"),
                    [(key.span, quoted(meant, literal))],
                );
            }
            Reason::Removed(_) | Reason::WrongRuntime(_) | Reason::NoneRead => {
                if let Some(span) = removal(model.tree(), entry.node) {
                    finding.fix(Applicability::Unsafe, "delete the parameter", [(span, String::new())]);
                }
            }
            Reason::Unknown => {}
        }
    }
}

fn propose<'d>(finding: Finding<'d>, meant: &str) -> Finding<'d> {
    finding.help(format!("did you mean `{meant}`?"))
}

/// Why the back-end does not read a key.
enum Reason {
    Misspelt(&'static str),
    Removed(&'static Parameter),
    WrongRuntime(&'static str),
    NoneRead,
    Unknown,
}

impl Reason {
    fn message(&self, key: &str) -> String {
        match self {
            Self::Misspelt(_) | Self::Unknown => format!("the PyTorch back-end reads no parameter `{key}`"),
            Self::Removed(parameter) => {
                let release = parameter.removed.map(|release| release.to_string()).unwrap_or_default();
                format!("`{key}` has had no effect since release {release}")
            }
            Self::WrongRuntime(reader) => format!("`{key}` is read for {reader} only"),
            Self::NoneRead => format!("`{key}` has no effect: the platform torch_aoti reads no parameters"),
        }
    }
}

/// Why that key has no effect; none if it has one.
fn reason(key: &str, runtime: PyTorchRuntime) -> Option<Reason> {
    let find = |table: &'static [Parameter]| table.iter().find(|parameter| parameter.key == key);
    if find(&CORE).is_some() {
        return None;
    }
    let (own, others, reader): (&'static [Parameter], &'static [Parameter], _) = match runtime {
        PyTorchRuntime::Aoti => return Some(Reason::NoneRead),
        PyTorchRuntime::TorchScript => (&TORCHSCRIPT, &PYTORCH_PYTHON, "models with `runtime: \"model.py\"`"),
        PyTorchRuntime::Python => (&PYTORCH_PYTHON, &TORCHSCRIPT, "TorchScript models"),
    };
    if let Some(parameter) = find(own) {
        return parameter.removed.map(|_| Reason::Removed(parameter));
    }
    if find(others).is_some() {
        return Some(Reason::WrongRuntime(reader));
    }
    let current = own.iter().filter(|parameter| parameter.removed.is_none()).map(|parameter| parameter.key);
    Some(nearest(key, current).map_or(Reason::Unknown, Reason::Misspelt))
}
