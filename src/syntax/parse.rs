//! Pairing brackets and recovering from errors: tokens to tree.
//!
//! The parser keeps its own stack of open messages and lists, so the nesting of the input costs heap
//! and never stack. Each step consumes a token or closes a frame; it is linear in the text.

use super::error::{SyntaxError, SyntaxErrorKind};
use super::literal::StringLiteral;
use super::source::{BYTE_ORDER_MARK, INVALID, Source, Span, offset};
use super::token::{Token, TokenKind, tokenize};
use super::tree::{Node, NodeId, NodeKind, Tree};

/// More syntax errors than this are not reported for one file.
const MOST_ERRORS: usize = 100;

/// So many errors of structure are kept until it is known which of them are told; a text may have millions.
const MOST_KEPT: usize = 10_000;

impl Tree {
    /// Parses any bytes. What is wrong with them is in [`Tree::errors`].
    #[must_use]
    pub fn parse(bytes: Vec<u8>) -> Self {
        let source = Source::new(bytes);
        let mut errors = Vec::new();
        if !check_encoding(&source, &mut errors) {
            return finish(source, Parser::default(), errors);
        }
        let tokens = tokenize(&source, &mut errors);
        let mut parsed = Parser::run(&source, &tokens, Recovery::Brackets);
        if parsed.lost_brackets {
            // A missing bracket shifts all that follows it. Indentation says where it should have been.
            let by_indentation = Parser::run(&source, &tokens, Recovery::Indentation);
            if by_indentation.count_errors() <= parsed.count_errors() {
                parsed = by_indentation;
            }
        }
        check_escapes(&source, &tokens, &mut errors);
        parsed.tokens = tokens;
        finish(source, parsed, errors)
    }
}

fn finish(source: Source, mut parser: Parser, mut errors: Vec<SyntaxError>) -> Tree {
    if parser.nodes.is_empty() {
        parser.open(NodeKind::Document);
    }
    errors.append(&mut parser.errors);
    errors.sort_by_key(|error| (error.span.start, error.span.end));
    drop_consequences(&source, &mut errors);
    let told = errors.iter().filter(|error| error.kind.is_refused()).count();
    let refusals = told + parser.unkept_errors;
    if errors.len() > MOST_ERRORS {
        // What the server minds goes before what it does not.
        let mut room = MOST_ERRORS.saturating_sub(told);
        errors.retain(|error| {
            let is_kept = error.kind.is_refused() || room > 0;
            room = room.saturating_sub(usize::from(!error.kind.is_refused()));
            is_kept
        });
        errors.truncate(MOST_ERRORS);
        let at = errors.last().map_or(0, |error| error.span.end);
        errors.push(SyntaxError { kind: SyntaxErrorKind::TooManyErrors, span: Span::empty(at) });
    }
    Tree { source, tokens: parser.tokens, nodes: parser.nodes, errors, refusals }
}

/// Of a line on which a quote is missing keeps that error alone, from the first quote on: what stands in
/// quotes there and what does not is the wrong way round.
fn drop_consequences(source: &Source, errors: &mut Vec<SyntaxError>) {
    let is_cause = |error: &SyntaxError| error.kind == SyntaxErrorKind::UnterminatedString;
    let spoilt: Vec<Span> = errors
        .iter()
        .filter(|error| is_cause(error))
        .map(|error| {
            let line = source.line_span(source.line(error.span.start));
            let quote = source.slice(error.span).get(..1).unwrap_or_default();
            let first = source.slice(line).find(quote).map_or(error.span.start, |at| line.start + offset(at));
            Span::new(first, line.end)
        })
        .collect();
    errors.retain(|error| {
        let at = spoilt.partition_point(|line| line.end < error.span.start);
        let is_spoilt = spoilt.get(at).is_some_and(|line| line.start < error.span.start);
        is_cause(error) || !is_spoilt || !error.kind.is_of_structure()
    });
}

/// Reports what is wrong with the bytes as such; false if nothing more can be said of them.
fn check_encoding(source: &Source, errors: &mut Vec<SyntaxError>) -> bool {
    let bytes = source.bytes();
    let mut report = |kind, span| errors.push(SyntaxError { kind, span });
    let is_wide = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 0, 0xFE, 0xFF, ..])
        || matches!(bytes, [0, first, 0, second, ..] | [first, 0, second, 0, ..] if *first != 0 && *second != 0);
    if is_wide {
        report(SyntaxErrorKind::WideEncoding, Span::new(0, offset(bytes.len().min(2))));
        return false;
    }
    if is_binary(bytes) {
        report(SyntaxErrorKind::Binary, Span::new(0, 0));
        return false;
    }
    if bytes.starts_with(BYTE_ORDER_MARK.as_bytes()) {
        report(SyntaxErrorKind::ByteOrderMark, Span::new(0, offset(BYTE_ORDER_MARK.len())));
    }
    for at in memchr::memchr_iter(0, bytes).take(MOST_ERRORS) {
        report(SyntaxErrorKind::NulByte, Span::new(offset(at), offset(at + 1)));
    }
    for &span in source.invalid_utf8().iter().take(MOST_ERRORS) {
        report(SyntaxErrorKind::InvalidUtf8, span);
    }
    true
}

/// Whether so much of the beginning are control characters, a NUL byte among them, that nobody wrote it.
fn is_binary(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 8000;
    const SOME: usize = 8;
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let is_control = |byte: &&u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C);
    let controls = || head.iter().filter(is_control).count();
    memchr::memchr(0, head).is_some() && controls() >= SOME.max(head.len() / 16)
}

fn check_escapes(source: &Source, tokens: &[Token], errors: &mut Vec<SyntaxError>) {
    // Most files have none, which is seen much faster than token by token.
    if memchr::memchr(b'\\', source.bytes()).is_none() {
        return;
    }
    for token in tokens.iter().filter(|token| token.kind == TokenKind::String) {
        if memchr::memchr(b'\\', &source.bytes()[token.span.range()]).is_none() {
            continue;
        }
        let literal = StringLiteral::decode(source, std::iter::once(token.span));
        let room = MOST_KEPT.saturating_sub(errors.len());
        errors.extend(
            literal
                .invalid_escapes
                .into_iter()
                .take(room)
                .map(|span| SyntaxError { kind: SyntaxErrorKind::InvalidEscape(source.slice(span).to_owned()), span }),
        );
    }
}

/// How the parser decides where a message or list ends whose closing bracket is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recovery {
    /// At the end of what encloses it.
    Brackets,
    /// Before the first field that is indented no further than the field that it is the value of.
    Indentation,
}

/// A message or list that is being read.
struct Frame {
    node: NodeId,
    /// The field whose value it is; none for the document and for list items.
    owner: Option<NodeId>,
    content: Content,
}

impl Frame {
    fn closing_bracket(&self) -> Option<TokenKind> {
        match &self.content {
            Content::Fields { brackets } => brackets.map(|(_, close)| close),
            Content::Items(_) => Some(TokenKind::CloseBracket),
        }
    }
}

enum Content {
    Fields {
        /// The opening bracket and the kind of its counterpart; none for the document and where the
        /// brackets of a list item are missing.
        brackets: Option<(Span, TokenKind)>,
    },
    Items(Items),
}

struct Items {
    open: Span,
    has_colon: bool,
    previous: Previous,
    holds_scalar: bool,
    holds_message: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    Nothing,
    Item,
    Comma,
}

/// The name of an extension that is ahead.
struct Extension {
    /// How many tokens it takes.
    length: usize,
    /// Whether the bracket is there that ends it.
    is_closed: bool,
}

#[derive(Default)]
struct Parser {
    tokens: Vec<Token>,
    nodes: Vec<Node>,
    /// The nodes that are not closed yet, from the outside in.
    open: Vec<u32>,
    errors: Vec<SyntaxError>,
    /// How many there were besides.
    unkept_errors: usize,
    at: usize,
    /// Whether brackets did not match up.
    lost_brackets: bool,
}

/// The parser at work. What it makes outlives the borrowed text; what it needs meanwhile does not.
struct Run<'s> {
    source: &'s Source,
    tokens: &'s [Token],
    recovery: Recovery,
    stack: Vec<Frame>,
    /// How many open brackets each kind of closing bracket would close.
    awaited: Awaited,
    /// A string without an end that was just read: it holds what should have closed something.
    swallowed: Option<Span>,
    out: Parser,
}

/// A count for each kind of closing bracket.
#[derive(Default)]
struct Awaited {
    braces: usize,
    angles: usize,
    brackets: usize,
}

impl Awaited {
    fn of(&mut self, close: TokenKind) -> &mut usize {
        match close {
            TokenKind::CloseBrace => &mut self.braces,
            TokenKind::CloseAngle => &mut self.angles,
            _ => &mut self.brackets,
        }
    }
}

impl Parser {
    fn count_errors(&self) -> usize {
        self.errors.len() + self.unkept_errors
    }

    fn run(source: &Source, tokens: &[Token], recovery: Recovery) -> Self {
        let (stack, awaited) = (Vec::new(), Awaited::default());
        let mut run = Run { source, tokens, recovery, stack, awaited, swallowed: None, out: Self::default() };
        // Few texts have more, and to move the nodes of a large one takes as long as to read it.
        run.out.nodes.reserve(tokens.len() / 3 * 2 + 1);
        let node = run.out.open(NodeKind::Document);
        run.push(Frame { node, owner: None, content: Content::Fields { brackets: None } });
        while let Some(frame) = run.stack.last() {
            if let Some(string) = run.swallowed.take() {
                run.close_swallowed(string);
                continue;
            }
            match &frame.content {
                Content::Fields { brackets } => {
                    let close = brackets.map(|(_, close)| close);
                    run.statement(close);
                }
                Content::Items(items) => {
                    let previous = items.previous;
                    run.item(previous);
                }
            }
        }
        run.out
    }

    fn open(&mut self, kind: NodeKind) -> NodeId {
        let (id, first) = (offset(self.nodes.len()), offset(self.at));
        let parent = self.open.last().copied().unwrap_or(id);
        let (end, subtree_end) = (first, id + 1);
        self.nodes.push(Node { kind, first, end, subtree_end, parent, name_tokens: 0, complete: false });
        self.open.push(id);
        NodeId(id)
    }

    fn close(&mut self, id: NodeId, complete: bool) {
        self.open.pop();
        let (end, subtree_end) = (offset(self.at), offset(self.nodes.len()));
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            *node = Node { end, subtree_end, complete, ..*node };
        }
    }
}

impl Run<'_> {
    // ---- Looking at tokens ----------------------------------------------------------------------

    fn peek(&self) -> Option<Token> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.out.at + ahead).copied()
    }

    fn peek_kind(&self) -> Option<TokenKind> {
        self.peek().map(|token| token.kind)
    }

    fn bump(&mut self) {
        self.out.at += 1;
    }

    fn text(&self, span: Span) -> &str {
        self.source.slice(span)
    }

    /// Right behind the last token that was read.
    fn behind(&self) -> Span {
        let last = self.out.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        Span::empty(last.map_or(0, |token| token.span.end))
    }

    fn is_glued(&self, ahead: usize) -> bool {
        match (self.tokens.get((self.out.at + ahead).wrapping_sub(1)), self.peek_at(ahead)) {
            (Some(before), Some(token)) => before.span.end == token.span.start,
            _ => false,
        }
    }

    /// Whether a word here is the name of the next field: something follows that only follows names.
    fn is_field_ahead(&self) -> bool {
        self.is_field_at(0)
    }

    fn is_field_at(&self, ahead: usize) -> bool {
        self.peek_at(ahead).is_some_and(|token| token.kind == TokenKind::Identifier)
            && self.peek_at(ahead + 1).is_some_and(|next| {
                use TokenKind::{Colon, OpenAngle, OpenBrace, OpenBracket};
                // `A::B` is how other languages write the value of an enum.
                let is_path = next.kind == Colon && self.is_glued(ahead + 1) && self.is_glued(ahead + 2) && {
                    let behind = [ahead + 2, ahead + 3].map(|at| self.peek_at(at).map(|token| token.kind));
                    behind == [Some(Colon), Some(TokenKind::Identifier)] && self.is_glued(ahead + 3)
                };
                !is_path && matches!(next.kind, Colon | OpenBrace | OpenAngle | OpenBracket)
            })
    }

    // ---- Errors ---------------------------------------------------------------------------------

    fn error(&mut self, kind: SyntaxErrorKind, span: Span) {
        if self.out.errors.len() < MOST_KEPT {
            self.out.errors.push(SyntaxError { kind, span });
        } else {
            self.out.unkept_errors += 1;
        }
    }

    /// Reports a token that cannot stand here, once for each line of such tokens.
    fn unexpected(&mut self, token: Token, expected: &'static str) {
        if token.kind == TokenKind::Template {
            return self.error(SyntaxErrorKind::Template, token.span);
        }
        if let Some(last) = self.out.errors.last()
            && matches!(last.kind, SyntaxErrorKind::Unexpected(_))
            && self.source.line(last.span.start) == self.source.line(token.span.start)
        {
            return;
        }
        self.error(SyntaxErrorKind::Unexpected(expected), token.span);
    }

    // ---- Fields ---------------------------------------------------------------------------------

    /// One step inside a message: a field, its end, or something that is neither.
    fn statement(&mut self, close: Option<TokenKind>) {
        use TokenKind as T;
        let Some(token) = self.peek() else { return self.end_of_input() };
        match token.kind {
            _ if self.ends_by_indentation(token) => self.unclosed(),
            T::Identifier if self.is_prose() => self.prose(token),
            T::Identifier => self.field(1),
            T::String if matches!(self.peek_at(1).map(|next| next.kind), Some(T::Colon | T::OpenBrace)) => {
                self.error(SyntaxErrorKind::QuotedFieldName, token.span);
                self.field(1);
            }
            T::OpenBracket => match self.extension() {
                Some(Extension { length, is_closed }) => {
                    if !is_closed {
                        self.error(SyntaxErrorKind::Unclosed(']'), token.span);
                    }
                    self.field(length);
                }
                None => self.junk(token, "a field"),
            },
            // The next item of a list begins, so that the brace of this one is missing.
            T::OpenBrace | T::OpenAngle if self.is_in_item() => self.unclosed(),
            T::OpenBrace | T::OpenAngle => self.anonymous_message(token),
            T::CloseBrace | T::CloseAngle if Some(token.kind) == close => {
                self.bump();
                self.close_frame(true);
            }
            T::CloseBrace | T::CloseAngle | T::CloseBracket => self.wrong_close(token, close),
            T::Comma | T::Semicolon => {
                self.error(SyntaxErrorKind::StraySeparator, token.span);
                self.bump();
            }
            _ => self.junk(token, "a field"),
        }
    }

    /// Whether words follow each other here that are no fields: not `data_type TYPE_FP32 dims: 1`.
    fn is_prose(&self) -> bool {
        let is_word = |ahead: usize| self.peek_at(ahead).is_some_and(|token| token.kind == TokenKind::Identifier);
        let ends = || {
            self.peek_at(3).is_none_or(|token| {
                token.kind == TokenKind::Identifier || token.kind == TokenKind::Dot || !self.is_on_this_line(3)
            })
        };
        (0..3).all(is_word) && self.is_on_this_line(2) && ends()
    }

    /// Whether a token that is ahead is on the line of the next one.
    fn is_on_this_line(&self, ahead: usize) -> bool {
        match (self.peek(), self.peek_at(ahead)) {
            (Some(token), Some(other)) => {
                self.source.line_span(self.source.line(token.span.start)).end >= other.span.start
            }
            _ => false,
        }
    }

    /// Reports words that are no fields once, and goes on at the next line, field or bracket.
    fn prose(&mut self, first: Token) {
        use TokenKind as T;
        self.unexpected(first, "a field");
        let end = self.source.line_span(self.source.line(first.span.start)).end;
        self.bump();
        while let Some(token) = self.peek() {
            let is_skipped = matches!(
                token.kind,
                T::Identifier | T::Number | T::MalformedNumber | T::String | T::Dot | T::Minus | T::Comma | T::Unknown
            );
            if token.span.start > end || !is_skipped || self.is_field_ahead() {
                return;
            }
            self.bump();
        }
    }

    fn junk(&mut self, token: Token, expected: &'static str) {
        self.unexpected(token, expected);
        self.bump();
    }

    /// Whether the innermost message is an item of a list and holds something already.
    fn is_in_item(&self) -> bool {
        let [.., Frame { content: Content::Items(_), .. }, Frame { content: Content::Fields { brackets }, .. }] =
            &*self.stack
        else {
            return false;
        };
        brackets.is_none_or(|(open, _)| open != self.tokens[self.out.at - 1].span)
    }

    fn anonymous_message(&mut self, token: Token) {
        self.error(SyntaxErrorKind::AnonymousMessage, token.span);
        let field = self.out.open(NodeKind::Field);
        self.open_message(token, Some(field));
    }

    /// The `[some.name/other]` that stands here. Without the bracket at its end it is one if it has several parts.
    fn extension(&self) -> Option<Extension> {
        let mut length = 1;
        loop {
            if self.peek_at(length).is_none_or(|token| token.kind != TokenKind::Identifier) {
                return (length > 1).then_some(Extension { length, is_closed: false });
            }
            let behind = self.peek_at(length + 1);
            match behind.map(|token| token.kind) {
                Some(TokenKind::CloseBracket) => return Some(Extension { length: length + 2, is_closed: true }),
                Some(TokenKind::Dot) => {}
                Some(TokenKind::Unknown) if behind.is_some_and(|token| self.text(token.span) == "/") => {}
                _ if length > 1 => return Some(Extension { length: length + 1, is_closed: false }),
                _ => return None,
            }
            length += 2;
        }
    }

    fn field(&mut self, name_tokens: usize) {
        let field = self.out.open(NodeKind::Field);
        let start = self.out.at;
        self.out.at += name_tokens;
        self.name_tail(start);
        let name = self.tokens[start].span.to(self.tokens[self.out.at - 1].span);
        let length = u16::try_from(self.out.at - start).unwrap_or(u16::MAX);
        if let Some(node) = self.out.nodes.get_mut(field.0 as usize) {
            node.name_tokens = length;
        }
        let has_colon = self.assignment(name);
        self.value(field, name, has_colon);
    }

    /// Takes the rest of a name such as `max-batch-size` or `model.config`.
    fn name_tail(&mut self, start: usize) {
        let before = self.out.at;
        while matches!(self.peek_kind(), Some(TokenKind::Minus | TokenKind::Dot))
            && self.is_glued(0)
            && self.is_glued(1)
            && self.peek_at(1).is_some_and(|next| next.kind == TokenKind::Identifier)
        {
            self.out.at += 2;
        }
        if self.out.at > before {
            let name = self.tokens[start].span.to(self.tokens[self.out.at - 1].span);
            self.error(SyntaxErrorKind::MalformedFieldName, name);
        }
    }

    /// Takes the colon, or what stands in its place; whether there was any such thing.
    fn assignment(&mut self, name: Span) -> bool {
        let start = self.out.at;
        while let Some(token) = self.peek() {
            let assigns = match token.kind {
                TokenKind::Colon => true,
                TokenKind::Unknown => matches!(self.text(token.span), "=" | "=>" | "==" | "\u{FF1A}"),
                _ => false,
            };
            if !assigns || (self.out.at > start && !self.is_glued(0)) {
                break;
            }
            self.bump();
        }
        let taken = &self.tokens[start..self.out.at];
        if let (Some(first), Some(last)) = (taken.first(), taken.last())
            && (taken.len() > 1 || first.kind != TokenKind::Colon)
        {
            let span = first.span.to(last.span);
            self.error(SyntaxErrorKind::WrongAssignment(self.text(name).to_owned()), span);
        }
        self.out.at > start
    }

    fn value(&mut self, field: NodeId, name: Span, has_colon: bool) {
        use TokenKind as T;
        let behind_name = self.behind();
        match self.peek() {
            Some(token) if matches!(token.kind, T::OpenBrace | T::OpenAngle) => self.open_message(token, Some(field)),
            Some(token) if token.kind == T::OpenBracket => self.open_list(token, Some(field), has_colon),
            Some(token) if self.begins_scalar(token) && (has_colon || self.is_on_line_of(behind_name)) => {
                if !has_colon {
                    self.error(SyntaxErrorKind::MissingColon(self.text(name).to_owned()), behind_name);
                }
                self.scalar();
                self.finish_field(field);
            }
            _ => {
                self.error(SyntaxErrorKind::MissingValue(self.text(name).to_owned()), behind_name);
                self.finish_field(field);
            }
        }
    }

    fn is_on_line_of(&self, place: Span) -> bool {
        self.peek().is_some_and(|token| self.source.line(token.span.start) == self.source.line(place.start))
    }

    /// Closes a field, with the one separator that may stand behind it.
    fn finish_field(&mut self, field: NodeId) {
        let separated = matches!(self.peek_kind(), Some(TokenKind::Comma | TokenKind::Semicolon));
        if separated {
            self.bump();
        }
        self.out.close(field, separated);
    }

    // ---- Scalars --------------------------------------------------------------------------------

    fn begins_scalar(&self, token: Token) -> bool {
        use TokenKind as T;
        match token.kind {
            T::Identifier => !self.is_field_ahead(),
            T::Unknown => matches!(self.text(token.span), "+" | "/" | INVALID),
            _ => matches!(
                token.kind,
                T::String
                    | T::TypographicString
                    | T::UnterminatedString
                    | T::Number
                    | T::MalformedNumber
                    | T::Minus
                    | T::Template
            ),
        }
    }

    fn scalar(&mut self) {
        use TokenKind as T;
        let node = self.out.open(NodeKind::Scalar);
        let start = self.out.at;
        if self.is_lone_sign() {
            let sign = self.peek().map_or(self.behind(), |token| token.span);
            self.error(SyntaxErrorKind::Unexpected("a number"), sign);
            self.bump();
            return self.out.close(node, true);
        }
        if self.peek().is_some_and(|token| token.kind == T::Unknown && self.text(token.span) == "+") {
            let sign = self.peek().map_or(self.behind(), |token| token.span);
            self.error(SyntaxErrorKind::PlusSign, sign);
            self.bump();
        } else if self.peek_kind() == Some(T::Minus) {
            self.bump();
        }
        match self.peek() {
            Some(token) if matches!(token.kind, T::Number | T::Identifier) => {
                self.bump();
                self.unquoted_tail(start);
            }
            Some(token) if matches!(token.kind, T::String | T::TypographicString | T::UnterminatedString) => {
                if self.out.at > start {
                    self.unexpected(self.tokens[start], "a number");
                }
                self.strings();
            }
            Some(token) if token.kind == T::MalformedNumber => {
                self.error(SyntaxErrorKind::MalformedNumber, self.tokens[start].span.to(token.span));
                self.bump();
            }
            Some(token) if token.kind == T::Template => {
                self.error(SyntaxErrorKind::Template, token.span);
                self.bump();
                self.unquoted_tail_silently();
            }
            Some(token) if token.kind == T::Unknown && self.out.at == start => {
                self.bump();
                self.unquoted_tail(start);
            }
            other => {
                let span = other.map_or(self.behind(), |token| token.span);
                self.error(SyntaxErrorKind::Unexpected("a number"), span);
            }
        }
        self.out.close(node, true);
    }

    /// Whether a sign stands here that nothing follows which could be meant for its number.
    fn is_lone_sign(&self) -> bool {
        let is_sign = self.peek().is_some_and(|token| {
            token.kind == TokenKind::Minus || (token.kind == TokenKind::Unknown && self.text(token.span) == "+")
        });
        is_sign
            && self.peek_at(1).is_none_or(|next| match next.kind {
                TokenKind::Identifier => self.is_field_at(1),
                TokenKind::Number
                | TokenKind::MalformedNumber
                | TokenKind::String
                | TokenKind::TypographicString
                | TokenKind::UnterminatedString
                | TokenKind::Template => false,
                _ => true,
            })
    }

    fn strings(&mut self) {
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::String => {}
                TokenKind::TypographicString => self.error(SyntaxErrorKind::TypographicQuotes, token.span),
                TokenKind::UnterminatedString => {
                    self.error(SyntaxErrorKind::UnterminatedString, token.span);
                    self.swallowed = Some(token.span);
                }
                _ => return,
            }
            self.bump();
        }
    }

    /// Takes what is glued to a word or number that should have been a string: `/models/x.pt`,
    /// `my-model`, `A::B`; and further words.
    fn unquoted_tail(&mut self, start: usize) {
        let before = self.out.at;
        self.unquoted_tail_silently();
        self.unquoted_words(start);
        let is_quoted_behind = self.is_glued(0)
            && self.peek().is_some_and(|token| token.kind == TokenKind::UnterminatedString && token.span.len() == 1);
        if is_quoted_behind {
            self.bump();
        }
        let span = self.tokens[start].span.to(self.tokens[self.out.at - 1].span);
        if is_quoted_behind {
            self.error(SyntaxErrorKind::MissingOpeningQuote, span);
        } else if self.out.at > before || self.tokens[before - 1].kind == TokenKind::Unknown {
            self.error(SyntaxErrorKind::UnquotedText, span);
        }
    }

    /// Takes words that go on a text without quotes: `my cool model`, but not `KIND_GPU count 1`.
    fn unquoted_words(&mut self, start: usize) {
        let first = self.text(self.tokens[start].span);
        let is_value = matches!(first, "true" | "false") || !first.bytes().any(|byte| byte.is_ascii_lowercase());
        let is_in_list = matches!(self.stack.last(), Some(Frame { content: Content::Items(_), .. }));
        if is_value || is_in_list || self.tokens[start].kind != TokenKind::Identifier {
            return;
        }
        let line_end = self.source.line_span(self.source.line(self.tokens[start].span.start)).end;
        let is_word = |token: Option<Token>| {
            token.is_some_and(|token| token.kind == TokenKind::Identifier && token.span.start < line_end)
        };
        while is_word(self.peek()) && !self.is_field_ahead() {
            let is_name = self.peek_at(1).is_some_and(|next| {
                let is_value = matches!(next.kind, TokenKind::Number | TokenKind::String | TokenKind::Minus);
                is_value && next.span.start < line_end
            });
            if is_name || (is_word(self.peek_at(1)) && self.is_field_at(1)) {
                return;
            }
            self.bump();
        }
    }

    fn unquoted_tail_silently(&mut self) {
        use TokenKind as T;
        while self.is_glued(0)
            && matches!(
                self.peek_kind(),
                Some(
                    T::Identifier
                        | T::Number
                        | T::MalformedNumber
                        | T::Minus
                        | T::Dot
                        | T::Colon
                        | T::Template
                        | T::Unknown
                )
            )
        {
            self.bump();
        }
    }

    // ---- Lists ----------------------------------------------------------------------------------

    /// One step inside a list: an item, a comma, its end, or something else.
    fn item(&mut self, previous: Previous) {
        use TokenKind as T;
        let Some(token) = self.peek() else { return self.end_of_input() };
        match token.kind {
            _ if self.ends_by_indentation(token) => self.unclosed(),
            T::CloseBracket => {
                if previous == Previous::Comma {
                    let comma = self.tokens[self.out.at - 1].span;
                    self.error(SyntaxErrorKind::TrailingComma, comma);
                }
                self.bump();
                self.close_frame(true);
            }
            T::Comma | T::Semicolon => self.list_separator(token, previous),
            T::OpenBrace | T::OpenAngle => {
                self.before_item(previous, true);
                self.open_message(token, None);
            }
            T::OpenBracket => {
                self.before_item(previous, false);
                self.error(SyntaxErrorKind::NestedList, token.span);
                self.open_list(token, None, true);
            }
            T::CloseBrace | T::CloseAngle => self.wrong_close(token, Some(T::CloseBracket)),
            T::Identifier if self.is_field_ahead() && self.may_begin_item(previous) => {
                self.out.lost_brackets = true;
                self.error(SyntaxErrorKind::MissingBraces, token.span);
                self.before_item(previous, true);
                let node = self.out.open(NodeKind::Message);
                self.push(Frame { node, owner: None, content: Content::Fields { brackets: None } });
            }
            T::Identifier if self.is_field_ahead() => self.unclosed(),
            _ if self.begins_scalar(token) => {
                self.before_item(previous, false);
                self.scalar();
            }
            _ => {
                // It stands where an item should; a comma may follow.
                self.junk(token, "a list item");
                if let Some(items) = self.items() {
                    items.previous = Previous::Item;
                }
            }
        }
    }

    /// Whether a field here may be the first of an item that lacks its braces.
    fn may_begin_item(&mut self, previous: Previous) -> bool {
        let holds_message = self.items().is_some_and(|items| items.holds_message);
        previous == Previous::Nothing || (previous == Previous::Comma && holds_message)
    }

    fn list_separator(&mut self, token: Token, previous: Previous) {
        if previous != Previous::Item {
            self.error(SyntaxErrorKind::StraySeparator, token.span);
        } else if token.kind == TokenKind::Semicolon {
            self.error(SyntaxErrorKind::SemicolonInList, token.span);
        }
        self.bump();
        if let Some(items) = self.items() {
            items.previous = Previous::Comma;
        }
    }

    fn before_item(&mut self, previous: Previous, is_message: bool) {
        // The comma behind an item without its closing brace was taken for that of the item's last field.
        let is_behind_comma = self.out.at.checked_sub(1).is_some_and(|at| self.tokens[at].kind == TokenKind::Comma);
        if previous == Previous::Item && !is_behind_comma {
            let behind = self.behind();
            self.error(SyntaxErrorKind::MissingComma, behind);
        }
        if let Some(items) = self.items() {
            items.previous = Previous::Item;
            items.holds_message |= is_message;
            items.holds_scalar |= !is_message;
        }
    }

    fn items(&mut self) -> Option<&mut Items> {
        match self.stack.last_mut() {
            Some(Frame { content: Content::Items(items), .. }) => Some(items),
            _ => None,
        }
    }

    // ---- Brackets -------------------------------------------------------------------------------

    fn open_message(&mut self, bracket: Token, owner: Option<NodeId>) {
        let close = if bracket.kind == TokenKind::OpenBrace { TokenKind::CloseBrace } else { TokenKind::CloseAngle };
        let node = self.out.open(NodeKind::Message);
        self.bump();
        let content = Content::Fields { brackets: Some((bracket.span, close)) };
        self.push(Frame { node, owner, content });
    }

    fn open_list(&mut self, bracket: Token, owner: Option<NodeId>, has_colon: bool) {
        let node = self.out.open(NodeKind::List);
        self.bump();
        let content = Content::Items(Items {
            open: bracket.span,
            has_colon,
            previous: Previous::Nothing,
            holds_scalar: false,
            holds_message: false,
        });
        self.push(Frame { node, owner, content });
    }

    fn push(&mut self, frame: Frame) {
        if let Some(close) = frame.closing_bracket() {
            *self.awaited.of(close) += 1;
        }
        self.stack.push(frame);
    }

    /// Ends the innermost message or list, and the field whose value it is.
    fn close_frame(&mut self, complete: bool) {
        let Some(frame) = self.stack.pop() else { return };
        if let Some(close) = frame.closing_bracket() {
            *self.awaited.of(close) -= 1;
        }
        self.out.close(frame.node, complete);
        if let Content::Items(items) = &frame.content {
            if items.holds_scalar && items.holds_message {
                self.error(SyntaxErrorKind::MixedList, items.open);
            }
            if let Some(owner) = frame.owner
                && items.holds_scalar
                && !items.holds_message
                && !items.has_colon
            {
                let name = self.name_of(owner);
                self.error(SyntaxErrorKind::MissingColon(self.text(name).to_owned()), Span::empty(name.end));
            }
        }
        if let Some(owner) = frame.owner {
            self.finish_field(owner);
        }
    }

    fn name_of(&self, field: NodeId) -> Span {
        let node = self.out.nodes[field.0 as usize];
        let first = self.tokens[node.first as usize].span;
        let last = (node.first + u32::from(node.name_tokens)).saturating_sub(1).max(node.first);
        first.to(self.tokens[last as usize].span)
    }

    /// Ends the innermost frame although its closing bracket is missing.
    fn unclosed(&mut self) {
        let missing = match self.stack.last().map(|frame| &frame.content) {
            Some(Content::Fields { brackets: Some((open, close)) }) => {
                Some((*open, if *close == TokenKind::CloseBrace { '}' } else { '>' }))
            }
            Some(Content::Items(items)) => Some((items.open, ']')),
            // The brackets of a list item whose opening one is missing too: that was reported.
            _ => None,
        };
        if let Some((open, close)) = missing {
            self.out.lost_brackets = true;
            self.error(SyntaxErrorKind::Unclosed(close), open);
        }
        self.close_frame(false);
    }

    /// Closes what was opened on the line of a string without an end and is closed at the end of it.
    fn close_swallowed(&mut self, string: Span) {
        let text = self.text(string).trim_end().to_owned();
        let tail = text.trim_end_matches([' ', ',', ';', '}', '>', ']']);
        let line = self.source.line_span(self.source.line(string.start));
        for bracket in text[tail.len()..].chars().filter(|c| matches!(c, '}' | '>' | ']')) {
            let Some(frame) = self.stack.last() else { return };
            let (open, close) = match &frame.content {
                Content::Fields { brackets: Some((open, TokenKind::CloseBrace)) } => (*open, '}'),
                Content::Fields { brackets: Some((open, _)) } => (*open, '>'),
                Content::Items(items) => (items.open, ']'),
                Content::Fields { brackets: None } => return,
            };
            if close != bracket || open.start < line.start {
                return;
            }
            self.close_frame(false);
        }
    }

    fn end_of_input(&mut self) {
        if self.stack.len() == 1 {
            self.close_frame(true);
        } else {
            self.unclosed();
        }
    }

    /// Whether a bracket of that kind would close something that is open.
    fn is_open(&mut self, close: TokenKind) -> bool {
        *self.awaited.of(close) > 0
    }

    /// A closing bracket that does not fit the innermost message or list, which `close` would close.
    fn wrong_close(&mut self, token: Token, close: Option<TokenKind>) {
        let open = match self.stack.last().map(|frame| &frame.content) {
            Some(Content::Fields { brackets: Some((open, _)) }) => Some(*open),
            Some(Content::Items(items)) => Some(items.open),
            _ => None,
        };
        let is_item_without_braces = open.is_none() && self.stack.len() > 1;
        if is_item_without_braces && matches!(token.kind, TokenKind::CloseBrace | TokenKind::CloseAngle) {
            // The brace that opens it is missing, which was reported.
            self.bump();
            return self.close_frame(true);
        }
        let (Some(open), Some(close)) = (open, close) else {
            return if self.is_open(token.kind) { self.unclosed() } else { self.stray_close(token) };
        };
        let is_before_the_right_one = self.peek_at(1).is_some_and(|next| next.kind == close);
        if self.is_inside_by_indentation(token, open) {
            self.stray_close(token);
        } else if self.is_open(token.kind) {
            self.unclosed();
        } else if is_before_the_right_one {
            self.stray_close(token);
        } else {
            let expected = match close {
                TokenKind::CloseBrace => '}',
                TokenKind::CloseAngle => '>',
                _ => ']',
            };
            self.out.lost_brackets = true;
            self.error(SyntaxErrorKind::MismatchedClose { open, expected }, token.span);
            self.bump();
            self.close_frame(true);
        }
    }

    /// Whether a closing bracket is indented further than the line of the bracket that is open, so that it
    /// closes nothing outside.
    fn is_inside_by_indentation(&self, token: Token, open: Span) -> bool {
        self.recovery == Recovery::Indentation
            && self.source.is_first_on_line(token.span.start)
            && self.source.line(open.start) != self.source.line(token.span.start)
            && self.source.indentation(token.span.start).len() > self.source.indentation(open.start).len()
    }

    fn stray_close(&mut self, token: Token) {
        self.out.lost_brackets = true;
        self.error(SyntaxErrorKind::StrayClose, token.span);
        self.bump();
    }

    /// Whether a field here is indented no further than the field whose value is being read, so that
    /// it stands outside of it.
    fn ends_by_indentation(&self, token: Token) -> bool {
        let Some(Frame { owner: Some(owner), .. }) = self.stack.last() else { return false };
        if self.recovery == Recovery::Brackets || token.kind != TokenKind::Identifier || !self.is_field_ahead() {
            return false;
        }
        let owner = self.name_of(*owner);
        self.source.is_first_on_line(token.span.start)
            && self.source.is_first_on_line(owner.start)
            && self.source.indentation(token.span.start).len() <= self.source.indentation(owner.start).len()
    }
}
