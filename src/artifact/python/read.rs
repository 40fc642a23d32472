//! From source text to what it says.

use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree};

use super::super::{Unreadable, refuse_other};
use super::bindings::Bindings;
use super::class::{class, undecorated};
use super::syntax::{kind, line, nodes, part, parts};
use super::{Call, Line, MODEL_CLASS, ModelClass, Names, Parameter, Python, Undecodable};

/// The bytes of the longest file that is read. The parser takes some 250 bytes for each.
const LONGEST: u64 = 128 * 1024;

/// Reads what a `model.py` says of itself.
///
/// # Errors
///
/// If the file only stands for a model, is no text, or is too long.
pub fn read(mut file: impl Read + Seek) -> Result<Python, Unreadable> {
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut bytes = Vec::new();
    file.by_ref().take(LONGEST).read_to_end(&mut bytes)?;
    refuse_other(&bytes, size)?;
    if size > LONGEST {
        return Err(Unreadable::TooLarge(format!("it has more than {} KiB", LONGEST / 1024)));
    }
    let undecodable = undecodable(&bytes);
    let source = String::from_utf8_lossy(&bytes);
    let source = source.strip_prefix('\u{feff}').unwrap_or(&source);
    let tree = parse(source).ok_or_else(|| Unreadable::TooLarge("it takes too long to parse".to_owned()))?;
    let nodes = nodes(&tree);
    let bindings = Bindings::of(&nodes, source);
    let mut python = Python { undecodable, ..Python::default() };
    for node in &nodes {
        note(*node, &bindings, &mut python);
    }
    python.model = model_class(&tree, &bindings, python.suspect_syntax.is_none());
    Ok(python)
}

/// The tree of a text; none if that takes too many steps, which a text of that length does not.
fn parse(source: &str) -> Option<Tree> {
    /// Twice what the densest text takes, in units of the parser.
    const STEPS: usize = 20_000;
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
    let mut steps = 0;
    let mut count = |_: &ParseState| {
        steps += 1;
        if steps < STEPS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let mut text = |at: usize, _| source.as_bytes().get(at..).unwrap_or_default();
    parser.parse_with_options(&mut text, None, Some(ParseOptions::new().progress_callback(&mut count)))
}

/// What keeps Python from decoding a file.
fn undecodable(bytes: &[u8]) -> Option<Undecodable> {
    let line_of = |at: usize| memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
    if let Some(at) = memchr::memchr(0, bytes) {
        return Some(Undecodable::Nul(line_of(at)));
    }
    match str::from_utf8(bytes) {
        Err(error) if !declares_encoding(bytes) => Some(Undecodable::NoUtf8(line_of(error.valid_up_to()))),
        _ => None,
    }
}

/// Whether one of the first two lines may declare an encoding.
fn declares_encoding(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n').take(2);
    lines.any(|line| line.trim_ascii_start().starts_with(b"#") && memchr::memmem::find(line, b"coding").is_some())
}

/// Notes what a node says by itself.
fn note<'t>(node: Node<'t>, bindings: &Bindings<'t>, python: &mut Python) {
    let at = line(node);
    match kind(node) {
        "import_statement" => {
            for name in parts(node) {
                note_import(part(name, "name").unwrap_or(name), at, bindings, python);
            }
        }
        "import_from_statement" => {
            if let Some(module) = part(node, "module_name").filter(|module| kind(*module) == "dotted_name") {
                note_import(module, at, bindings, python);
            }
        }
        "class_definition" => note_class(node, bindings, python),
        "string" => note_device(node, bindings, python),
        "call" => note_call(node, bindings, python),
        _ => {}
    }
    if node.is_error() || node.is_missing() {
        python.suspect_syntax = Some(python.suspect_syntax.map_or(at, |first| first.min(at)));
    }
    if let Some(item) = bindings.item(node)
        && let Some(key) = bindings.string(item.key)
    {
        if bindings.is_parameters(item.of) {
            let known = python.parameters.entry(key).or_insert(Parameter { line: at, is_indexed: true });
            known.is_indexed &= item.is_indexed;
        } else if key.starts_with("model_") {
            python.arguments.insert(key);
        }
    }
}

fn note_import(module: Node, at: Line, bindings: &Bindings, python: &mut Python) {
    let first = bindings.text(module).split('.').next().unwrap_or_default().trim();
    python.imports.entry(first.to_owned()).or_insert(at);
}

fn note_class(node: Node, bindings: &Bindings, python: &mut Python) {
    let Some(name) = part(node, "name").map(|name| bindings.text(name)) else { return };
    let class = class(node, bindings);
    if name != MODEL_CLASS && class.methods.contains_key("execute") {
        python.classes_with_execute.entry(name.to_owned()).or_insert(class.line);
    }
}

fn note_device(node: Node, bindings: &Bindings, python: &mut Python) {
    if let Some(value) = bindings.string(node)
        && let Some(number) = value.strip_prefix("cuda")
        && (number.is_empty() || number.strip_prefix(':').is_some_and(|of| of.parse::<u8>().is_ok()))
    {
        python.devices.entry(value).or_insert(line(node));
    }
}

fn note_call<'t>(node: Node<'t>, bindings: &Bindings<'t>, python: &mut Python) {
    let (Some(function), Some(arguments)) = (part(node, "function"), part(node, "arguments")) else { return };
    let at = line(node);
    let string = |position, keyword| bindings.argument(arguments, position, keyword).and_then(|of| bindings.string(of));
    match bindings.method(function) {
        "get_response_sender" => note_first(&mut python.response_sender, at),
        "set_model_transaction_policy" => note_first(&mut python.decoupled_policy, at),
        "exec" | "async_exec" => {
            let decoupled = bindings.argument(arguments, usize::MAX, "decoupled");
            if decoupled.is_some_and(|value| kind(value) == "true") {
                note_first(&mut python.decoupled_call, at);
            }
        }
        "cuda" if parts(arguments).is_empty() => {
            python.devices.entry("cuda".to_owned()).or_insert(at);
        }
        // All inputs, whatever their names.
        "inputs" if parts(arguments).is_empty() => note_first(&mut python.inputs.computed, at),
        "from_dlpack" if bindings.is_tensor_class(function) => note_name(&mut python.tensors, string(0, "name"), at),
        "as_numpy" => note_first(&mut python.as_numpy, at),
        "to_dlpack" | "from_dlpack" => note_first(&mut python.as_dlpack, at),
        "is_cpu" => note_first(&mut python.asks_for_device, at),
        _ => {}
    }
    match bindings.utility(function) {
        Some("get_input_tensor_by_name") => note_name(&mut python.inputs, string(1, "name"), at),
        Some("get_input_config_by_name") => note_name(&mut python.input_configs, string(1, "name"), at),
        Some("get_output_config_by_name") => note_name(&mut python.output_configs, string(1, "name"), at),
        Some("Tensor") => note_name(&mut python.tensors, string(0, "name"), at),
        Some("using_decoupled_model_transaction_policy") => note_first(&mut python.decoupled_policy, at),
        Some("InferenceRequest") => {
            // Nobody gives these by position: they come after others that have defaults.
            let list = |keyword| bindings.argument(arguments, usize::MAX, keyword);
            python.calls.push(Call {
                line: at,
                model: string(usize::MAX, "model_name"),
                outputs: list("requested_output_names").and_then(|names| bindings.strings(names)),
                inputs: list("inputs").and_then(|inputs| bindings.tensor_names(inputs)),
            });
        }
        _ => {}
    }
}

fn note_first(known: &mut Option<Line>, at: Line) {
    known.get_or_insert(at);
}

fn note_name(names: &mut Names, name: Option<String>, at: Line) {
    match name {
        Some(name) => {
            names.constant.entry(name).or_insert(at);
        }
        None => note_first(&mut names.computed, at),
    }
}

/// What is known of the model's class.
fn model_class(tree: &Tree, bindings: &Bindings, is_sound: bool) -> ModelClass {
    let mut definitions = parts(tree.root_node()).into_iter().filter_map(|statement| {
        let (decorators, of) = undecorated(statement);
        let name = part(of, "name").filter(|_| kind(of) == "class_definition")?;
        (bindings.text(name) == MODEL_CLASS).then_some((decorators.is_empty(), of))
    });
    match definitions.next_back() {
        Some((is_plain, definition)) => {
            let mut class = class(definition, bindings);
            class.attributes.extend(bindings.assigned_attributes().map(str::to_owned));
            class.is_closed &= is_sound && is_plain && bindings.leaves_alone(&class);
            ModelClass::Defined(class)
        }
        None if is_sound && bindings.lacks_model_class() => ModelClass::Missing,
        None => ModelClass::Unknown,
    }
}
