//! Asking a syntax tree of Python.

use std::sync::LazyLock;

use tree_sitter::{Language, Node, Tree, TreeCursor};

use super::Line;

/// Where a node begins.
pub(super) fn line(node: Node) -> Line {
    node.start_position().row + 1
}

/// What is written there.
pub(super) fn text<'a>(node: Node, source: &'a str) -> &'a str {
    source.get(node.byte_range()).unwrap_or_default()
}

/// What a node is, as the grammar calls it. [`Node::kind`] goes through a C string each time.
pub(super) fn kind(node: Node) -> &'static str {
    static KINDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let language = Language::from(tree_sitter_python::LANGUAGE);
        let kinds = 0..u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        kinds.map(|id| language.node_kind_for_id(id).unwrap_or_default()).collect()
    });
    // An error is a node of no kind of the grammar.
    KINDS.get(usize::from(node.kind_id())).copied().unwrap_or("ERROR")
}

/// A part of a node by its role.
pub(super) fn part<'t>(node: Node<'t>, role: &str) -> Option<Node<'t>> {
    /// The roles with their numbers, by name.
    static ROLES: LazyLock<Vec<(&str, u16)>> = LazyLock::new(|| {
        let language = Language::from(tree_sitter_python::LANGUAGE);
        let numbers = 1..=u16::try_from(language.field_count()).unwrap_or(u16::MAX);
        let mut roles: Vec<_> =
            numbers.filter_map(|number| Some((language.field_name_for_id(number)?, number))).collect();
        roles.sort_unstable();
        roles
    });
    let at = ROLES.binary_search_by_key(&role, |(name, _)| name).ok()?;
    node.child_by_field_id(ROLES[at].1)
}

/// The parts of a node, without punctuation and comments.
pub(super) fn parts(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| kind(*child) != "comment").collect()
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

/// Every node, in the order of the text.
pub(super) fn nodes(tree: &Tree) -> Vec<Node<'_>> {
    let mut cursor = tree.walk();
    let mut nodes = Vec::with_capacity(tree.root_node().descendant_count());
    loop {
        nodes.push(cursor.node());
        if !advance(&mut cursor, true) {
            return nodes;
        }
    }
}

/// The string that an expression writes out, if it does so without escapes.
pub(super) fn literal<'a>(node: Node, source: &'a str) -> Option<&'a str> {
    if kind(node) != "string" {
        return None;
    }
    let mut value = "";
    for child in parts(node) {
        match kind(child) {
            // Neither bytes nor a string with expressions in it.
            "string_start" if text(child, source).contains(['f', 'F', 'b', 'B', 't', 'T']) => return None,
            "string_content" if child.named_child_count() == 0 => value = text(child, source),
            "string_start" | "string_end" => {}
            _ => return None,
        }
    }
    Some(value)
}
