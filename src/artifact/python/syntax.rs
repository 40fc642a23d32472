//! Asking a syntax tree of Python.

use tree_sitter::{Node, Tree, TreeCursor};

use super::Line;

/// Where a node begins.
pub(super) fn line(node: Node) -> Line {
    node.start_position().row + 1
}

/// What is written there.
pub(super) fn text<'a>(node: Node, source: &'a str) -> &'a str {
    source.get(node.byte_range()).unwrap_or_default()
}

/// A part of a node by its role.
pub(super) fn part<'t>(node: Node<'t>, role: &str) -> Option<Node<'t>> {
    node.child_by_field_name(role)
}

/// The parts of a node, without punctuation and comments.
pub(super) fn parts(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// The next node in the order of the text: into the node at hand if that is wanted, else past it. It keeps
/// its place in the heap, however deep the tree is.
pub(super) fn advance(cursor: &mut TreeCursor, into: bool) -> bool {
    if into && cursor.goto_first_child() {
        return true;
    }
    loop {
        if cursor.goto_next_sibling() {
            return true;
        }
        if !cursor.goto_parent() {
            return false;
        }
    }
}

/// Has every node visited, in the order of the text.
pub(super) fn visit<'t>(tree: &'t Tree, mut note: impl FnMut(Node<'t>)) {
    let mut cursor = tree.walk();
    loop {
        note(cursor.node());
        if !advance(&mut cursor, true) {
            break;
        }
    }
}

/// The string that an expression writes out, if it does so without escapes.
pub(super) fn literal<'a>(node: Node, source: &'a str) -> Option<&'a str> {
    if node.kind() != "string" {
        return None;
    }
    let mut value = "";
    for child in parts(node) {
        match child.kind() {
            // Neither bytes nor a string with expressions in it.
            "string_start" if text(child, source).contains(['f', 'F', 'b', 'B', 't', 'T']) => return None,
            "string_content" if child.named_child_count() == 0 => value = text(child, source),
            "string_start" | "string_end" => {}
            _ => return None,
        }
    }
    Some(value)
}
