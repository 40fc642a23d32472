//! What `tritonlint explain` says of what a config may hold: parameters, back-ends and fields.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;

use crate::schema::backend::{self, BackendDescriptor};
use crate::schema::parameter::accelerator::{ACCELERATORS, AcceleratorDescriptor, List, Unknown};
use crate::schema::parameter::{Domain, Otherwise, Parameter, Status, TABLES, Table};
use crate::schema::vocabulary::ModelConfig;
use crate::schema::{FieldDescriptor, FieldType, Label, MessageDescriptor, nearest};

/// The page of `parameter:…`, `backend:…` or `field:…`, or what is wrong with the name behind the colon. None
/// if the subject is none of these.
pub(super) fn explain(subject: &str) -> Option<Result<String, String>> {
    let (kind, name) = subject.split_once(':')?;
    match kind {
        "parameter" => Some(parameter(name)),
        "backend" => Some(backend_page(name)),
        "field" => Some(field(name)),
        _ => None,
    }
}

/// The pages of all that goes by a bare name, such as `max_batch_size`, `KIND_GPU` or `pytorch`.
pub(super) fn explain_word(word: &str) -> Option<String> {
    let mut pages = parameters_called(word);
    pages.extend(fields_called(word));
    pages.extend(enum_value(word));
    pages.extend(backend::find(word).map(backend_text));
    (!pages.is_empty()).then(|| pages.join("\n"))
}

/// A name that [`explain_word`] knows and that is near to one that it does not.
pub(super) fn near(word: &str) -> Option<&'static str> {
    let fields = fields();
    let values = fields.iter().filter_map(|known| match &known.field.ty {
        FieldType::Enum(values) => Some(values.values),
        _ => None,
    });
    let mut names: BTreeSet<&str> = values.flatten().map(|value| value.name).collect();
    names.extend(fields.iter().map(|known| known.field.name));
    names.extend(TABLES.iter().flat_map(|table| table.parameters).map(|parameter| parameter.key));
    names.extend(ACCELERATORS.iter().flat_map(|accelerator| accelerator.parameters).map(|parameter| parameter.key));
    names.extend(backend::names());
    nearest(word, names)
}

/// `BACKEND`, `BACKEND.KEY`, `BACKEND.ACCELERATOR` or `BACKEND.ACCELERATOR.KEY`; keys may have dots in them.
fn parameter(name: &str) -> Result<String, String> {
    let (backend, rest) = name.split_once('.').map_or((name, None), |(backend, rest)| (backend, Some(rest)));
    let tables: Vec<&Table> = TABLES.into_iter().filter(|table| table.backend == backend).collect();
    if tables.is_empty() {
        let pages = parameters_called(name);
        if !pages.is_empty() {
            return Ok(pages.join("\n"));
        }
        return Err(match backend::called(backend) {
            Some(meant) => format!("there is no back-end `{}`; did you mean `{}`?", backend.escape_debug(), meant.name),
            None => unknown("back-end with parameters", backend, TABLES.iter().map(|table| table.backend)),
        });
    }
    let accelerators: Vec<_> = ACCELERATORS.iter().filter(|accelerator| accelerator.backend == backend).collect();
    let Some(rest) = rest else { return Ok(all_parameters(backend, &tables, &accelerators)) };
    let mut pages: Vec<String> = tables.iter().filter_map(|table| page_of_own(table, rest)).collect();
    for accelerator in &accelerators {
        if accelerator.name == rest {
            pages.push(accelerator_page(accelerator));
        }
        let key = rest.strip_prefix(accelerator.name).and_then(|rest| rest.strip_prefix('.'));
        pages.extend(page_of_theirs(accelerator, key.unwrap_or(rest)));
    }
    if pages.is_empty() {
        let own = tables.iter().flat_map(|table| table.parameters);
        let theirs = accelerators.iter().flat_map(|accelerator| accelerator.parameters);
        return Err(unknown(
            &format!("parameter of {backend}"),
            rest,
            own.chain(theirs).map(|parameter| parameter.key),
        ));
    }
    Ok(pages.join("\n"))
}

/// The pages of the parameters with that key, whichever back-end reads them.
fn parameters_called(key: &str) -> Vec<String> {
    let own = TABLES.into_iter().filter_map(|table| page_of_own(table, key));
    own.chain(ACCELERATORS.iter().filter_map(|accelerator| page_of_theirs(accelerator, key))).collect()
}

/// The page of a parameter that a back-end reads itself.
fn page_of_own(table: &Table, key: &str) -> Option<String> {
    Some(parameter_page(table.get(key)?, &format!("Read by {}, in `parameters`.", table.reader), None))
}

/// The page of a parameter that an accelerator reads.
fn page_of_theirs(accelerator: &AcceleratorDescriptor, key: &str) -> Option<String> {
    let AcceleratorDescriptor { name, backend, list, .. } = accelerator;
    let reader = format!(
        "Read by the accelerator `{name}` of the back-end `{backend}`, in `optimization.execution_accelerators.{}`.",
        list.field()
    );
    Some(parameter_page(accelerator.get(key)?, &reader, Some(accelerator)))
}

fn all_parameters(backend: &str, tables: &[&Table], accelerators: &[&AcceleratorDescriptor]) -> String {
    let mut page = format!("# Parameters of {backend}\n");
    for table in tables {
        let _ = write!(page, "\nRead by {}:\n\n", table.reader);
        page.push_str(&list(table.parameters));
        if !table.is_closed {
            page.push_str("\nIt may read others, or hand them to the model.\n");
        }
        if !table.command_line.is_empty() {
            let settings: Vec<_> = table.command_line.iter().map(|setting| format!("`{setting}`")).collect();
            let _ = write!(
                page,
                "\nOn the server's command line instead, with `--backend-config`: {}.\n",
                settings.join(", ")
            );
        }
    }
    for accelerator in accelerators {
        let _ = write!(page, "\n{}", accelerator_list(accelerator));
    }
    page
}

fn list(parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return "- none\n".to_owned();
    }
    let lines = parameters.iter().map(|parameter| {
        let key = parameter.key;
        match parameter.status {
            Status::Removed { .. } => format!("- `{key}`: {}\n", status(parameter).unwrap_or_default()),
            _ => format!("- `{key}`: {}\n", parameter.doc),
        }
    });
    lines.collect()
}

fn accelerator_list(accelerator: &AcceleratorDescriptor) -> String {
    let kind = if accelerator.list == List::Gpu { "GPU" } else { "CPU" };
    format!("Read by the accelerator `{}` for the {kind}:\n\n{}", accelerator.name, list(accelerator.parameters))
}

pub(in crate::cli) fn accelerator_page(accelerator: &AcceleratorDescriptor) -> String {
    let unknown = match accelerator.unknown {
        Unknown::Refused => "With any other key the model fails to load.",
        Unknown::RefusedByFramework => "The framework refuses keys that it does not know; a newer one may know more.",
        Unknown::Ignored => "Its parameters are not read.",
    };
    format!(
        "# {}\n\n{} It goes into `optimization.execution_accelerators.{}` of a model of the back-end `{}`.\n\n{unknown}\n\n{}",
        accelerator.name,
        accelerator.doc,
        accelerator.list.field(),
        accelerator.backend,
        list(accelerator.parameters)
    )
}

pub(in crate::cli) fn parameter_page(
    parameter: &Parameter,
    reader: &str,
    accelerator: Option<&AcceleratorDescriptor>,
) -> String {
    let mut page = format!("# {}\n\n{reader}\n\n{}\n\n", parameter.key, parameter.doc);
    let _ = writeln!(page, "- Values: {}", parameter.domain);
    if let Some(default) = parameter.default {
        let _ = writeln!(page, "- Default: `{default}`");
    }
    if !matches!(parameter.domain, Domain::Text | Domain::Path | Domain::List { .. }) && parameter.is_read() {
        let effect = match parameter.otherwise {
            Otherwise::Refused => "the model fails to load",
            Otherwise::Default => "the default is taken",
            Otherwise::Off => "it counts as off",
        };
        let _ = writeln!(page, "- With another value: {effect}");
    }
    if let Some(since) = parameter.since {
        let _ = writeln!(page, "- Since: release {since}");
    }
    if let Some(status) = status(parameter) {
        let _ = writeln!(page, "- Status: {status}");
    }
    if parameter.gpu_only || accelerator.is_some_and(|accelerator| accelerator.list == List::Gpu) {
        page.push_str("- For: instances on a GPU only\n");
    }
    if !parameter.is_read() {
        return page;
    }
    let example = parameter.default.unwrap_or("…");
    let entry = match accelerator {
        Some(_) => format!("parameters {{ key: \"{}\" value: \"{example}\" }}", parameter.key),
        None => format!("parameters {{ key: \"{}\" value {{ string_value: \"{example}\" }} }}", parameter.key),
    };
    let _ = write!(page, "\n```pbtxt\n{entry}\n```\n");
    page
}

fn status(parameter: &Parameter) -> Option<String> {
    let instead = |successor: &str| format!("; write `{successor}`");
    match parameter.status {
        Status::Read => None,
        Status::Deprecated { since, successor } => {
            Some(format!("outdated since release {since}{}", instead(successor)))
        }
        Status::Removed { since, successor } => {
            let since = since.map(|release| format!(" since release {release}")).unwrap_or_default();
            Some(format!("without effect{since}{}", successor.map(instead).unwrap_or_default()))
        }
    }
}

fn backend_page(name: &str) -> Result<String, String> {
    let Some(descriptor) = backend::find(name) else {
        return Err(match backend::called(name) {
            Some(meant) => format!("there is no back-end `{}`; did you mean `{}`?", name.escape_debug(), meant.name),
            None => unknown("back-end", name, backend::names()),
        });
    };
    Ok(backend_text(descriptor))
}

pub(in crate::cli) fn backend_text(descriptor: &BackendDescriptor) -> String {
    let mut page = format!("# {}\n\n{}\n\n", descriptor.name, descriptor.doc);
    for format in descriptor.formats {
        let platform = format.platform.map(|platform| format!(", with the platform `{platform}`")).unwrap_or_default();
        let _ = writeln!(page, "- Model file: `{}`{platform}", format.filename);
    }
    if let Some(takes) = descriptor.takes_optional_inputs {
        let _ = writeln!(page, "- Optional inputs: {}", if takes { "yes" } else { "no" });
    }
    if let Some(since) = descriptor.since {
        let _ = writeln!(page, "- Since: release {since}");
    }
    if let Some(removed) = descriptor.removed {
        let _ = writeln!(page, "- Status: not in the containers from release {removed} on");
    }
    let accelerators: Vec<_> = ACCELERATORS
        .iter()
        .filter(|accelerator| accelerator.backend == descriptor.name)
        .map(|accelerator| format!("`{}`", accelerator.name))
        .collect();
    if !accelerators.is_empty() {
        let _ = writeln!(page, "- Accelerators: {}", accelerators.join(", "));
    }
    let count: usize =
        TABLES.iter().filter(|table| table.backend == descriptor.name).map(|table| table.parameters.len()).sum();
    if count > 0 {
        let _ = writeln!(page, "- Parameters: {count}; `tritonlint explain parameter:{}` lists them", descriptor.name);
    }
    page
}

/// A field by its path from the top of a config, such as `dynamic_batching.preferred_batch_size`, or by the end
/// of that, or from the message that it is in.
fn field(path: &str) -> Result<String, String> {
    fields_called(path).ok_or_else(|| unknown_field(path))
}

/// The page of the field with that path, or of those whose paths end so.
fn fields_called(name: &str) -> Option<String> {
    let all = fields();
    let is_meant = |known: &&KnownField| {
        let inside = known.path.strip_suffix(name).is_some_and(|before| before.ends_with('.'));
        inside || name.split_once('.') == Some((known.message, known.field.name))
    };
    let exact = all.iter().find(|known| known.path == name);
    let meant: Vec<_> = exact.map_or_else(|| all.iter().filter(is_meant).collect(), |known| vec![known]);
    match meant.as_slice() {
        [] => None,
        [known] => Some(field_page(&known.path, known.field)),
        several => {
            let lines = several.iter().map(|known| format!("- `{}`: {}\n", known.path, prose(known.field.doc)));
            let heading =
                format!("# {name}\n\nA field of several messages; `tritonlint explain field:PATH` tells more:\n\n");
            Some(lines.fold(heading, |page, line| page + &line))
        }
    }
}

/// A field that a config can have.
struct KnownField {
    /// Its path from the top.
    path: String,
    /// The message that it is in.
    message: &'static str,
    field: &'static FieldDescriptor,
}

/// Every field that a config can have. No message holds one of its own kind.
fn fields() -> Vec<KnownField> {
    let mut found = Vec::new();
    let mut messages = VecDeque::from([(String::new(), ModelConfig::DESCRIPTOR)]);
    while let Some((above, message)) = messages.pop_front() {
        for field in message.fields {
            let path = format!("{above}{}", field.name);
            messages.extend(message_of(&field.ty).map(|inner| (format!("{path}."), inner)));
            found.push(KnownField { path, message: message.name, field });
        }
    }
    found
}

fn unknown_field(path: &str) -> String {
    let mut message = ModelConfig::DESCRIPTOR;
    for name in path.split('.') {
        match message.field(name) {
            Some(field) => match message_of(&field.ty) {
                Some(inner) => message = inner,
                None => return format!("`{}` has no fields", field.name),
            },
            None if message.name == ModelConfig::DESCRIPTOR.name => break,
            None => {
                let names = message.fields.iter().map(|field| field.name);
                return unknown(&format!("field of {}", message.name), name, names);
            }
        }
    }
    // It may be one of a message further down.
    let all = fields();
    let last = path.rsplit('.').next().unwrap_or(path);
    let names: BTreeSet<_> = all.iter().map(|known| known.field.name).collect();
    let near = nearest(last, names);
    let meant = all.iter().find(|known| Some(known.field.name) == near);
    let hint = meant.map(|known| format!("; did you mean `{}`?", known.path)).unwrap_or_default();
    format!("there is no field `{}`{hint}", path.escape_debug())
}

/// The page of a value of an enum, with the fields that take it.
fn enum_value(name: &str) -> Option<String> {
    let all = fields();
    let taking = all.iter().filter_map(|known| match &known.field.ty {
        FieldType::Enum(values) => Some((&known.path, values.values.iter().find(|value| value.name == name)?)),
        _ => None,
    });
    let taking: Vec<_> = taking.collect();
    let (_, value) = taking.first()?;
    let paths: Vec<_> = taking.iter().map(|(path, _)| format!("`{path}`")).collect();
    Some(format!("# {name}\n\n{}\n\n- A value of: {}\n", prose(value.doc), paths.join(", ")))
}

fn message_of(ty: &FieldType) -> Option<&'static MessageDescriptor> {
    match ty {
        FieldType::Message(message) => Some(message),
        FieldType::Map { value, .. } => message_of(value),
        FieldType::Scalar(_) | FieldType::Enum(_) => None,
    }
}

fn field_page(path: &str, field: &FieldDescriptor) -> String {
    let mut page = format!("# {path}\n\n{}\n\n", prose(field.doc));
    let label = match field.label {
        Label::Singular => "",
        Label::Repeated => ", any number of times",
        Label::Map => ", in entries of `key` and `value`",
    };
    let _ = writeln!(page, "- Takes: {}{label}", field.ty.expectation());
    if let Some(oneof) = field.oneof {
        let _ = writeln!(page, "- One of: `{oneof}`, of which only one field may be given");
    }
    if let Some(since) = field.since {
        let _ = writeln!(page, "- Since: release {since}");
    }
    let list = match &field.ty {
        FieldType::Enum(values) => values.values.iter().map(|value| (value.name, value.doc)).collect(),
        ty => message_of(ty)
            .map(|message| message.fields.iter().map(|field| (field.name, field.doc)).collect())
            .unwrap_or_default(),
    };
    let list: Vec<(&str, &str)> = list;
    if !list.is_empty() {
        page.push('\n');
    }
    for (name, doc) in list {
        let _ = writeln!(page, "- `{name}`: {}", prose(doc));
    }
    page
}

/// The lines of a doc comment as one.
pub(in crate::cli) fn prose(doc: &str) -> String {
    doc.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn unknown<'c>(what: &str, name: &str, names: impl Iterator<Item = &'c str>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    let hint = nearest(name, names).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    format!("there is no {what} `{}`{hint}", name.escape_debug())
}
