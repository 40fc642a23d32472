//! The definition of a class.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::bindings::Bindings;
use super::syntax::{advance, kind, line, part, parts};
use super::{Class, Method};

/// The definition in that node, which nothing decorates. Whether it is closed only as far as can be seen in it.
pub(super) fn class(definition: Node, bindings: &Bindings) -> Class {
    let name = part(definition, "name").unwrap_or(definition);
    let bases = part(definition, "superclasses").map(parts).unwrap_or_default();
    let mut is_closed = bases.iter().all(|base| bindings.text(*base) == "object");
    let mut methods = BTreeMap::new();
    let mut attributes = BTreeSet::new();
    for statement in part(definition, "body").map(parts).unwrap_or_default() {
        let (decorators, of) = undecorated(statement);
        match kind(of) {
            "function_definition" => {
                let name = part(of, "name").map(|name| bindings.text(name)).unwrap_or_default();
                is_closed &= !matches!(name, "__getattr__" | "__getattribute__" | "__new__" | "__init_subclass__");
                methods.insert(name.to_owned(), method(of, &decorators, bindings));
            }
            "pass_statement" => {}
            "expression_statement" => {
                for inner in parts(of) {
                    match (kind(inner), part(inner, "left")) {
                        ("string" | "ellipsis", _) => {}
                        ("assignment", Some(left)) if kind(left) == "identifier" => {
                            attributes.insert(bindings.text(left).to_owned());
                        }
                        _ => is_closed = false,
                    }
                }
            }
            // It may bind any name.
            _ => is_closed = false,
        }
    }
    Class { line: line(name), methods, attributes, is_closed }
}

/// The decorators of a definition, and it without them.
pub(super) fn undecorated(statement: Node) -> (Vec<Node>, Node) {
    match part(statement, "definition").filter(|_| kind(statement) == "decorated_definition") {
        Some(definition) => {
            let decorators = parts(statement).into_iter().filter(|part| kind(*part) == "decorator").collect();
            (decorators, definition)
        }
        None => (Vec::new(), statement),
    }
}

fn method(definition: Node, decorators: &[Node], bindings: &Bindings) -> Method {
    let names: Vec<_> =
        decorators.iter().map(|decorator| bindings.text(*decorator).trim_start_matches('@').trim()).collect();
    let mut fewest_arguments = 0;
    let mut most_arguments = Some(0);
    for parameter in part(definition, "parameters").map(parts).unwrap_or_default() {
        match kind(parameter) {
            "default_parameter" | "typed_default_parameter" => most_arguments = most_arguments.map(|most| most + 1),
            "list_splat_pattern" => {
                most_arguments = None;
                break;
            }
            // What follows can only be given by name. Nothing calls these methods so.
            "keyword_separator" | "dictionary_splat_pattern" => break,
            "positional_separator" => {}
            "typed_parameter" => match parts(parameter).first().map(|part| kind(*part)) {
                Some("list_splat_pattern") => {
                    most_arguments = None;
                    break;
                }
                Some("dictionary_splat_pattern") => break,
                _ => {
                    fewest_arguments += 1;
                    most_arguments = most_arguments.map(|most| most + 1);
                }
            },
            _ => {
                fewest_arguments += 1;
                most_arguments = most_arguments.map(|most| most + 1);
            }
        }
    }
    let name = part(definition, "name").unwrap_or(definition);
    Method {
        line: line(name),
        is_static: names.contains(&"staticmethod"),
        is_class: names.contains(&"classmethod"),
        is_decorated: names.iter().any(|name| !matches!(*name, "staticmethod" | "classmethod")),
        is_async: bindings.text(definition).starts_with("async"),
        returns_value: part(definition, "body").is_some_and(returns_value),
        fewest_arguments,
        most_arguments,
    }
}

/// Whether a body yields or returns something that is not `None`, itself and not a function in it. What is called
/// may well return `None`, and so may what is chosen from several values.
fn returns_value(body: Node) -> bool {
    const MAY_BE_NONE: [&str; 6] =
        ["none", "call", "await", "conditional_expression", "boolean_operator", "parenthesized_expression"];
    let mut cursor = body.walk();
    let mut into = true;
    while advance(&mut cursor, into) {
        let node = cursor.node();
        match kind(node) {
            "return_statement" if node.named_child(0).is_some_and(|value| !MAY_BE_NONE.contains(&kind(value))) => {
                return true;
            }
            "yield" => return true,
            _ => {}
        }
        into = !matches!(kind(node), "function_definition" | "class_definition" | "lambda");
    }
    false
}
