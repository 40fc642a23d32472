//! TorchScript's printed code as a tree.
//!
//! The language is what libtorch's own parser (`torch/csrc/jit/frontend/parser.cpp`) reads back: classes with typed
//! attributes and methods, functions, and statements that are almost in single-assignment form.

use super::types::Type;

/// One file of an archive's `code/`.
#[derive(Debug, Default)]
pub(super) struct Module<'s> {
    pub(super) classes: Vec<Class<'s>>,
    pub(super) functions: Vec<Function<'s>>,
}

#[derive(Debug)]
pub(super) struct Class<'s> {
    pub(super) name: &'s str,
    /// `Module`, `NamedTuple`, `Enum`, or nothing.
    pub(super) base: &'s str,
    pub(super) attributes: Vec<Attribute<'s>>,
    pub(super) methods: Vec<Function<'s>>,
}

#[derive(Debug)]
pub(super) struct Attribute<'s> {
    pub(super) name: &'s str,
    pub(super) ty: Type,
    /// The value of a constant attribute, which is no state.
    pub(super) constant: Option<&'s str>,
}

#[derive(Debug)]
pub(super) struct Function<'s> {
    pub(super) name: &'s str,
    pub(super) parameters: Vec<Parameter<'s>>,
    pub(super) result: Option<Type>,
    pub(super) body: Vec<Statement<'s>>,
}

#[derive(Debug)]
pub(super) struct Parameter<'s> {
    pub(super) name: &'s str,
    pub(super) ty: Option<Type>,
    pub(super) default: Option<&'s str>,
}

#[derive(Debug)]
pub(super) struct Statement<'s> {
    /// From 1.
    pub(super) line: u32,
    pub(super) kind: StatementKind<'s>,
}

#[derive(Debug)]
pub(super) enum StatementKind<'s> {
    /// `a = b`, `a, b, = c`, `a.b = c`, `a[b] = c`; there can be as many values as targets.
    Assign {
        targets: Vec<Expression<'s>>,
        values: Vec<Expression<'s>>,
        unpacks: bool,
    },
    Expression(Expression<'s>),
    Return(Option<Expression<'s>>),
    If {
        condition: Expression<'s>,
        then: Vec<Statement<'s>>,
        otherwise: Vec<Statement<'s>>,
    },
    /// `for variable in range(count)`, or a while loop without a variable.
    Loop {
        variable: Option<&'s str>,
        header: Expression<'s>,
        body: Vec<Statement<'s>>,
    },
    With {
        context: Expression<'s>,
        variable: Option<&'s str>,
        body: Vec<Statement<'s>>,
    },
    Function(Box<Function<'s>>),
}

#[derive(Debug)]
pub(super) enum Expression<'s> {
    /// A name, or names with dots between them.
    Name(&'s str),
    Int(i64),
    Float,
    Text(&'s str),
    Bool(bool),
    None,
    Attribute(Box<Expression<'s>>, &'s str),
    /// `a[b]`, `a[b:c]`
    Subscript(Box<Expression<'s>>, Vec<Expression<'s>>),
    Call(Box<Call<'s>>),
    Tuple(Vec<Expression<'s>>),
    List(Vec<Expression<'s>>),
    /// Keys and values by turns.
    Dict(Vec<Expression<'s>>),
    /// Operands of operators; which operators does not matter here.
    Operation(Vec<Expression<'s>>),
}

#[derive(Debug)]
pub(super) struct Call<'s> {
    pub(super) function: Expression<'s>,
    pub(super) arguments: Vec<(Option<&'s str>, Expression<'s>)>,
}

impl Expression<'_> {
    /// The type that this is when it stands where a type does.
    pub(super) fn as_type(&self) -> Type {
        match self {
            Self::None => Type::None,
            Self::Name(name) => match *name {
                "Tensor" => Type::Tensor,
                "int" => Type::Int,
                "float" => Type::Float,
                "bool" => Type::Bool,
                "str" => Type::Str,
                "NoneType" => Type::None,
                other => Type::Other(other.to_owned()),
            },
            Self::Subscript(generic, parameters) => {
                let Self::Name(generic) = &**generic else { return Type::Other("?".to_owned()) };
                match (*generic, parameters.as_slice()) {
                    ("Optional", [inner]) => Type::Optional(Box::new(inner.as_type())),
                    ("List", [inner]) => Type::List(Box::new(inner.as_type())),
                    ("Final", [inner]) => inner.as_type(),
                    ("Dict", [key, value]) => Type::Dict(Box::new(key.as_type()), Box::new(value.as_type())),
                    ("Tuple", [Self::Tuple(none)]) if none.is_empty() => Type::Tuple(Vec::new()),
                    ("Tuple", elements) => Type::Tuple(elements.iter().map(Self::as_type).collect()),
                    (other, parameters) => {
                        let parameters: Vec<String> =
                            parameters.iter().map(|inner| inner.as_type().to_string()).collect();
                        Type::Other(format!("{other}[{}]", parameters.join(", ")))
                    }
                }
            }
            _ => Type::Other("?".to_owned()),
        }
    }
}
