//! The tree of a text: what nests in what, and where each piece is.
//!
//! Nodes lie in one vector in the order of the text; a node is followed by its descendants, and
//! `subtree_end` says where those stop. No walk over it recurses, and neither does freeing it.

use super::error::SyntaxError;
use super::literal::{Number, StringLiteral};
use super::source::{Source, Span};
use super::token::{Token, TokenKind};

/// A parsed file.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) source: Source,
    pub(super) tokens: Vec<Token>,
    pub(super) nodes: Vec<Node>,
    pub(super) errors: Vec<SyntaxError>,
    pub(super) refusals: usize,
}

/// Names a node of one tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub(super) u32);

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// Index of the first token.
    pub(super) first: u32,
    /// Index behind the last token.
    pub(super) end: u32,
    /// Index behind the last descendant.
    pub(super) subtree_end: u32,
    /// The node that it lies in; of the document, itself.
    pub(super) parent: u32,
    /// Of a field: how many tokens its name takes, `u16::MAX` if it takes even more. A large file has many nodes,
    /// so that they are kept small; and no name in the schema takes more than one token.
    pub(super) name_tokens: u16,
    /// Of a message or list: whether its closing bracket is there. Of a field: whether it has a
    /// separator behind it.
    pub(super) complete: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    Document,
    Field,
    Message,
    List,
    Scalar,
}

impl Tree {
    /// The file.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What is wrong with the text, in its order.
    #[must_use]
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// How many errors the server would refuse the file for, also those that are too many to report.
    #[must_use]
    pub fn refusals(&self) -> usize {
        self.refusals
    }

    /// The tokens, in their order.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The whole document, which is a message without brackets.
    #[must_use]
    pub fn document(&self) -> Message<'_> {
        Message { tree: self, id: NodeId(0) }
    }

    /// The message with that name in this tree.
    #[must_use]
    pub fn message(&self, id: NodeId) -> Option<Message<'_>> {
        let kind = self.nodes.get(id.0 as usize)?.kind;
        matches!(kind, NodeKind::Message | NodeKind::Document).then_some(Message { tree: self, id })
    }

    /// The comments, in their order.
    pub fn comments(&self) -> impl Iterator<Item = Comment> {
        self.comments_in(self.source.span())
    }

    /// The comments that begin in a part of the text.
    pub fn comments_in(&self, part: Span) -> impl Iterator<Item = Comment> {
        let first = self.tokens.partition_point(|token| token.span.end <= part.start);
        let tokens = self.tokens[first..].iter().map(|token| token.span).take_while(move |span| span.start < part.end);
        let starts = std::iter::once(part.start).chain(tokens.clone().map(|span| span.end));
        let ends = tokens.map(|span| span.start).chain([part.end]);
        starts.zip(ends).flat_map(|(start, end)| self.comments_in_gap(start, end))
    }

    fn comments_in_gap(&self, start: u32, end: u32) -> impl Iterator<Item = Comment> {
        let bytes = self.source.text().as_bytes();
        let mut at = start as usize;
        std::iter::from_fn(move || {
            let gap = bytes.get(at..end as usize)?;
            let start = at + memchr::memchr(b'#', gap)?;
            at = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length);
            // A carriage return before the line feed belongs to the line end.
            let end = at - usize::from(bytes[..at].ends_with(b"\r"));
            Some(Comment { span: Span::new(super::source::offset(start), super::source::offset(end)) })
        })
    }

    /// The bytes of the largest field, or item of a list, that begins at an offset.
    #[must_use]
    pub fn outermost_from(&self, at: u32) -> Option<Span> {
        let token = self.tokens.partition_point(|token| token.span.start < at);
        // Nodes lie in the order of their first tokens, and the largest of those that share it comes first.
        let node = 1 + self.nodes.get(1..)?.partition_point(|node| (node.first as usize) < token);
        self.nodes.get(node)?;
        let span = self.span(NodeId(u32::try_from(node).ok()?));
        (span.start == at && !span.is_empty()).then_some(span)
    }

    /// The field with that name in this tree.
    #[must_use]
    pub fn field(&self, id: NodeId) -> Option<Field<'_>> {
        let kind = self.nodes.get(id.0 as usize)?.kind;
        (kind == NodeKind::Field).then_some(Field { tree: self, id })
    }

    /// The field whose value, or an item of whose list, is that node.
    #[must_use]
    pub fn field_of(&self, id: NodeId) -> Option<Field<'_>> {
        let mut parent = self.parent(id)?;
        while self.node(parent).kind == NodeKind::List {
            parent = self.parent(parent)?;
        }
        (self.node(parent).kind == NodeKind::Field).then_some(Field { tree: self, id: parent })
    }

    /// How that node is an item of a list, if it is.
    #[must_use]
    pub fn list_item(&self, id: NodeId) -> Option<ListItem> {
        let list = self.parent(id).filter(|parent| self.node(*parent).kind == NodeKind::List)?;
        let span = self.span(id);
        let node = self.node(id);
        let comma = |index: Option<u32>| {
            let token = self.tokens.get(index? as usize)?;
            (token.kind == TokenKind::Comma).then_some(token.span)
        };
        // The comma goes with the item before it; the last item takes the one that is before itself.
        let separator = match (comma(Some(node.end)), comma(node.first.checked_sub(1))) {
            (Some(behind), _) => span.to(behind),
            (None, Some(before)) => before.to(span),
            (None, None) => span,
        };
        Some(ListItem { span_with_separator: separator, is_only: self.children(list).nth(1).is_none() })
    }

    fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id).parent;
        (parent != id.0).then_some(NodeId(parent))
    }

    fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    fn token_span(&self, index: u32) -> Option<Span> {
        self.tokens.get(index as usize).map(|token| token.span)
    }

    fn span_of(&self, first: u32, end: u32) -> Span {
        match (self.token_span(first), end.checked_sub(1).and_then(|last| self.token_span(last))) {
            (Some(start), Some(last)) if first < end => start.to(last),
            // A node without tokens lies right behind what precedes it.
            _ => Span::empty(first.checked_sub(1).and_then(|i| self.token_span(i)).map_or(0, |span| span.end)),
        }
    }

    fn span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        self.span_of(node.first, node.end)
    }

    fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.node(id).subtree_end;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            let child = NodeId(next);
            (next < end).then(|| next = self.node(child).subtree_end)?;
            Some(child)
        })
    }
}

/// An item of a list.
#[derive(Clone, Copy, Debug)]
pub struct ListItem {
    /// Its bytes with the comma that goes if it goes.
    pub span_with_separator: Span,
    /// Whether the list has no other.
    pub is_only: bool,
}

/// A `#` comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line, without what ends it.
    pub span: Span,
}

/// A field: `name: value`.
#[derive(Clone, Copy)]
pub struct Field<'t> {
    tree: &'t Tree,
    id: NodeId,
}

/// How a field's name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldName<'t> {
    /// As it should be, or with a fault that leaves no doubt about the name.
    Plain(&'t str),
    /// An extension or the type of an `Any`: `[some.name]`.
    Extension(&'t str),
    /// None at all: braces that belong to no field.
    Missing,
}

impl<'t> Field<'t> {
    /// The field's name in this tree.
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// How its name is written.
    #[must_use]
    pub fn name(self) -> FieldName<'t> {
        let text = self.tree.source.slice(self.name_span());
        match text.as_bytes().first() {
            None => FieldName::Missing,
            Some(b'[') => FieldName::Extension(text),
            Some(_) => FieldName::Plain(text.trim_matches(['"', '\''])),
        }
    }

    /// The bytes of its name.
    #[must_use]
    pub fn name_span(self) -> Span {
        let node = self.tree.node(self.id);
        self.tree.span_of(node.first, node.first + u32::from(node.name_tokens))
    }

    /// Name, value, and the separator behind them if there is one.
    #[must_use]
    pub fn span(self) -> Span {
        self.tree.span(self.id)
    }

    /// Name and value without the separator.
    #[must_use]
    pub fn span_without_separator(self) -> Span {
        let node = self.tree.node(self.id);
        self.tree.span_of(node.first, node.end - u32::from(node.complete))
    }

    /// Whether a colon stands behind its name.
    #[must_use]
    pub fn has_colon(self) -> bool {
        let node = self.tree.node(self.id);
        let behind = self.tree.tokens.get((node.first + u32::from(node.name_tokens)) as usize);
        behind.is_some_and(|token| token.kind == TokenKind::Colon)
    }

    /// Its value; none where the text has none.
    #[must_use]
    pub fn value(self) -> Option<Value<'t>> {
        self.tree.children(self.id).next().map(|id| Value::new(self.tree, id))
    }
}

/// What stands behind a field's name, or in a list.
#[derive(Clone, Copy)]
pub enum Value<'t> {
    /// A number, string or word.
    Scalar(Scalar<'t>),
    /// Fields in braces or angle brackets.
    Message(Message<'t>),
    /// Values in square brackets.
    List(List<'t>),
}

impl<'t> Value<'t> {
    fn new(tree: &'t Tree, id: NodeId) -> Self {
        match tree.node(id).kind {
            NodeKind::Scalar => Self::Scalar(Scalar { tree, id }),
            NodeKind::List => Self::List(List { tree, id }),
            NodeKind::Message | NodeKind::Document | NodeKind::Field => Self::Message(Message { tree, id }),
        }
    }

    /// Its name in the tree.
    #[must_use]
    pub fn id(self) -> NodeId {
        match self {
            Self::Scalar(scalar) => scalar.id,
            Self::Message(message) => message.id,
            Self::List(list) => list.id,
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn span(self) -> Span {
        match self {
            Self::Scalar(scalar) => scalar.span(),
            Self::Message(message) => message.span(),
            Self::List(list) => list.span(),
        }
    }
}

/// Fields in brackets, or the whole document.
#[derive(Clone, Copy)]
pub struct Message<'t> {
    tree: &'t Tree,
    id: NodeId,
}

impl<'t> Message<'t> {
    /// The message's name in this tree.
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The tree that it is in.
    #[must_use]
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// Its fields, in their order.
    pub fn fields(self) -> impl Iterator<Item = Field<'t>> {
        self.tree.children(self.id).map(move |id| Field { tree: self.tree, id })
    }

    /// Its bytes with the brackets; of the document, the whole file.
    #[must_use]
    pub fn span(self) -> Span {
        if self.is_document() { self.tree.source.span() } else { self.tree.span(self.id) }
    }

    /// Whether this is the whole document.
    #[must_use]
    pub fn is_document(self) -> bool {
        self.id.0 == 0
    }

    /// Whether its closing bracket is there.
    #[must_use]
    pub fn is_closed(self) -> bool {
        self.tree.node(self.id).complete
    }
}

/// Values in square brackets.
#[derive(Clone, Copy)]
pub struct List<'t> {
    tree: &'t Tree,
    id: NodeId,
}

impl<'t> List<'t> {
    /// Its items, in their order.
    pub fn items(self) -> impl Iterator<Item = Value<'t>> {
        self.tree.children(self.id).map(move |id| Value::new(self.tree, id))
    }

    /// Its bytes with the brackets.
    #[must_use]
    pub fn span(self) -> Span {
        self.tree.span(self.id)
    }

    /// Whether its closing bracket is there.
    #[must_use]
    pub fn is_closed(self) -> bool {
        self.tree.node(self.id).complete
    }
}

/// A number, string or word.
#[derive(Clone, Copy)]
pub struct Scalar<'t> {
    tree: &'t Tree,
    id: NodeId,
}

/// What a scalar is written as.
#[derive(Clone, Debug)]
pub enum ScalarKind<'t> {
    /// A number, perhaps with a minus sign.
    Number(Number<'t>),
    /// One or more strings, which are joined.
    String(StringLiteral<'t>),
    /// A word: `true`, `KIND_GPU`, `inf`.
    Identifier {
        /// Whether a minus sign stands before it.
        negative: bool,
        /// The word.
        text: &'t str,
    },
    /// Nothing that the format knows; a syntax error says so.
    Malformed,
}

impl<'t> Scalar<'t> {
    /// Its bytes.
    #[must_use]
    pub fn span(self) -> Span {
        self.tree.span(self.id)
    }

    /// Its bytes as text.
    #[must_use]
    pub fn text(self) -> &'t str {
        self.tree.source.slice(self.span())
    }

    /// What it is written as.
    #[must_use]
    pub fn kind(self) -> ScalarKind<'t> {
        let node = self.tree.node(self.id);
        let tokens = &self.tree.tokens[node.first as usize..node.end as usize];
        let slice = |token: &Token| self.tree.source.slice(token.span);
        match tokens {
            [token] if token.kind == TokenKind::Number => ScalarKind::Number(Number::new(false, slice(token))),
            [minus, token] if minus.kind == TokenKind::Minus && token.kind == TokenKind::Number => {
                ScalarKind::Number(Number::new(true, slice(token)))
            }
            [token] if token.kind == TokenKind::Identifier => {
                ScalarKind::Identifier { negative: false, text: slice(token) }
            }
            [minus, token] if minus.kind == TokenKind::Minus && token.kind == TokenKind::Identifier => {
                ScalarKind::Identifier { negative: true, text: slice(token) }
            }
            [_, ..] if tokens.iter().all(|token| token.kind == TokenKind::String) => {
                ScalarKind::String(StringLiteral::decode(&self.tree.source, tokens.iter().map(|token| token.span)))
            }
            _ => ScalarKind::Malformed,
        }
    }
}
