//! Text to tree: the protocol buffer text format, losslessly and for any input.
//!
//! [`Tree::parse`] takes any bytes and always returns a tree, together with the syntax errors that it
//! met on the way. The grammar is `grammar/textproto.pest`; `token` runs it where `scan` comes to an
//! end, `parse` pairs the brackets and recovers from errors, `tree` is what the rest of the program
//! sees, and `literal` says what a scalar means.

mod error;
mod literal;
mod parse;
mod scan;
mod source;
mod token;
mod tree;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use literal::{IntegerBase, Number, StringLiteral, StringProblem, StringProblemKind};
pub(crate) use source::offset;
pub use source::{LineColumn, Source, Span};
pub use token::{Token, TokenKind};
pub use tree::{Comment, Field, FieldName, List, ListItem, Message, NodeId, Scalar, ScalarKind, Tree, Value};
