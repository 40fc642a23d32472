//! A walk through `forward` and everything it calls, with values that know where they come from.
//!
//! Every call is followed into the code of what it calls, with the arguments at hand; both ways of a condition are walked
//! unless it is decided by a constant or a flag that nothing assigns (`training`). A value knows which inputs and attributes
//! it may share memory with, whether any input went into it, and, if it is a number, whether it came from sizes or values.
//! The walk errs on the side of sharing and of writing; what it cannot follow is a gap.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::code::{Call, Expression, Function, Statement, StatementKind};
use super::facts::{
    self, BakedDevice, BakedSize, Branch, Certainty, ChangedInput, Custom, Depends, KeptInput, Sharing, Size, Sized,
    TorchScript, Write, WriteKind,
};
use super::operators;
use super::program::{In, Program};
use super::state::{State, join};
use super::types::Type;

/// Statements and expressions to walk through; a model of a thousand layers has a tenth of it.
const MOST_STEPS: u32 = 400_000;
/// Calls within calls, and all nesting of what is walked, expressions included. It bounds the stack.
const DEEPEST: u32 = 400;
/// Facts of a kind.
const MOST_FACTS: usize = 1000;
/// Origins of one value.
const MOST_ORIGINS: usize = 16;

/// Where a value may have its memory from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    owner: Owner,
    /// Whether it is a list, tuple or dictionary. A list that merely holds a tensor is changed without changing the tensor.
    is_container: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Input(usize),
    /// An attribute's path.
    Attribute(Rc<str>),
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Kind {
    /// A tensor, or anything else that is not told apart.
    #[default]
    Tensor,
    /// A list, tuple or dictionary.
    Container,
    /// A number, a flag, a text, a device.
    Scalar,
    None,
    /// A module or another object that was saved, by its path.
    Object(Rc<str>),
    /// A function or class, by its qualified name.
    Named(Rc<str>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Constant {
    Bool(bool),
    Int(i64),
}

/// What is known of a value.
#[derive(Clone, Debug, Default)]
struct Value {
    kind: Kind,
    origins: BTreeMap<Origin, Sharing>,
    /// Of a number: what it comes from.
    depends: Depends,
    constant: Option<Constant>,
    /// Of a list of numbers.
    sizes: Option<Rc<[Size]>>,
    /// Whether it is a list, tuple or dictionary of nothing but numbers and the like.
    holds_scalars: bool,
    /// Whether an input went into it.
    from_input: bool,
    may_be_none: bool,
    /// Of a tuple that the code has just made: what is in it.
    elements: Option<Rc<[Value]>>,
    /// How deep tuples are within it.
    nesting: u8,
}

impl Value {
    fn scalar() -> Self {
        Self { kind: Kind::Scalar, ..Self::default() }
    }

    fn constant(constant: Constant) -> Self {
        Self { constant: Some(constant), ..Self::scalar() }
    }

    fn bool(value: bool) -> Self {
        Self::constant(Constant::Bool(value))
    }

    fn none() -> Self {
        Self { kind: Kind::None, may_be_none: true, ..Self::default() }
    }

    fn as_bool(&self) -> Option<bool> {
        match self.constant {
            Some(Constant::Bool(value)) => Some(value),
            _ => None,
        }
    }

    fn as_int(&self) -> Option<i64> {
        match self.constant {
            Some(Constant::Int(value)) => Some(value),
            _ => None,
        }
    }

    fn as_size(&self) -> Size {
        match self.as_int() {
            Some(-1) => Size::Inferred,
            Some(value) => Size::Constant(value),
            None => Size::Computed,
        }
    }

    /// Takes in the memory of another value that this one may share.
    fn share(&mut self, other: &Self, sharing: Sharing) {
        for (origin, how) in other.memory() {
            self.add_origin(origin.clone(), sharing.min(*how));
        }
    }

    /// Takes in another value as an element of this list, tuple or dictionary.
    fn hold(&mut self, other: &Self) {
        for (origin, how) in other.memory() {
            self.add_origin(Origin { owner: origin.owner.clone(), is_container: false }, *how);
        }
        self.depends.add(other.depends);
        self.from_input |= other.from_input;
    }

    /// What it shares memory with: numbers and the like are always copied.
    fn memory(&self) -> impl Iterator<Item = (&Origin, &Sharing)> {
        self.origins.iter().filter(|_| self.kind != Kind::Scalar)
    }

    fn add_origin(&mut self, origin: Origin, sharing: Sharing) {
        if let Some(known) = self.origins.get_mut(&origin) {
            *known = sharing.max(*known);
        } else if self.origins.len() < MOST_ORIGINS {
            self.origins.insert(origin, sharing);
        }
    }

    /// An element of this list, tuple or dictionary; which one, if that is known.
    fn element(mut self, index: Option<usize>) -> Self {
        if let Some(element) = index.and_then(|index| self.elements.as_ref()?.get(index)) {
            return element.clone();
        }
        if let Some(size) = index.and_then(|index| self.sizes.as_ref()?.get(index))
            && let Size::Constant(size) = size
        {
            return Self::constant(Constant::Int(*size));
        }
        (self.constant, self.sizes, self.elements) = (None, None, None);
        if self.kind == Kind::Container {
            self.kind = if self.holds_scalars { Kind::Scalar } else { Kind::Tensor };
        }
        self
    }

    /// This value or the other, whichever it turns out to be.
    fn or(mut self, other: &Self) -> Self {
        self.share(other, Sharing::Same);
        self.depends.add(other.depends);
        self.from_input |= other.from_input;
        self.may_be_none |= other.may_be_none;
        if self.constant != other.constant {
            self.constant = None;
        }
        if self.sizes != other.sizes {
            self.sizes = None;
        }
        if self.kind == Kind::None {
            self.kind = other.kind.clone();
        }
        self
    }
}

/// A line: file and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    file: usize,
    line: u32,
}

#[derive(Default)]
struct Found {
    writes: BTreeMap<(At, String, WriteKind), Certainty>,
    kept: BTreeMap<(At, usize, String), (Sharing, Certainty)>,
    changed: BTreeMap<(At, usize), Sharing>,
    sizes: BTreeMap<(At, String), (Vec<Size>, Sized)>,
    devices: BTreeSet<(At, String)>,
    custom: BTreeMap<(String, String, bool), Option<At>>,
    branches: BTreeMap<(At, bool), Depends>,
    gaps: BTreeSet<String>,
    is_traced: bool,
}

/// Inserts unless there are too many already.
fn bounded<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V, join: impl FnOnce(&mut V, V)) {
    if let Some(known) = map.get_mut(&key) {
        join(known, value);
    } else if map.len() < MOST_FACTS {
        map.insert(key, value);
    }
}

/// The variables of a call that is being walked through.
struct Frame<'p> {
    file: usize,
    variables: HashMap<&'p str, Value>,
    functions: HashMap<&'p str, &'p Function<'p>>,
    result: Option<Value>,
}

struct Walk<'a, 'p> {
    program: &'a Program<'p>,
    state: &'a State,
    /// What attributes hold since they were written.
    stored: BTreeMap<Rc<str>, Value>,
    /// The classes of objects that the code makes, by paths that no attribute has.
    made: HashMap<Rc<str>, &'p str>,
    found: Found,
    /// Whether what is walked is not reached by every call.
    conditional: bool,
    steps: u32,
    depth: u32,
    at: At,
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

/// The namespace and name of a class that C++ code registers.
fn custom_class(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("__torch__.torch.classes.").and_then(|rest| rest.split_once('.'))
}

impl Found {
    fn report(self, program: &Program<'_>, facts: &mut TorchScript) {
        let place = |at: At| program.place(at.file, at.line);
        facts.writes = (self.writes.into_iter())
            .map(|((at, attribute, kind), certainty)| Write { attribute, kind, certainty, place: place(at) })
            .collect();
        facts.kept_inputs = (self.kept.into_iter())
            .map(|((at, argument, attribute), (sharing, certainty))| KeptInput {
                argument,
                attribute,
                sharing,
                certainty,
                place: place(at),
            })
            .collect();
        facts.changed_inputs = (self.changed.into_iter())
            .map(|((at, argument), sharing)| ChangedInput { argument, sharing, place: place(at) })
            .collect();
        facts.sizes = (self.sizes.into_iter())
            .map(|((at, operator), (sizes, of))| BakedSize { operator, sizes, of, place: place(at) })
            .collect();
        facts.devices =
            (self.devices.into_iter()).map(|(at, device)| BakedDevice { device, place: place(at) }).collect();
        facts.custom = (self.custom.into_iter())
            .map(|((namespace, name, is_class), at)| Custom { namespace, name, is_class, place: at.map(place) })
            .collect();
        facts.branches = (self.branches.into_iter())
            .map(|((at, is_loop), depends)| Branch { is_loop, depends, place: place(at) })
            .collect();
        facts.gaps.extend(self.gaps);
        facts.writes.sort();
        facts.kept_inputs.sort();
    }
}

impl<'p> Walk<'_, 'p> {
    fn of_type(&self, ty: &Type) -> Value {
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

    fn gap(&mut self, what: String) {
        if self.found.gaps.len() < 50 {
            self.found.gaps.insert(what);
        }
    }

    fn certainty(&self) -> Certainty {
        if self.conditional { Certainty::Possible } else { Certainty::Always }
    }

    /// Goes one level deeper, unless that is too deep or enough has been seen.
    fn deeper(&mut self, walk: impl FnOnce(&mut Self) -> Value) -> Value {
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

    fn call_function(
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

    fn block(&mut self, statements: &'p [Statement<'p>], frame: &mut Frame<'p>, conditional: bool) {
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

    fn set_attribute(&mut self, object: &Value, attribute: &str, value: &Value) {
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
    fn class_of(&self, path: &str) -> Option<&str> {
        self.made.get(path).copied().or_else(|| self.state.classes.get(path).map(String::as_str))
    }

    /// An object of a class, before its `__init__` has run.
    fn make(&mut self, class: &'p str) -> Value {
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
    fn keep_in(&mut self, container: &Value, value: &Value) {
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
    fn change(&mut self, changed: &Value) {
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

    fn evaluate(&mut self, expression: &'p Expression<'p>, frame: &mut Frame<'p>) -> Value {
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

    fn attribute(&mut self, object: &Value, name: &str) -> Value {
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

    fn call(&mut self, call: &'p Call<'p>, frame: &mut Frame<'p>) -> Value {
        match &call.function {
            Expression::Name(name) => self.call_name(name, call, frame),
            Expression::Attribute(object, method) => {
                let object = self.evaluate(object, frame);
                let (mut positional, keywords) = self.arguments(call, frame);
                if let Kind::Object(path) = &object.kind {
                    let function = self.class_of(path).and_then(|class| self.program.method(class, method));
                    if let Some(function) = function {
                        positional.insert(0, object);
                        return self.call_function(function, positional, &keywords);
                    }
                }
                // A method of a class that C++ code registers.
                if matches!(object.kind, Kind::Object(_)) && self.custom_method(&object) {
                    return Value::default();
                }
                if matches!(*method, "tolist" | "value" | "name") {
                    return Value { depends: Depends { values: true, ..Depends::default() }, ..Value::scalar() };
                }
                self.gap(format!("the method `{method}` is not in the archive's code"));
                let mut result = object;
                for argument in &positional {
                    result = result.or(argument);
                }
                result.kind = Kind::Tensor;
                result
            }
            other => {
                let function = self.evaluate(other, frame);
                let (positional, keywords) = self.arguments(call, frame);
                self.call_value(&function, positional, &keywords)
            }
        }
    }

    fn custom_method(&self, object: &Value) -> bool {
        self.class_of(object_path(object)).is_some_and(|class| custom_class(class).is_some())
    }

    fn arguments(&mut self, call: &'p Call<'p>, frame: &mut Frame<'p>) -> (Vec<Value>, Vec<(&'p str, Value)>) {
        let mut positional = Vec::new();
        let mut keywords = Vec::new();
        for (keyword, argument) in &call.arguments {
            let value = self.evaluate(argument, frame);
            match keyword {
                Some(keyword) => keywords.push((*keyword, value)),
                None => positional.push(value),
            }
        }
        (positional, keywords)
    }

    fn call_name(&mut self, name: &'p str, call: &'p Call<'p>, frame: &mut Frame<'p>) -> Value {
        let argument = |index: usize| call.arguments.get(index).map(|(_, argument)| argument);
        match name {
            "torch.device" => {
                if let Some(Expression::Text(text)) = argument(0) {
                    let device = text.trim_matches(['"', '\'']).to_owned();
                    if self.found.devices.len() < MOST_FACTS {
                        self.found.devices.insert((self.at, device));
                    }
                }
                return Value::scalar();
            }
            // Its first argument is a type.
            "annotate" | "unchecked_cast" => {
                let ty = argument(0).map_or(Type::Tensor, Expression::as_type);
                let Some(value) = argument(1) else { return Value::default() };
                let mut value = self.evaluate(value, frame);
                let target = self.of_type(&ty);
                value.depends.values |= value.kind == Kind::Tensor && target.kind == Kind::Scalar;
                value.may_be_none &= target.may_be_none;
                if let Some(Expression::Name(class)) = argument(0)
                    && !matches!(value.kind, Kind::Object(_))
                    && self.program.class(class).is_some_and(|class| class.item.base.is_empty())
                {
                    // An object that an optional attribute holds, say; which one is not known.
                    value.kind = self.make(class).kind;
                } else if !matches!(value.kind, Kind::Object(_) | Kind::Named(_)) {
                    value.kind = target.kind;
                }
                return value;
            }
            "uninitialized" | "isinstance" => {
                let mut value = Value::scalar();
                value.depends.arguments = name == "isinstance";
                return value;
            }
            "getattr" => {
                if let (Some(object), Some(Expression::Text(attribute))) = (argument(0), argument(1)) {
                    let object = self.evaluate(object, frame);
                    return self.attribute(&object, attribute.trim_matches(['"', '\'']));
                }
                return Value::default();
            }
            // What is forked has no arguments: it sees the variables around it.
            "fork" => {
                if let Some(Expression::Name(forked)) = argument(0)
                    && let Some(function) = frame.functions.get(forked).copied()
                {
                    let before = frame.result.take();
                    self.block(&function.body, frame, self.conditional);
                    return std::mem::replace(&mut frame.result, before).unwrap_or_else(Value::none);
                }
                self.gap("what `fork` runs is not in the code".to_owned());
                return Value::default();
            }
            _ => {}
        }
        let receiver = call.arguments.first().and_then(|(_, argument)| match argument {
            Expression::Name(name) if !name.contains('.') => Some(*name),
            _ => None,
        });
        let (positional, keywords) = self.arguments(call, frame);
        if let Some(variable) = frame.variables.get(name) {
            let function = variable.clone();
            return self.call_value(&function, positional, &keywords);
        }
        let mut parts = name.splitn(3, '.');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("torch"), Some(operator), None) => {
                self.operator("aten", operator, &positional, &keywords, receiver, frame)
            }
            (Some("ops"), Some(namespace), Some(operator)) => {
                self.operator(namespace, operator, &positional, &keywords, receiver, frame)
            }
            (Some("__torch__"), ..) if name.ends_with(".__new__") => self.make(name.trim_end_matches(".__new__")),
            (Some("__torch__"), ..) => {
                let function = Value { kind: Kind::Named(name.into()), ..Value::default() };
                self.call_value(&function, positional, &keywords)
            }
            (Some(builtin), None, None) => self.builtin(builtin, &positional),
            // `x.tolist()`, and `torch.autograd.grad`, which no server calls.
            _ => {
                let mut value = positional.first().cloned().unwrap_or_default();
                if name.ends_with(".tolist") {
                    value = Value { depends: Depends { values: true, ..Depends::default() }, ..Value::scalar() };
                } else {
                    self.gap(format!("`{name}` is not in the archive's code"));
                }
                value
            }
        }
    }

    fn call_value(&mut self, function: &Value, positional: Vec<Value>, keywords: &[(&str, Value)]) -> Value {
        if let Kind::Named(name) = &function.kind {
            if let Some(function) = self.program.function(name) {
                return self.call_function(function, positional, keywords);
            }
            let is_class = self.program.class(name).is_some();
            if let Some((namespace, class)) =
                name.strip_prefix("__torch__.torch.classes.").and_then(|rest| rest.split_once('.'))
            {
                self.custom(namespace, class, true, Some(self.at));
            } else if !is_class {
                self.gap(format!("`{name}` is not in the archive's code"));
            }
        }
        // An object made of its arguments.
        let mut whole = Value { kind: Kind::Container, ..Value::default() };
        for argument in positional.iter().chain(keywords.iter().map(|(_, argument)| argument)) {
            whole.hold(argument);
        }
        whole
    }

    fn custom(&mut self, namespace: &str, name: &str, is_class: bool, place: Option<At>) {
        let is_built_in =
            if is_class { operators::is_built_in_class(namespace) } else { operators::is_built_in(namespace) };
        if !is_built_in {
            let key = (namespace.to_owned(), name.to_owned(), is_class);
            bounded(&mut self.found.custom, key, place, |known, new| *known = known.or(new));
        }
    }

    fn builtin(&mut self, name: &str, arguments: &[Value]) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        match name {
            "int" | "float" | "bool" => {
                let mut value = Value { depends: first.depends, ..Value::scalar() };
                value.depends.values |= first.kind == Kind::Tensor;
                if name == "int" || name == "bool" {
                    value.constant = first.constant;
                }
                value
            }
            "len" | "str" | "range" | "min" | "max" | "print" | "sorted" => {
                let mut value = first;
                if name != "sorted" {
                    value.kind = Kind::Scalar;
                    value.origins.clear();
                }
                value.constant = value.constant.filter(|_| name == "range");
                for argument in arguments.iter().skip(1) {
                    value.depends.add(argument.depends);
                }
                value
            }
            _ => {
                self.gap(format!("`{name}` is not in the archive's code"));
                first
            }
        }
    }

    fn operator(
        &mut self,
        namespace: &str,
        operator: &str,
        positional: &[Value],
        keywords: &[(&'p str, Value)],
        receiver: Option<&'p str>,
        frame: &mut Frame<'p>,
    ) -> Value {
        self.custom(namespace, operator, false, Some(self.at));
        if namespace == "prim" && matches!(operator, "NumToTensor" | "data") {
            // Only tracing makes tensors of numbers that are numbers again afterwards.
            self.found.is_traced |= operator == "NumToTensor";
            return positional.first().cloned().unwrap_or_default();
        }
        if let Some(known) = known_scalar(operator, positional) {
            return known;
        }
        let first = positional.first();
        self.note_sizes(operator, positional);
        if operators::changes_in_place(operator)
            && let Some(changed) = first
        {
            self.change(changed);
            if operators::stores_arguments(operator) {
                for argument in positional.iter().skip(1) {
                    self.keep_in(changed, argument);
                    // A list of its own remembers what is in it.
                    if let Some(variable) = receiver.and_then(|name| frame.variables.get_mut(name)) {
                        variable.hold(argument);
                        variable.holds_scalars &= argument.kind == Kind::Scalar;
                        (variable.sizes, variable.elements) = (None, None);
                    }
                }
            }
        }
        for (keyword, value) in keywords {
            if *keyword == "out" {
                self.change(value);
            }
        }
        // In training, a batch norm changes its running statistics.
        if operator == "batch_norm" && positional.get(5).is_some_and(|training| training.as_bool() != Some(false)) {
            for statistics in positional.iter().skip(3).take(2) {
                self.change(statistics);
            }
        }
        Self::result_of(operator, positional, keywords)
    }

    fn result_of(operator: &str, positional: &[Value], keywords: &[(&str, Value)]) -> Value {
        let mut result = Value::default();
        let mut has_tensor = operators::makes_tensor(operator);
        for argument in positional.iter().chain(keywords.iter().map(|(_, value)| value)) {
            has_tensor |= argument.kind == Kind::Tensor || argument.kind == Kind::Container && !argument.holds_scalars;
            result.from_input |= argument.from_input;
            result.depends.add(argument.depends);
        }
        if has_tensor {
            // A tensor's own values are not what a size was.
            result.depends = Depends::default();
        } else {
            result.kind = Kind::Scalar;
        }
        if let Some(first) = positional.first() {
            let copies = operator == "to" && positional.iter().skip(2).filter_map(Value::as_bool).nth(1) == Some(true);
            let dropped = operator.ends_with("dropout") && positional.get(2).and_then(Value::as_bool) == Some(true);
            if let Some(sharing) = operators::sharing(operator)
                && !copies
                && !dropped
            {
                result.share(first, sharing);
                result.kind = first.kind.clone();
                result.holds_scalars = first.holds_scalars;
                result.may_be_none = first.may_be_none && operator != "_unwrap_optional";
                if matches!(operator, "chunk" | "split" | "split_with_sizes" | "unbind" | "tensor_split" | "meshgrid") {
                    result.kind = Kind::Container;
                }
            } else if first.kind == Kind::Container && operator == "add" {
                // Lists are joined, with the same elements.
                result.kind = Kind::Container;
                for argument in positional {
                    result.share(argument, Sharing::Same);
                }
            }
        }
        result
    }

    fn note_sizes(&mut self, operator: &str, positional: &[Value]) {
        let Some(range) = operators::size_arguments(operator) else { return };
        let arguments = positional.get(range.start..range.end.min(positional.len())).unwrap_or_default();
        let mut sizes = Vec::new();
        for argument in arguments {
            match (&argument.sizes, &argument.kind) {
                (Some(list), _) => sizes.extend_from_slice(list),
                (None, Kind::Scalar) => sizes.push(argument.as_size()),
                (None, Kind::Container) => sizes.push(Size::Computed),
                _ => {}
            }
        }
        // The end of what has no end.
        sizes.retain(|size| !matches!(size, Size::Constant(i64::MAX)));
        let baked = |size: &Size| matches!(size, Size::Constant(value) if *value > 1);
        if !sizes.iter().any(baked) {
            return;
        }
        let of = match positional.first() {
            _ if operators::makes_tensor(operator) || operator.starts_with("new_") => Sized::New,
            Some(first) if first.from_input => Sized::Input,
            _ => Sized::Weight,
        };
        bounded(&mut self.found.sizes, (self.at, operator.to_owned()), (sizes, of), |_, _| {});
    }
}

fn object_path(object: &Value) -> &str {
    match &object.kind {
        Kind::Object(path) => path,
        _ => "",
    }
}

/// The results of operators that return numbers and flags.
fn known_scalar(operator: &str, arguments: &[Value]) -> Option<Value> {
    let of = |depends: Depends| {
        let mut value = Value { depends, ..Value::scalar() };
        value.from_input = arguments.iter().any(|argument| argument.from_input);
        value
    };
    let first = arguments.first()?;
    let second = arguments.get(1);
    match operator {
        "dim" | "ndimension" => Some(of(Depends { rank: true, ..Depends::default() })),
        "size" | "sym_size" | "numel" | "len" | "stride" | "storage_offset" => {
            let mut value = of(first.depends);
            value.depends.sizes = true;
            if operator == "size" && second.is_none() || operator == "stride" {
                value.kind = Kind::Container;
                value.holds_scalars = true;
            }
            if let Some(sizes) = first.sizes.as_ref().filter(|_| operator == "len") {
                value.constant = i64::try_from(sizes.len()).ok().map(Constant::Int);
            }
            Some(value)
        }
        "item"
        | "_local_scalar_dense"
        | "tolist"
        | "is_nonzero"
        | "equal"
        | "allclose"
        | "Int"
        | "Float"
        | "Bool"
        | "IntImplicit"
        | "FloatImplicit"
        | "ScalarImplicit" => {
            let mut value = of(first.depends);
            value.depends.values |= first.kind == Kind::Tensor;
            Some(value)
        }
        "__is__" | "__isnot__" => {
            let is_none = |value: &Value| {
                if value.kind == Kind::None {
                    Some(true)
                } else if value.may_be_none {
                    None
                } else {
                    Some(false)
                }
            };
            let mut value = of(first.depends);
            if second.is_some_and(|second| second.kind == Kind::None) {
                value.constant = is_none(first).map(|is_none| Constant::Bool(is_none == (operator == "__is__")));
                if value.constant.is_none() {
                    value.depends.arguments = true;
                }
            }
            Some(value)
        }
        "__not__" => {
            let mut value = of(first.depends);
            value.constant = first.as_bool().map(|flag| Constant::Bool(!flag));
            Some(value)
        }
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" if first.kind == Kind::Scalar => {
            let second = second?;
            if second.kind != Kind::Scalar {
                return None;
            }
            let mut depends = first.depends;
            depends.add(second.depends);
            let mut value = of(depends);
            if let (Some(left), Some(right)) = (first.as_int(), second.as_int()) {
                value.constant = Some(Constant::Bool(match operator {
                    "eq" => left == right,
                    "ne" => left != right,
                    "lt" => left < right,
                    "le" => left <= right,
                    "gt" => left > right,
                    _ => left >= right,
                }));
            }
            Some(value)
        }
        _ => None,
    }
}
