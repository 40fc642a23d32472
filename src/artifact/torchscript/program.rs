//! All code of an archive, by qualified names.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::code::{Class, Expression, Function, Module, Statement, StatementKind};
use super::facts::{Argument, Place, Signature};
use super::types::Type;

/// The text of one file.
pub(super) struct File {
    /// `code/__torch__/models.py`
    pub(super) name: String,
    pub(super) text: String,
    /// Where each line begins.
    lines: Vec<u32>,
}

impl File {
    pub(super) fn new(name: String, text: String) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(ends.map(|end| u32::try_from(end + 1).unwrap_or(u32::MAX))).collect();
        Self { name, text, lines }
    }

    fn line(&self, line: u32) -> &str {
        let index = (line as usize).saturating_sub(1);
        let start = self.lines.get(index).map_or(self.text.len(), |start| *start as usize);
        self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }
}

/// A function or class, and the file that it is in.
pub(super) struct In<'p, T> {
    pub(super) file: usize,
    pub(super) item: &'p T,
}

impl<T> Clone for In<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for In<'_, T> {}

pub(super) struct Program<'p> {
    files: &'p [File],
    classes: HashMap<String, In<'p, Class<'p>>>,
    functions: HashMap<String, In<'p, Function<'p>>>,
    /// Names of attributes that any code assigns to.
    assigned: HashSet<&'p str>,
}

/// Fields of named tuples in one signature.
const MOST_TYPES: usize = 200;
/// Longer lines are cut.
const LONGEST_LINE: usize = 160;

impl<'p> Program<'p> {
    pub(super) fn new(files: &'p [File], modules: &'p [Module<'p>]) -> Self {
        let mut program = Self { files, classes: HashMap::new(), functions: HashMap::new(), assigned: HashSet::new() };
        for (file, module) in modules.iter().enumerate() {
            let path = files[file].name.trim_start_matches("code/").trim_end_matches(".py").replace('/', ".");
            for class in &module.classes {
                program.classes.insert(format!("{path}.{}", class.name), In { file, item: class });
                for method in &class.methods {
                    collect_assigned(&method.body, &mut program.assigned);
                }
            }
            for function in &module.functions {
                program.functions.insert(format!("{path}.{}", function.name), In { file, item: function });
                collect_assigned(&function.body, &mut program.assigned);
            }
        }
        program
    }

    pub(super) fn class(&self, name: &str) -> Option<In<'p, Class<'p>>> {
        self.classes.get(name).copied()
    }

    pub(super) fn function(&self, name: &str) -> Option<In<'p, Function<'p>>> {
        self.functions.get(name).copied()
    }

    pub(super) fn method(&self, class: &str, name: &str) -> Option<In<'p, Function<'p>>> {
        let class = self.class(class)?;
        let item = class.item.methods.iter().find(|method| method.name == name)?;
        Some(In { file: class.file, item })
    }

    /// Whether any code assigns to an attribute of this name.
    pub(super) fn assigns(&self, attribute: &str) -> bool {
        self.assigned.contains(attribute)
    }

    pub(super) fn place(&self, file: usize, line: u32) -> Place {
        let file = &self.files[file];
        let line_text = file.line(line).trim();
        let mut text: String = line_text.chars().take(LONGEST_LINE).collect();
        if text.len() < line_text.len() {
            text.push('…');
        }
        text.retain(|character| !character.is_control());
        Place { file: file.name.clone(), line, text }
    }

    /// The signature of a class's method, with named tuples spelt out.
    pub(super) fn signature(&self, function: &Function<'_>) -> Signature {
        let left = Cell::new(MOST_TYPES);
        let argument = |parameter: &super::code::Parameter<'_>| Argument {
            name: parameter.name.to_owned(),
            ty: parameter.ty.as_ref().map_or(Type::Tensor, |ty| self.resolve(ty, &left)),
            default: parameter.default.map(str::to_owned),
        };
        Signature {
            arguments: function.parameters.iter().skip(1).map(argument).collect(),
            result: function.result.as_ref().map_or(Type::Tensor, |ty| self.resolve(ty, &left)),
        }
    }

    fn resolve(&self, ty: &Type, left: &Cell<usize>) -> Type {
        let inner = |ty: &Type| self.resolve(ty, left);
        match ty {
            Type::Optional(ty) => Type::Optional(Box::new(inner(ty))),
            Type::List(ty) => Type::List(Box::new(inner(ty))),
            Type::Dict(key, value) => Type::Dict(Box::new(inner(key)), Box::new(inner(value))),
            Type::Tuple(elements) => Type::Tuple(elements.iter().map(inner).collect()),
            Type::Other(name) => match self.class(name) {
                // One that holds itself would have no end.
                Some(class) if class.item.base == "NamedTuple" && left.get() > class.item.attributes.len() => {
                    left.set(left.get() - class.item.attributes.len() - 1);
                    let fields = class.item.attributes.iter();
                    Type::NamedTuple {
                        name: name.clone(),
                        fields: fields.map(|field| (field.name.to_owned(), inner(&field.ty))).collect(),
                    }
                }
                _ => ty.clone(),
            },
            _ => ty.clone(),
        }
    }
}

fn collect_assigned<'p>(statements: &[Statement<'p>], assigned: &mut HashSet<&'p str>) {
    for statement in statements {
        match &statement.kind {
            StatementKind::Assign { targets, .. } => {
                for target in targets {
                    match target {
                        Expression::Attribute(_, name) => {
                            assigned.insert(name);
                        }
                        Expression::Name(name) => assigned.extend(name.rsplit_once('.').map(|(_, name)| name)),
                        _ => {}
                    }
                }
            }
            StatementKind::If { then, otherwise, .. } => {
                collect_assigned(then, assigned);
                collect_assigned(otherwise, assigned);
            }
            StatementKind::Loop { body, .. } | StatementKind::With { body, .. } => collect_assigned(body, assigned),
            StatementKind::Function(function) => collect_assigned(&function.body, assigned),
            StatementKind::Expression(_) | StatementKind::Return(_) => {}
        }
    }
}
