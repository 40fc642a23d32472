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
    let parameters = &model.config().parameters;
    for entry in parameters.in_force() {
        let Some(key) = entry.key.written() else { continue };
        let Some(reason) = reason(&key.value, *runtime) else { continue };
        let finding = findings.add(key.span, reason.message(&key.value)).note(
            "back-ends look parameters up by their exact names and say nothing of others: the model loads, and the \
             parameter has no effect",
        );
        let delete = |finding: Finding<'_>| {
            if let Some(span) = removal(model.tree(), entry.node) {
                finding.fix(Applicability::Unsafe, "delete the parameter", [(span, String::new())]);
            }
        };
        match reason {
            Reason::Misspelt(meant) if is_negative(&key.value) != is_negative(meant) => {
                finding.help(format!("there is `{meant}`, which means the opposite"));
            }
            Reason::Misspelt(meant) if parameters.get(meant).is_some() => {
                delete(finding.help(format!("`{meant}`, which it looks like, is set too")));
            }
            Reason::Misspelt(meant) => {
                let replacement = quoted(meant, model.tree().source().slice(key.span));
                finding.help(format!("did you mean `{meant}`?")).fix(
                    Applicability::Unsafe,
                    format!("write `{meant}`"),
                    [(key.span, replacement)],
                );
            }
            Reason::WrongRuntime { counterpart: Some(counterpart), .. } => {
                delete(finding.help(format!("here it is `{counterpart}` that comes nearest")));
            }
            Reason::Removed(_) | Reason::WrongRuntime { .. } | Reason::NoneRead => delete(finding),
            Reason::Unknown(known) => {
                let names: Vec<_> = current(known).map(|name| format!("`{name}`")).collect();
                finding.help(format!("it reads {}", names.join(", ")));
            }
        }
    }
}

/// Whether a switch of that name switches something off.
fn is_negative(name: &str) -> bool {
    let name = name.trim_start().to_ascii_lowercase();
    name.starts_with('d') || name.starts_with("no")
}

/// Why the back-end does not read a key.
enum Reason {
    Misspelt(&'static str),
    Removed(&'static Parameter),
    WrongRuntime {
        reader: &'static str,
        counterpart: Option<&'static str>,
    },
    NoneRead,
    /// Holds what is read.
    Unknown(&'static [Parameter]),
}

impl Reason {
    fn message(&self, key: &str) -> String {
        match self {
            Self::Misspelt(_) | Self::Unknown(_) => format!("the PyTorch back-end reads no parameter `{key}`"),
            Self::Removed(parameter) => {
                let release = parameter.removed.map(|release| release.to_string()).unwrap_or_default();
                format!("`{key}` has had no effect since release {release}")
            }
            Self::WrongRuntime { reader, .. } => format!("`{key}` is read for {reader} only"),
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
    if let Some(parameter) = find(own).or_else(|| find(others)).filter(|parameter| parameter.removed.is_some()) {
        return Some(Reason::Removed(parameter));
    }
    if find(own).is_some() {
        return None;
    }
    if find(others).is_some() {
        return Some(Reason::WrongRuntime { reader, counterpart: counterpart(key) });
    }
    Some(nearest(key, current(own)).map_or(Reason::Unknown(own), Reason::Misspelt))
}

/// The keys that are still read.
fn current(table: &'static [Parameter]) -> impl Iterator<Item = &'static str> {
    table.iter().filter(|parameter| parameter.removed.is_none()).map(|parameter| parameter.key)
}

/// What does the same, or nearly, in the other runtime.
fn counterpart(key: &str) -> Option<&'static str> {
    let pairs = [("NUM_THREADS", "INTRA_OP_THREAD_COUNT"), ("NUM_INTEROP_THREADS", "INTER_OP_THREAD_COUNT")];
    pairs.into_iter().find_map(|(python, torchscript)| match key {
        _ if key == python => Some(torchscript),
        _ if key == torchscript => Some(python),
        _ => None,
    })
}
