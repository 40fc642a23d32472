//! A walk through `forward` and everything it calls, with values that know where they come from.
//!
//! Every call is followed into the code of what it calls, with the arguments at hand; both ways of a condition are walked
//! unless it is decided by a constant or a flag that nothing assigns (`training`). A value knows which inputs and attributes
//! it may share memory with, whether any input went into it, and, if it is a number, whether it came from sizes or values.
//! The walk errs on the side of sharing and of writing; what it cannot follow is a gap.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::calls::custom_class;
use super::code::{Expression, Function, Statement, StatementKind};
use super::facts::{self, Certainty, Depends, Sharing, TorchScript, WriteKind};
use super::found::{At, Found, MOST_FACTS, bounded};
use super::program::{In, Program};
use super::state::{State, join};
use super::types::Type;
use super::value::{Constant, Kind, Origin, Owner, Value};

/// Statements and expressions to walk through; a model of a thousand layers has a tenth of it.
const MOST_STEPS: u32 = 400_000;
/// Calls within calls, and all nesting of what is walked, expressions included. It bounds the stack.
const DEEPEST: u32 = 400;

/// The variables of a call that is being walked through.
pub(super) struct Frame<'p> {
    pub(super) file: usize,
    pub(super) variables: HashMap<&'p str, Value>,
    pub(super) functions: HashMap<&'p str, &'p Function<'p>>,
    pub(super) result: Option<Value>,
}

pub(super) struct Walk<'a, 'p> {
    pub(super) program: &'a Program<'p>,
    pub(super) state: &'a State,
    /// What attributes hold since they were written.
    pub(super) stored: BTreeMap<Rc<str>, Value>,
    /// The classes of objects that the code makes, by paths that no attribute has.
    pub(super) made: HashMap<Rc<str>, &'p str>,
    pub(super) found: Found,
    /// Whether what is walked is not reached by every call.
    pub(super) conditional: bool,
    pub(super) steps: u32,
    pub(super) depth: u32,
    pub(super) at: At,
}

/// Walks through a method of the module, and writes what is found into `facts`.
pub(super) fn walk(program: &Program<'_>, state: &State, method: In<'_, Function<'_>>, facts: &mut TorchScript) {
    let mut walk = Walk {
        program,
        state,
        stored: BTreeMap::new(),
        made: HashMap::new(),
        found: Found::default(),
        conditional: false,
        steps: 0,
        depth: 0,
        at: At { file: method.file, line: 1 },
    };
    let mut arguments = vec![Value { kind: Kind::Object("".into()), ..Value::default() }];
    for (index, parameter) in method.item.parameters.iter().skip(1).enumerate() {
        let ty = parameter.ty.as_ref().unwrap_or(&Type::Tensor);
        let mut value = walk.of_type(ty);
        if ty.may_hold_tensor() {
            let origin = Origin { owner: Owner::Input(index), is_container: value.kind == Kind::Container };
            value.origins.insert(origin, Sharing::Same);
        }
        value.from_input = true;
        value.depends.arguments = value.kind == Kind::Scalar || value.may_be_none;
        arguments.push(value);
    }
    // What a call leaves behind, the next one finds.
    for _ in 0..2 {
        walk.call_function(method, arguments.clone(), &[]);
    }
    for class in state.classes.values() {
        if let Some((namespace, name)) = custom_class(class) {
            walk.custom(namespace, name, true, None);
        }
    }
    if walk.found.is_traced && facts.origin == facts::Origin::Unknown {
        facts.origin = facts::Origin::Traced(Vec::new());
    }
    walk.found.report(program, facts);
}

impl<'p> Walk<'_, 'p> {
    pub(super) fn of_type(&self, ty: &Type) -> Value {
        let kind = match ty.required() {
            Type::List(_) | Type::Dict(..) | Type::Tuple(_) | Type::NamedTuple { .. } => Kind::Container,
            Type::Int | Type::Float | Type::Bool | Type::Str => Kind::Scalar,
            Type::None => Kind::None,
            Type::Other(name) => match self.program.class(name) {
                Some(class) if class.item.base == "NamedTuple" => Kind::Container,
                Some(_) => Kind::Tensor,
                None if ty.may_hold_tensor() => Kind::Tensor,
                None => Kind::Scalar,
            },
            Type::Tensor | Type::Optional(_) => Kind::Tensor,
        };
        Value {
            kind,
            may_be_none: matches!(ty, Type::Optional(_) | Type::None),
            holds_scalars: ty.required().holds_scalars(),
            ..Value::default()
        }
    }

    pub(super) fn gap(&mut self, what: String) {
        if self.found.gaps.len() < 50 {
            self.found.gaps.insert(what);
        }
    }

    pub(super) fn certainty(&self) -> Certainty {
        if self.conditional { Certainty::Possible } else { Certainty::Always }
    }

    /// Goes one level deeper, unless that is too deep or enough has been seen.
    pub(super) fn deeper(&mut self, walk: impl FnOnce(&mut Self) -> Value) -> Value {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.depth > DEEPEST {
            self.gap("the code is larger, or nested deeper, than what is looked through".to_owned());
            return Value::default();
        }
        self.depth += 1;
        let value = walk(self);
        self.depth -= 1;
        value
    }

    pub(super) fn call_function(
        &mut self,
        function: In<'p, Function<'p>>,
        positional: Vec<Value>,
        keywords: &[(&str, Value)],
    ) -> Value {
        self.deeper(|walk| {
            let mut frame =
                Frame { file: function.file, variables: HashMap::new(), functions: HashMap::new(), result: None };
            let mut positional = positional.into_iter();
            for parameter in &function.item.parameters {
                let given = positional.next();
                let keyword =
                    || keywords.iter().find(|(name, _)| *name == parameter.name).map(|(_, value)| value.clone());
                let default = || match parameter.default {
                    Some("None") => Value::none(),
                    Some("True") => Value::bool(true),
                    Some("False") => Value::bool(false),
                    _ => parameter.ty.as_ref().map_or_else(Value::default, |ty| walk.of_type(ty)),
                };
                frame.variables.insert(parameter.name, given.or_else(keyword).unwrap_or_else(default));
            }
            let caller = walk.at;
            walk.statements(&function.item.body, &mut frame);
            walk.at = caller;
            frame.result.unwrap_or_else(Value::none)
        })
    }

    fn statements(&mut self, statements: &'p [Statement<'p>], frame: &mut Frame<'p>) {
        for statement in statements {
            self.at = At { file: frame.file, line: statement.line };
            match &statement.kind {
                StatementKind::Assign { targets, values, unpacks } => self.assign(targets, values, *unpacks, frame),
                StatementKind::Expression(value) => {
                    self.evaluate(value, frame);
                }
                StatementKind::Return(value) => {
                    let value = value.as_ref().map_or_else(Value::none, |value| self.evaluate(value, frame));
                    frame.result = Some(match frame.result.take() {
                        Some(earlier) => earlier.or(&value),
                        None => value,
                    });
                }
                StatementKind::If { condition, then, otherwise } => {
                    let condition = self.evaluate(condition, frame);
                    match condition.as_bool() {
                        Some(true) => self.block(then, frame, self.conditional),
                        Some(false) => self.block(otherwise, frame, self.conditional),
                        None => {
                            self.branch(false, &condition);
                            self.block(then, frame, true);
                            self.block(otherwise, frame, true);
                        }
                    }
                }
                StatementKind::Loop { variable, header, body } => {
                    let count = self.evaluate(header, frame);
                    let turns_surely = variable.is_some() && count.as_int().is_some_and(|count| count > 0);
                    if count.as_int().is_none() {
                        self.branch(true, &count);
                    }
                    if let Some(variable) = variable {
                        frame.variables.insert(variable, Value { depends: count.depends, ..Value::scalar() });
                    }
                    // The second time sees what the first has left in the variables.
                    let conditional = self.conditional;
                    self.block(body, frame, conditional || !turns_surely);
                    self.block(body, frame, true);
                }
                StatementKind::With { context, variable, body } => {
                    let context = self.evaluate(context, frame);
                    if let Some(variable) = variable {
                        frame.variables.insert(variable, context);
                    }
                    self.block(body, frame, self.conditional);
                }
                StatementKind::Function(function) => {
                    frame.functions.insert(function.name, function);
                }
            }
        }
    }

    pub(super) fn block(&mut self, statements: &'p [Statement<'p>], frame: &mut Frame<'p>, conditional: bool) {
        let before = std::mem::replace(&mut self.conditional, conditional);
        self.deeper(|walk| {
            walk.statements(statements, frame);
            Value::default()
        });
        self.conditional = before;
    }

    fn branch(&mut self, is_loop: bool, condition: &Value) {
        let mut depends = condition.depends;
        // A condition that is a tensor, and one on what is not followed.
        depends.values |= condition.kind == Kind::Tensor;
        if depends.any() {
            bounded(&mut self.found.branches, (self.at, is_loop), depends, Depends::add);
        }
    }

    fn assign(
        &mut self,
        targets: &'p [Expression<'p>],
        values: &'p [Expression<'p>],
        unpacks: bool,
        frame: &mut Frame<'p>,
    ) {
        let at = self.at;
        let mut evaluated: Vec<Value> = values.iter().map(|value| self.evaluate(value, frame)).collect();
        self.at = at;
        if unpacks {
            let whole = evaluated.pop().unwrap_or_default();
            for (index, target) in targets.iter().enumerate() {
                self.assign_one(target, whole.clone().element(Some(index)), frame);
            }
        } else {
            for (target, value) in targets.iter().zip(evaluated) {
                self.assign_one(target, value, frame);
            }
        }
    }

    fn assign_one(&mut self, target: &'p Expression<'p>, value: Value, frame: &mut Frame<'p>) {
        match target {
            Expression::Name(name) => match name.rsplit_once('.') {
                None => {
                    let value = match frame.variables.remove(name) {
                        // Whether this assignment happens is not known, or the variable is one of a loop.
                        Some(earlier) if self.conditional => value.or(&earlier),
                        _ => value,
                    };
                    frame.variables.insert(name, value);
                }
                Some((object, attribute)) => {
                    let object = self.name(object, frame);
                    self.set_attribute(&object, attribute, &value);
                }
            },
            Expression::Attribute(object, attribute) => {
                let object = self.evaluate(object, frame);
                self.set_attribute(&object, attribute, &value);
            }
            Expression::Subscript(container, _) => {
                let container = self.evaluate(container, frame);
                self.change(&container);
                self.keep_in(&container, &value);
            }
            _ => {}
        }
    }

    pub(super) fn set_attribute(&mut self, object: &Value, attribute: &str, value: &Value) {
        let Kind::Object(path) = &object.kind else {
            // An object that the code made itself, or one that is not followed.
            self.keep_in(object, value);
            return;
        };
        let is_made = self.made.contains_key(path);
        let Some(path) = join(path, attribute) else { return };
        let certainty = self.certainty();
        if is_made {
            self.change(object);
            self.stored.insert(path.into(), value.clone());
            return;
        }
        bounded(&mut self.found.writes, (self.at, path.clone(), WriteKind::Assigned), certainty, |known, new| {
            *known = (*known).max(new);
        });
        let path: Rc<str> = path.into();
        let value = &self.with_what_it_holds(value);
        self.keep(&path, value);
        // It holds this from now on, or, in a branch, this too.
        let stored = match self.stored.remove(&path) {
            Some(earlier) => value.clone().or(&earlier),
            None => value.clone(),
        };
        self.stored.insert(path, stored);
    }

    /// An object that the code made, with all that its attributes hold.
    fn with_what_it_holds(&self, value: &Value) -> Value {
        let mut whole = value.clone();
        if let Kind::Object(path) = &value.kind
            && self.made.contains_key(path)
        {
            whole.kind = Kind::Tensor;
            let prefix = format!("{path}.");
            let first: Rc<str> = prefix.as_str().into();
            for (_, held) in self.stored.range(first..).take_while(|(path, _)| path.starts_with(&prefix)) {
                whole.hold(held);
            }
        }
        whole
    }

    /// The class of an object.
    pub(super) fn class_of(&self, path: &str) -> Option<&str> {
        self.made.get(path).copied().or_else(|| self.state.classes.get(path).map(String::as_str))
    }

    /// An object of a class, before its `__init__` has run.
    pub(super) fn make(&mut self, class: &'p str) -> Value {
        if self.made.len() >= MOST_FACTS {
            self.gap("the code makes more objects than are followed".to_owned());
            return Value::default();
        }
        let path: Rc<str> = format!("<{}>", self.made.len()).into();
        self.made.insert(path.clone(), class);
        Value { kind: Kind::Object(path), ..Value::default() }
    }

    /// Notes what of the inputs stays in an attribute.
    fn keep(&mut self, path: &Rc<str>, value: &Value) {
        let certainty = self.certainty();
        for (origin, sharing) in value.memory() {
            if let Owner::Input(argument) = &origin.owner {
                bounded(
                    &mut self.found.kept,
                    (self.at, *argument, path.to_string()),
                    (*sharing, certainty),
                    |known, new| *known = (known.0.max(new.0), known.1.max(new.1)),
                );
            }
        }
    }

    /// Puts a value into a list or dictionary, and with that into the attribute whose list it may be.
    pub(super) fn keep_in(&mut self, container: &Value, value: &Value) {
        for origin in container.origins.keys().filter(|origin| origin.is_container) {
            if let Owner::Attribute(path) = &origin.owner {
                self.keep(path, value);
                let mut stored = self.stored.remove(path).unwrap_or_else(|| container.clone());
                stored.hold(value);
                self.stored.insert(path.clone(), stored);
            }
        }
    }

    /// Notes a change in place.
    pub(super) fn change(&mut self, changed: &Value) {
        let certainty = self.certainty();
        for (origin, sharing) in changed.memory() {
            if changed.kind == Kind::Container && !origin.is_container {
                continue;
            }
            let certainty = if *sharing == Sharing::Maybe { Certainty::Possible } else { certainty };
            match &origin.owner {
                Owner::Input(argument) => {
                    let key = (self.at, *argument);
                    bounded(&mut self.found.changed, key, *sharing, |known, new| *known = (*known).max(new));
                }
                Owner::Attribute(path) => {
                    let key = (self.at, path.to_string(), WriteKind::Changed);
                    bounded(&mut self.found.writes, key, certainty, |known, new| *known = (*known).max(new));
                }
            }
        }
    }

    pub(super) fn evaluate(&mut self, expression: &'p Expression<'p>, frame: &mut Frame<'p>) -> Value {
        self.deeper(|walk| match expression {
            Expression::Name(name) => walk.name(name, frame),
            Expression::Int(value) => Value::constant(Constant::Int(*value)),
            Expression::Bool(value) => Value::bool(*value),
            Expression::Float | Expression::Text(_) => Value::scalar(),
            Expression::None => Value::none(),
            Expression::Attribute(object, name) => {
                let object = walk.evaluate(object, frame);
                walk.attribute(&object, name)
            }
            Expression::Subscript(container, indices) => {
                let container = walk.evaluate(container, frame);
                let mut depends = Depends::default();
                let mut at = None;
                for index in indices {
                    let index = walk.evaluate(index, frame);
                    depends.add(index.depends);
                    at = index.as_int().and_then(|index| usize::try_from(index).ok());
                }
                let is_slice = indices.len() != 1;
                let mut element = if is_slice { container } else { container.element(at) };
                if is_slice {
                    (element.elements, element.sizes) = (None, None);
                }
                element.depends.add(depends);
                element
            }
            Expression::List(elements) | Expression::Dict(elements) => walk.container(elements, false, frame),
            Expression::Tuple(elements) => walk.container(elements, true, frame),
            Expression::Operation(operands) => {
                let mut result = Value::scalar();
                for operand in operands {
                    let operand = walk.evaluate(operand, frame);
                    result = result.or(&operand);
                }
                result.constant = None;
                result
            }
            Expression::Call(call) => walk.call(call, frame),
        })
    }

    fn container(&mut self, expressions: &'p [Expression<'p>], is_tuple: bool, frame: &mut Frame<'p>) -> Value {
        /// Elements of which each is known, and tuples within tuples.
        const MOST_ELEMENTS: usize = 64;
        const DEEPEST_TUPLE: u8 = 4;
        let mut whole = Value { kind: Kind::Container, ..Value::default() };
        let mut elements = Vec::new();
        let mut holds_scalars = true;
        for expression in expressions {
            let element = self.evaluate(expression, frame);
            whole.hold(&element);
            whole.nesting = whole.nesting.max(element.nesting.saturating_add(1));
            holds_scalars &= element.kind == Kind::Scalar;
            if elements.len() < MOST_ELEMENTS {
                elements.push(element);
            }
        }
        if expressions.len() <= MOST_ELEMENTS && !expressions.is_empty() {
            if holds_scalars {
                whole.holds_scalars = true;
                whole.sizes = Some(elements.iter().map(Value::as_size).collect());
            }
            if is_tuple && whole.nesting <= DEEPEST_TUPLE {
                whole.elements = Some(elements.into());
                return whole;
            }
        }
        whole.nesting = 0;
        whole
    }

    /// A name, or names with dots between them.
    fn name(&mut self, name: &str, frame: &Frame<'p>) -> Value {
        let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        if let Some(variable) = frame.variables.get(first) {
            return match rest {
                None => variable.clone(),
                Some(rest) => {
                    let mut value = variable.clone();
                    for part in rest.split('.') {
                        value = self.attribute(&value, part);
                    }
                    value
                }
            };
        }
        match first {
            // A tensor or another object that was saved with the code.
            "CONSTANTS" => Value::default(),
            "__torch__" => Value { kind: Kind::Named(name.into()), ..Value::default() },
            _ => Value::scalar(),
        }
    }

    pub(super) fn attribute(&mut self, object: &Value, name: &str) -> Value {
        let Kind::Object(path) = &object.kind else {
            // A field of a tuple; a property of a tensor.
            let mut value = object.clone().element(None);
            match name {
                "shape" => {
                    value = Value {
                        kind: Kind::Container,
                        holds_scalars: true,
                        from_input: object.from_input,
                        ..Value::default()
                    };
                    value.depends.sizes = true;
                }
                "dtype" | "device" | "requires_grad" | "is_cuda" | "is_quantized" => return Value::scalar(),
                _ => {}
            }
            return value;
        };
        let Some(path) = join(path, name) else { return Value::default() };
        let class = self.class_of(object_path(object)).and_then(|class| self.program.class(class));
        let is_made = self.made.contains_key(object_path(object));
        let declared = class.and_then(|class| class.item.attributes.iter().find(|attribute| attribute.name == name));
        if let Some(constant) = declared.and_then(|declared| declared.constant) {
            return match constant {
                "True" => Value::bool(true),
                "False" => Value::bool(false),
                "None" => Value::none(),
                other => other.parse().map_or_else(|_| Value::scalar(), |value| Value::constant(Constant::Int(value))),
            };
        }
        if is_made {
            return self.stored.get(path.as_str()).cloned().unwrap_or_default();
        }
        if self.state.classes.contains_key(&path) {
            return Value { kind: Kind::Object(path.into()), ..Value::default() };
        }
        let mut value = declared.map_or_else(Value::default, |declared| self.of_type(&declared.ty));
        let is_assigned = self.program.assigns(name);
        if let Some(flag) = self.state.flags.get(&path)
            && !is_assigned
        {
            return Value::bool(*flag);
        }
        if value.kind == Kind::Scalar {
            value.depends.arguments = is_assigned;
            return value;
        }
        value.depends.arguments = value.may_be_none && is_assigned;
        let path: Rc<str> = path.into();
        let origin = Origin { owner: Owner::Attribute(path.clone()), is_container: value.kind == Kind::Container };
        value.origins.insert(origin, Sharing::Same);
        if let Some(stored) = self.stored.get(&path) {
            value.share(stored, Sharing::Same);
            value.from_input |= stored.from_input;
        }
        value
    }
}

pub(super) fn object_path(object: &Value) -> &str {
    match &object.kind {
        Kind::Object(path) => path,
        _ => "",
    }
}
