//! What calls do: of the archive's own functions, of classes, and of libtorch's operators.

use super::code::{Call, Expression};
use super::facts::{Depends, Sharing, Size, Sized};
use super::found::{At, MOST_FACTS, bounded};
use super::operators;
use super::types::Type;
use super::value::{Constant, Kind, Value};
use super::walk::{Frame, Walk, object_path};

/// The namespace and name of a class that C++ code registers.
pub(super) fn custom_class(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("__torch__.torch.classes.").and_then(|rest| rest.split_once('.'))
}

impl<'p> Walk<'_, 'p> {
    pub(super) fn call(&mut self, call: &'p Call<'p>, frame: &mut Frame<'p>) -> Value {
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

    pub(super) fn custom(&mut self, namespace: &str, name: &str, is_class: bool, place: Option<At>) {
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
        self.note_kind(operator, positional);
        Self::result_of(operator, positional, keywords)
    }

    fn note_kind(&mut self, operator: &str, positional: &[Value]) {
        let flag = operators::training_argument(operator).and_then(|index| positional.get(index));
        if flag.and_then(Value::as_bool) == Some(true) && self.found.trains.len() < MOST_FACTS {
            self.found.trains.insert(self.at);
        }
        let is_of_tensor = positional.first().is_some_and(|first| first.kind == Kind::Tensor);
        if is_of_tensor && operators::is_fusible(operator) && self.found.fusible.len() < MOST_FACTS {
            self.found.fusible.insert((self.at, operator.to_owned()));
        }
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
