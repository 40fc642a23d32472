//! What `tritonlint explain` says of what a config may hold: parameters, back-ends and fields.

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

/// `BACKEND`, `BACKEND.KEY`, `BACKEND.ACCELERATOR` or `BACKEND.ACCELERATOR.KEY`; keys may have dots in them.
fn parameter(name: &str) -> Result<String, String> {
    let (backend, rest) = name.split_once('.').map_or((name, None), |(backend, rest)| (backend, Some(rest)));
    let tables: Vec<&Table> = TABLES.into_iter().filter(|table| table.backend == backend).collect();
    if tables.is_empty() {
        return Err(match backend::called(backend) {
            Some(meant) => format!("there is no back-end `{}`; did you mean `{}`?", backend.escape_debug(), meant.name),
            None => unknown("back-end with parameters", backend, TABLES.iter().map(|table| table.backend)),
        });
    }
    let accelerators: Vec<_> = ACCELERATORS.iter().filter(|accelerator| accelerator.backend == backend).collect();
    let Some(rest) = rest else { return Ok(all_parameters(backend, &tables, &accelerators)) };
    let mut pages: Vec<String> = tables
        .iter()
        .filter_map(|table| {
            Some(parameter_page(table.get(rest)?, &format!("Read by {}, in `parameters`.", table.reader), None))
        })
        .collect();
    for accelerator in &accelerators {
        if accelerator.name == rest {
            pages.push(accelerator_page(accelerator));
        }
        let key = rest.strip_prefix(accelerator.name).and_then(|rest| rest.strip_prefix('.'));
        if let Some(parameter) = accelerator.get(key.unwrap_or(rest)) {
            let reader = format!(
                "Read by the accelerator `{}` of the back-end `{backend}`, in `optimization.execution_accelerators.{}`.",
                accelerator.name,
                accelerator.list.field()
            );
            pages.push(parameter_page(parameter, &reader, Some(accelerator)));
        }
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

/// A field by its path from the top of a config, such as `dynamic_batching.preferred_batch_size`.
fn field(path: &str) -> Result<String, String> {
    let mut message = ModelConfig::DESCRIPTOR;
    let mut found: Option<&'static FieldDescriptor> = None;
    for name in path.split('.') {
        if let Some(field) = found {
            message = message_of(&field.ty).ok_or_else(|| format!("`{}` has no fields", field.name))?;
        }
        let field = message.field(name);
        found = Some(field.ok_or_else(|| {
            unknown(&format!("field of {}", message.name), name, message.fields.iter().map(|field| field.name))
        })?);
    }
    found.map(|field| field_page(path, field)).ok_or_else(|| "a field has a name".to_owned())
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
