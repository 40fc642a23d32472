//! From the text of TorchScript's code to its tree.

use super::code::{Attribute, Call, Class, Expression, Function, Module, Parameter, Statement, StatementKind};
use super::token::{Lexer, Token};
use super::types::Type;

/// How deep brackets and blocks may nest, together; libtorch's printer makes a line of its own of what gets long.
const DEEPEST: u32 = 150;

/// Why code could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CodeError {
    #[error("unexpected text in line {0}")]
    Unexpected(u32),
    #[error("brackets or blocks nested more than {DEEPEST} deep in line {0}")]
    Deep(u32),
    #[error("too much code")]
    Long,
}

type Result<T> = std::result::Result<T, CodeError>;

/// Reads one file. `nodes_left` is how many expressions and statements it may have; what it has is taken off.
pub(super) fn parse<'s>(text: &'s str, nodes_left: &mut u32) -> Result<Module<'s>> {
    let mut lexer = Lexer::new(text);
    let current = lexer.next();
    Parser { text, start: lexer.start(), lexer, current, previous_end: 0, depth: 0, nodes_left }.module()
}

struct Parser<'s, 'n> {
    text: &'s str,
    lexer: Lexer<'s>,
    current: (Token, &'s str, u32),
    /// Where the current token starts, and where the last one ended.
    start: usize,
    previous_end: usize,
    depth: u32,
    nodes_left: &'n mut u32,
}

impl<'s> Parser<'s, '_> {
    fn module(mut self) -> Result<Module<'s>> {
        let mut module = Module::default();
        loop {
            match self.current {
                (Token::End, ..) => return Ok(module),
                (Token::Newline, ..) => self.advance(),
                (Token::Name, "class", _) => module.classes.push(self.class()?),
                (Token::Name, "def", _) => module.functions.push(self.function()?),
                // `op_version_set = 1` begins the files of old archives.
                _ => {
                    self.statement()?;
                }
            }
        }
    }

    fn class(&mut self) -> Result<Class<'s>> {
        self.advance();
        let name = self.name()?;
        let mut class = Class { name, base: "", attributes: Vec::new(), methods: Vec::new() };
        if self.take(b'(') {
            class.base = self.name()?;
            self.expect(b')')?;
        }
        self.expect(b':')?;
        self.block(|parser| {
            match parser.current {
                (Token::Name, "def", _) => class.methods.push(parser.function()?),
                (Token::Name, name, _) => {
                    parser.advance();
                    class.attributes.extend(parser.attribute(name)?);
                }
                _ => return Err(parser.unexpected()),
            }
            Ok(())
        })?;
        Ok(class)
    }

    /// What follows the name in `name : type`, `name : Final[type] = value` or `__annotations__["0"] = type`.
    fn attribute(&mut self, name: &'s str) -> Result<Option<Attribute<'s>>> {
        let mut attribute = None;
        if self.take(b':') {
            let ty = self.ty()?;
            let constant = if self.take(b'=') { Some(self.source_of(Self::expressions)?) } else { None };
            attribute = Some(Attribute { name, ty, constant });
        } else if self.take(b'[') {
            let key = self.current.1;
            self.expression()?;
            self.expect(b']')?;
            self.expect(b'=')?;
            let ty = self.ty()?;
            attribute = Some(Attribute { name: unquoted(key), ty, constant: None });
        } else {
            self.expect(b'=')?;
            self.expressions()?;
        }
        self.end_of_line()?;
        Ok(attribute.filter(|attribute| !attribute.name.starts_with("__")))
    }

    fn function(&mut self) -> Result<Function<'s>> {
        self.advance();
        let name = self.name()?;
        self.expect(b'(')?;
        let mut parameters = Vec::new();
        while !self.take(b')') {
            let name = self.name()?;
            let ty = if self.take(b':') { Some(self.ty()?) } else { None };
            let default =
                if self.take(b'=') { Some(self.source_of(|parser| parser.expression().map(drop))?) } else { None };
            parameters.push(Parameter { name, ty, default });
            if !self.take(b',') {
                self.expect(b')')?;
                break;
            }
        }
        let result = if self.current.0 == Token::Arrow {
            self.advance();
            Some(self.ty()?)
        } else {
            None
        };
        self.expect(b':')?;
        let body = self.statements()?;
        Ok(Function { name, parameters, result, body })
    }

    fn statements(&mut self) -> Result<Vec<Statement<'s>>> {
        let mut statements = Vec::new();
        self.block(|parser| {
            statements.extend(parser.statement()?);
            Ok(())
        })?;
        Ok(statements)
    }

    /// An indented block.
    fn block(&mut self, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.end_of_line()?;
        if self.current.0 != Token::Indent {
            // A class without a member has an empty body.
            return Ok(());
        }
        self.advance();
        self.nested(|parser| {
            loop {
                match parser.current.0 {
                    Token::Newline => parser.advance(),
                    Token::Dedent => {
                        parser.advance();
                        return Ok(());
                    }
                    Token::End => return Ok(()),
                    _ => item(parser)?,
                }
            }
        })
    }

    fn statement(&mut self) -> Result<Option<Statement<'s>>> {
        self.count()?;
        let (token, text, line) = self.current;
        let keyword = if token == Token::Name { text } else { "" };
        let kind = match keyword {
            "pass" => {
                self.advance();
                self.end_of_line()?;
                return Ok(None);
            }
            "return" => {
                self.advance();
                let value = if self.current.0 == Token::Newline { None } else { Some(self.tuple_or_expression()?) };
                self.end_of_line()?;
                StatementKind::Return(value)
            }
            "if" | "elif" => {
                self.advance();
                let condition = self.expression()?;
                self.expect(b':')?;
                let then = self.statements()?;
                let otherwise = match self.current {
                    (Token::Name, "else", _) => {
                        self.advance();
                        self.expect(b':')?;
                        self.statements()?
                    }
                    (Token::Name, "elif", _) => self.nested(Self::statement)?.into_iter().collect(),
                    _ => Vec::new(),
                };
                StatementKind::If { condition, then, otherwise }
            }
            "while" => {
                self.advance();
                let header = self.expression()?;
                self.expect(b':')?;
                StatementKind::Loop { variable: None, header, body: self.statements()? }
            }
            "for" => {
                self.advance();
                let variable = self.name()?;
                if self.name()? != "in" {
                    return Err(CodeError::Unexpected(line));
                }
                let header = self.expression()?;
                self.expect(b':')?;
                StatementKind::Loop { variable: Some(variable), header, body: self.statements()? }
            }
            "with" => {
                self.advance();
                let context = self.expression()?;
                let mut variable = None;
                if matches!(self.current, (Token::Name, "as", _)) {
                    self.advance();
                    variable = Some(self.name()?);
                }
                self.expect(b':')?;
                StatementKind::With { context, variable, body: self.statements()? }
            }
            "def" => StatementKind::Function(Box::new(self.function()?)),
            "raise" | "assert" => {
                self.advance();
                let value = self.tuple_or_expression()?;
                self.end_of_line()?;
                StatementKind::Expression(value)
            }
            _ => self.assignment()?,
        };
        Ok(Some(Statement { line, kind }))
    }

    fn assignment(&mut self) -> Result<StatementKind<'s>> {
        let (mut targets, mut unpacks) = self.list(b'=')?;
        if self.take(b':') {
            self.ty()?;
        }
        if !self.take(b'=') {
            self.end_of_line()?;
            let only = if targets.len() == 1 { targets.pop() } else { None };
            return Ok(StatementKind::Expression(only.unwrap_or(Expression::Tuple(targets))));
        }
        let (values, _) = self.list(b'\n')?;
        self.end_of_line()?;
        unpacks |= targets.len() > 1 && values.len() == 1;
        Ok(StatementKind::Assign { targets, values, unpacks })
    }

    /// Expressions with commas between them, up to a sign; and whether a comma was the last.
    fn list(&mut self, end: u8) -> Result<(Vec<Expression<'s>>, bool)> {
        let mut items = vec![self.expression()?];
        while self.take(b',') {
            if self.current.0 == Token::Sign(end) || self.current.0 == Token::Newline {
                return Ok((items, true));
            }
            items.push(self.expression()?);
        }
        Ok((items, false))
    }

    fn expressions(&mut self) -> Result<()> {
        self.list(b'\n').map(drop)
    }

    fn tuple_or_expression(&mut self) -> Result<Expression<'s>> {
        let (mut items, comma) = self.list(b'\n')?;
        match items.pop() {
            Some(only) if items.is_empty() && !comma => Ok(only),
            last => {
                items.extend(last);
                Ok(Expression::Tuple(items))
            }
        }
    }

    fn ty(&mut self) -> Result<Type> {
        self.operand().map(|expression| expression.as_type())
    }

    /// Operands and the operators between them, flat.
    fn expression(&mut self) -> Result<Expression<'s>> {
        let first = self.operand()?;
        if !self.at_operator() {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.at_operator() {
            while self.at_operator() {
                self.advance();
            }
            operands.push(self.operand()?);
        }
        Ok(Expression::Operation(operands))
    }

    fn at_operator(&self) -> bool {
        match self.current {
            (Token::Sign(sign), ..) => {
                matches!(sign, b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'<' | b'>' | b'!' | b'&' | b'|' | b'^')
                    || (sign == b'=' && self.is_comparison())
            }
            (Token::Name, word, _) => matches!(word, "and" | "or" | "not" | "in" | "is" | "if" | "else"),
            _ => false,
        }
    }

    /// Whether an equals sign is one of two.
    fn is_comparison(&self) -> bool {
        let byte = |at: usize| self.text.as_bytes().get(at).copied();
        byte(self.start + 1) == Some(b'=')
            || self
                .start
                .checked_sub(1)
                .and_then(byte)
                .is_some_and(|before| matches!(before, b'=' | b'!' | b'<' | b'>'))
    }

    fn operand(&mut self) -> Result<Expression<'s>> {
        self.nested(|parser| {
            let mut value = parser.primary()?;
            // Each call or subscript nests what is before it.
            for _ in 0..DEEPEST {
                if parser.take(b'(') {
                    let arguments = parser.arguments()?;
                    value = Expression::Call(Box::new(Call { function: value, arguments }));
                } else if parser.take(b'[') {
                    let indices = parser.items(b']')?;
                    value = Expression::Subscript(Box::new(value), indices);
                } else if parser.take(b'.') {
                    value = Expression::Attribute(Box::new(value), parser.name()?);
                } else {
                    return Ok(value);
                }
                parser.count()?;
            }
            Err(CodeError::Deep(parser.current.2))
        })
    }

    fn primary(&mut self) -> Result<Expression<'s>> {
        self.count()?;
        let (token, text, _) = self.current;
        match token {
            Token::Name => {
                self.advance();
                Ok(match text {
                    "True" => Expression::Bool(true),
                    "False" => Expression::Bool(false),
                    "None" => Expression::None,
                    "not" => return self.operand(),
                    "inf" | "nan" => Expression::Float,
                    _ => Expression::Name(text),
                })
            }
            Token::Number => {
                self.advance();
                Ok(text.parse().map_or(Expression::Float, Expression::Int))
            }
            Token::Text => {
                self.advance();
                Ok(Expression::Text(text))
            }
            Token::Sign(b'-') => {
                self.advance();
                Ok(match self.operand()? {
                    Expression::Int(value) => Expression::Int(value.saturating_neg()),
                    other => other,
                })
            }
            Token::Sign(b'+' | b'~') => {
                self.advance();
                self.operand()
            }
            // `^name(…)` is a call of Python, which is never saved.
            Token::Sign(b'(') => {
                self.advance();
                self.parenthesised()
            }
            Token::Sign(b'[') => {
                self.advance();
                self.items(b']').map(Expression::List)
            }
            Token::Sign(b'{') => {
                self.advance();
                self.items(b'}').map(Expression::Dict)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn parenthesised(&mut self) -> Result<Expression<'s>> {
        let mut items = Vec::new();
        loop {
            if self.take(b')') {
                return Ok(Expression::Tuple(items));
            }
            items.push(self.expression()?);
            if !self.take(b',') {
                self.expect(b')')?;
                return Ok(match items.pop() {
                    Some(only) if items.is_empty() => only,
                    last => {
                        items.extend(last);
                        Expression::Tuple(items)
                    }
                });
            }
        }
    }

    /// Expressions with commas or colons between them, up to a bracket.
    fn items(&mut self, end: u8) -> Result<Vec<Expression<'s>>> {
        let mut items = Vec::new();
        while !self.take(end) {
            if self.take(b':') || self.take(b',') {
                continue;
            }
            items.push(self.expression()?);
            if !matches!(self.current.0, Token::Sign(b',' | b':')) {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn arguments(&mut self) -> Result<Vec<(Option<&'s str>, Expression<'s>)>> {
        let mut arguments = Vec::new();
        while !self.take(b')') {
            let value = self.expression()?;
            let argument = match value {
                Expression::Name(keyword) if self.take(b'=') => (Some(keyword), self.expression()?),
                value => (None, value),
            };
            arguments.push(argument);
            if !self.take(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Ok(arguments)
    }

    /// The text of what `read` reads.
    fn source_of(&mut self, read: impl FnOnce(&mut Self) -> Result<()>) -> Result<&'s str> {
        let start = self.start;
        read(self)?;
        Ok(self.text.get(start..self.previous_end).unwrap_or_default())
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEEPEST {
            return Err(CodeError::Deep(self.current.2));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn count(&mut self) -> Result<()> {
        *self.nodes_left = self.nodes_left.checked_sub(1).ok_or(CodeError::Long)?;
        Ok(())
    }

    fn advance(&mut self) {
        self.previous_end = self.start + self.current.1.len();
        self.current = self.lexer.next();
        self.start = self.lexer.start();
    }

    fn take(&mut self, sign: u8) -> bool {
        let is_there = self.current.0 == Token::Sign(sign);
        if is_there {
            self.advance();
        }
        is_there
    }

    fn expect(&mut self, sign: u8) -> Result<()> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn name(&mut self) -> Result<&'s str> {
        match self.current {
            (Token::Name, name, _) => {
                self.advance();
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn end_of_line(&mut self) -> Result<()> {
        match self.current.0 {
            Token::Newline => {
                self.advance();
                Ok(())
            }
            Token::End | Token::Dedent => Ok(()),
            _ => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> CodeError {
        CodeError::Unexpected(self.current.2)
    }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches('"')
}
