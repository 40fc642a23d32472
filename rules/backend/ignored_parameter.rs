use super::{Answer, runs_on_gpu};
use crate::diagnostic::{Finding, Findings};
use crate::edit::{quoted, removal};
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::accelerator::{ACCELERATORS, AcceleratorDescriptor};
use crate::schema::parameter::{CORE, Parameter, Status, TABLES, Table};
use crate::schema::{Release, fold, nearest};

pub(super) static RULE: Rule = Rule {
    name: "ignored-parameter",
    category: Category::Backend,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("ignored_parameter.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(backend) = model.resolution().backend() else { return };
    let (Some(table), Some(descriptor)) = (backend.parameters(), backend.descriptor()) else { return };
    let on_gpu = runs_on_gpu(model);
    let parameters = &model.config().parameters;
    for entry in parameters.in_force() {
        let Some(key) = entry.key.written() else { continue };
        if findings.options().ignored_parameter.known_keys.contains(&key.value) {
            continue;
        }
        let server = model.server().version;
        let Some(reason) = reason(&key.value, table, on_gpu, server) else { continue };
        let text = entry.value.written().and_then(|value| value.value.string_value.text());
        let holds_anyway = |parameter: &Parameter| text.is_some() && text == parameter.default;
        let finding = findings.add(key.span, reason.message(&key.value, descriptor.title)).level(reason.level());
        let finding = match reason {
            Reason::Deprecated(_) => finding,
            // Whoever relied on it relied on nothing.
            Reason::Removed(parameter) if holds_anyway(parameter) => finding.level(Level::Info).note(
                "the releases that read it take this value where it is left out, so that it never made a difference",
            ),
            Reason::Removed(_) if server.is_none() => finding.note(
                "older releases read it; `version` under `[server]` in the settings says which release the server is",
            ),
            Reason::Removed(_) => finding.note("the model loads, and the parameter has no effect"),
            _ => finding.note(
                "back-ends look parameters up by their exact names and say nothing of others: the model loads, and the \
                 parameter has no effect",
            ),
        };
        let delete = |finding: Finding<'_>| {
            if let Some(span) = removal(model.tree(), entry.node) {
                finding.fix(Applicability::Unsafe, "delete the parameter", [(span, String::new())]);
            }
        };
        match reason {
            Reason::Misspelt(meant) if is_opposite(&key.value, meant.key) => {
                finding.help(format!("there is `{}`, which means the opposite", meant.key));
            }
            Reason::Misspelt(meant) if parameters.get(meant.key).is_some() => {
                delete(finding.help(format!("`{}`, which it looks like, is set too", meant.key)));
            }
            Reason::Misspelt(meant) => {
                // With the value that holds anyway, it makes no difference that the server reads it.
                let is_safe = holds_anyway(meant) && fold(meant.key) == fold(&key.value);
                let applicability = if is_safe { Applicability::Safe } else { Applicability::Unsafe };
                let replacement = quoted(meant.key, model.tree().source().slice(key.span));
                finding.help(format!("did you mean `{}`?", meant.key)).fix(
                    applicability,
                    format!("write `{}`", meant.key),
                    [(key.span, replacement)],
                );
            }
            Reason::WrongRuntime { counterpart: Some(counterpart), .. } => {
                delete(finding.help(format!("here it is `{counterpart}` that comes nearest")));
            }
            Reason::Removed(Parameter { status: Status::Removed { successor: Some(successor), .. }, .. }) => {
                delete(finding.help(format!("its successor is `{successor}`, with values of its own")));
            }
            Reason::Removed(_) | Reason::WrongRuntime { .. } => delete(finding),
            Reason::NotYet(_) => {
                finding.help("update the server, whose release the settings say, or delete the parameter");
            }
            Reason::GpuOnly => {
                finding.help("write KIND_GPU, or delete the parameter");
            }
            Reason::Deprecated(successor) => {
                finding
                    .note("it is still read, and wins where both are there")
                    .help(format!("write `{successor}`, unless an older server has to read the config"));
            }
            Reason::CommandLine => {
                finding.help(format!(
                    "it is a setting of the whole back-end: start the server with \
                     `--backend-config={},{}=<value>`",
                    descriptor.name, key.value
                ));
            }
            Reason::OfAccelerator(accelerator) => {
                finding.help(format!(
                    "it goes into `parameters` of the accelerator `{}`, in `optimization`, `execution_accelerators`, \
                     `{}`",
                    accelerator.name,
                    accelerator.list.field()
                ));
            }
            Reason::OtherBackend(other) => delete(finding.help(format!("{other} reads it"))),
            Reason::Unknown => {
                let names: Vec<_> = table.current().map(|name| format!("`{name}`")).collect();
                finding.help(match names.as_slice() {
                    [] => "it reads no parameters".to_owned(),
                    names => format!("it reads {}", names.join(", ")),
                });
            }
        }
    }
}

/// Whether one of two names enables what the other disables.
fn is_opposite(name: &str, meant: &str) -> bool {
    let first = |name: &str| name.trim_start().chars().next().map(|c| c.to_ascii_lowercase());
    (meant.starts_with("DISABLE_") && first(name) != Some('d'))
        || (meant.starts_with("ENABLE_") && first(name) == Some('d'))
}

/// Why the back-end does not read a key.
enum Reason {
    Misspelt(&'static Parameter),
    Removed(&'static Parameter),
    /// The release of the server does not read it yet. Holds the one that does.
    NotYet(Release),
    /// It is read, under an outdated name. Holds the new one.
    Deprecated(&'static str),
    WrongRuntime {
        reader: &'static str,
        counterpart: Option<&'static str>,
    },
    GpuOnly,
    CommandLine,
    OfAccelerator(&'static AcceleratorDescriptor),
    /// Holds who reads it.
    OtherBackend(&'static str),
    Unknown,
}

impl Reason {
    fn message(&self, key: &str, title: &str) -> String {
        match self {
            Self::Misspelt(_) | Self::Unknown | Self::OtherBackend(_) | Self::OfAccelerator(_) | Self::CommandLine => {
                format!("the {title} back-end reads no parameter `{key}`")
            }
            Self::Removed(Parameter { status: Status::Removed { since: Some(release), .. }, .. }) => {
                format!("`{key}` has had no effect since release {release}")
            }
            Self::NotYet(release) => format!("`{key}` has an effect from release {release} on only"),
            Self::Removed(_) => format!("`{key}` has no effect any more"),
            Self::Deprecated(_) => format!("`{key}` is an outdated name"),
            Self::WrongRuntime { reader, .. } => format!("`{key}` is read by {reader} only"),
            Self::GpuOnly => format!("`{key}` is read for instances on a GPU only, and there are none"),
        }
    }

    /// A key that resembles none may well be there for somebody else: clients can read it.
    fn level(&self) -> Level {
        match self {
            Self::Unknown | Self::Deprecated(_) => Level::Info,
            _ => Level::Warning,
        }
    }
}

/// Why that key has no effect; none if it has one, or may have.
fn reason(key: &str, table: &'static Table, on_gpu: Answer, server: Option<Release>) -> Option<Reason> {
    let is_before = |release: Option<Release>| server.zip(release).is_some_and(|(server, release)| server < release);
    if CORE.get(key).is_some() {
        return None;
    }
    if let Some(parameter) = table.get(key) {
        return match parameter.status {
            _ if is_before(parameter.since) => parameter.since.map(Reason::NotYet),
            Status::Removed { since, .. } => (!is_before(since)).then_some(Reason::Removed(parameter)),
            Status::Deprecated { since, successor } => {
                (!is_before(Some(since))).then_some(Reason::Deprecated(successor))
            }
            Status::Read => (parameter.gpu_only && on_gpu == Answer::No).then_some(Reason::GpuOnly),
        };
    }
    let siblings = || TABLES.into_iter().filter(|other| other.backend == table.backend);
    if let Some((other, parameter)) = siblings().find_map(|other| Some((other, other.get(key)?))) {
        return Some(match parameter.status {
            Status::Removed { .. } => Reason::Removed(parameter),
            _ => Reason::WrongRuntime { reader: other.reader, counterpart: counterpart(key) },
        });
    }
    if table.command_line.iter().chain(CORE.command_line).any(|setting| *setting == key) {
        return Some(Reason::CommandLine);
    }
    let own_accelerators = || ACCELERATORS.iter().filter(|accelerator| accelerator.backend == table.backend);
    if let Some(accelerator) = own_accelerators().find(|accelerator| accelerator.get(key).is_some()) {
        return Some(Reason::OfAccelerator(accelerator));
    }
    if let Some(meant) = nearest(key, table.current()).and_then(|meant| table.get(meant))
        && (table.is_closed || is_slip(key, meant.key))
    {
        return Some(Reason::Misspelt(meant));
    }
    if !table.is_closed {
        return None;
    }
    // A key in capitals, or of several words, is nobody's by chance.
    let is_telling = key.contains('_') && key.len() > 8;
    let other = TABLES.into_iter().find(|other| is_telling && other.get(key).is_some());
    Some(other.map_or(Reason::Unknown, |other| Reason::OtherBackend(other.reader)))
}

/// Whether two names differ so little that one is a slip of the other, also where any name may be meant.
fn is_slip(name: &str, other: &str) -> bool {
    strsim::damerau_levenshtein(&fold(name), &fold(other)) <= 2
}

/// What does the same, or nearly, in the other runtime.
fn counterpart(key: &str) -> Option<&'static str> {
    let pairs = [
        ("NUM_THREADS", "INTRA_OP_THREAD_COUNT"),
        ("NUM_INTEROP_THREADS", "INTER_OP_THREAD_COUNT"),
        ("CACHE_CLEANING_ENABLED", "ENABLE_CACHE_CLEANING"),
    ];
    pairs.into_iter().find_map(|(other, torchscript)| match key {
        _ if key == other => Some(torchscript),
        _ if key == torchscript => Some(other),
        _ => None,
    })
}
