//! What the `model.py` of the Python back-end says of itself. It is parsed and never run.
//!
//! Python can do anything anywhere, so that what is not found here may still be there: each answer says
//! whether it is certain.

mod bindings;
mod class;
mod read;
mod syntax;

use std::collections::{BTreeMap, BTreeSet};

pub use read::read;

/// The name that the back-end looks for in the module (`pb_stub.cc`, `Stub::StubSetup`).
pub const MODEL_CLASS: &str = "TritonPythonModel";

/// A place in the file, as a line that counts from 1.
pub type Line = usize;

/// A `model.py`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Python {
    /// What keeps Python from even decoding the file; the server then cannot import it.
    pub undecodable: Option<Undecodable>,
    /// Where the first part begins that does not read as Python here. No error by itself: the server's Python
    /// may be newer or older.
    pub suspect_syntax: Option<Line>,
    /// The class that the back-end makes an instance of.
    pub model: ModelClass,
    /// Other classes of the module with a method `execute`, by name: the model's class may have been misnamed.
    pub classes_with_execute: BTreeMap<String, Line>,
    /// The first segments of the names of the modules that are imported, such as `torch`.
    pub imports: BTreeMap<String, Line>,
    /// The inputs that are asked for by name (`get_input_tensor_by_name`).
    pub inputs: Names,
    /// The tensors that are made (`Tensor`): outputs of this model or inputs of models that it calls.
    pub tensors: Names,
    /// The inputs whose configuration is asked for (`get_input_config_by_name`).
    pub input_configs: Names,
    /// The outputs whose configuration is asked for (`get_output_config_by_name`).
    pub output_configs: Names,
    /// The parameters of the config that are asked for.
    pub parameters: BTreeMap<String, Parameter>,
    /// The requests to other models that are made.
    pub calls: Vec<Call>,
    /// Where responses are sent one by one (`get_response_sender`), as a decoupled model does.
    pub response_sender: Option<Line>,
    /// Where it asks whether it is decoupled (`using_decoupled_model_transaction_policy`), or says so in
    /// `auto_complete_config` (`set_model_transaction_policy`).
    pub decoupled_policy: Option<Line>,
    /// Where a model is called for any number of responses (`exec(decoupled=True)`).
    pub decoupled_call: Option<Line>,
    /// Where a tensor is made an array of `NumPy` (`as_numpy`), which fails for one on a GPU.
    pub as_numpy: Option<Line>,
    /// Where a tensor is taken as it is, on whatever device (`to_dlpack`, or `from_dlpack` of a framework).
    pub as_dlpack: Option<Line>,
    /// Where it asks on which device a tensor is (`is_cpu`).
    pub asks_for_device: Option<Line>,
    /// The keys of the arguments of `initialize` that are asked for, such as `model_instance_device_id`.
    pub arguments: BTreeSet<String>,
    /// Where a device is written down: `cuda`, or `cuda:0` and the like.
    pub devices: BTreeMap<String, Line>,
}

/// Why Python cannot decode a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// It has a NUL character.
    Nul(Line),
    /// It is no UTF-8, and declares no other encoding.
    NoUtf8(Line),
}

/// What is known of the model's class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ModelClass {
    /// Nothing in the module can bind its name: the server cannot load the model.
    Missing,
    /// It may come from another module, an assignment, or only under some condition.
    #[default]
    Unknown,
    /// The module defines it.
    Defined(Class),
}

/// The definition of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Where its name is.
    pub line: Line,
    /// Its methods by name; of several of one name, the last.
    pub methods: BTreeMap<String, Method>,
    /// Names that it or its instances may have otherwise: by an assignment in it, or to an attribute anywhere.
    pub attributes: BTreeSet<String>,
    /// Whether it can have nothing else: it inherits from nothing, nothing decorates it, and nothing is done
    /// to it later.
    pub is_closed: bool,
}

/// The definition of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct Method {
    /// Where its name is.
    pub line: Line,
    /// Whether it is a `staticmethod`.
    pub is_static: bool,
    /// Whether it is a `classmethod`.
    pub is_class: bool,
    /// Whether other decorators make of it what they like.
    pub is_decorated: bool,
    /// Whether it is a coroutine.
    pub is_async: bool,
    /// Whether it yields, or returns something that cannot be `None`.
    pub returns_value: bool,
    /// The fewest positional arguments that it takes, with `self`.
    pub fewest_arguments: usize,
    /// The most positional arguments that it takes, with `self`; none if any number.
    pub most_arguments: Option<usize>,
}

/// Names of tensors that the code asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Those that are written as constants, with where they are first.
    pub constant: BTreeMap<String, Line>,
    /// Where a name is not a constant, so that there may be any others.
    pub computed: Option<Line>,
}

/// A parameter of the config that the code asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Where it is first.
    pub line: Line,
    /// Whether it is always asked for by index, which fails where there is none.
    pub is_indexed: bool,
}

/// A request to another model (`InferenceRequest`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Where it is.
    pub line: Line,
    /// The model, if it is written as a constant.
    pub model: Option<String>,
    /// The outputs that are asked for, if all are written as constants.
    pub outputs: Option<Vec<String>>,
    /// The inputs that are given, if all are made right there by constant names.
    pub inputs: Option<Vec<String>>,
}

impl Class {
    /// Whether the class has the method; none if it may have it from elsewhere.
    #[must_use]
    pub fn has_method(&self, name: &str) -> Option<bool> {
        let may_have = !self.is_closed || self.attributes.contains(name);
        if self.methods.contains_key(name) { Some(true) } else { (!may_have).then_some(false) }
    }
}

impl Python {
    /// The definition of the model's class, if it is in the module.
    #[must_use]
    pub fn class(&self) -> Option<&Class> {
        match &self.model {
            ModelClass::Defined(class) => Some(class),
            ModelClass::Missing | ModelClass::Unknown => None,
        }
    }

    /// Whether the module defines the method of the model's class; none if that cannot be told.
    #[must_use]
    pub fn has_method(&self, name: &str) -> Option<bool> {
        self.class()?.has_method(name)
    }

    /// Whether the model completes its config itself; none if that cannot be told.
    #[must_use]
    pub fn completes_config(&self) -> Option<bool> {
        self.has_method("auto_complete_config")
    }
}

impl Method {
    /// Whether it can be called on an instance with so many arguments; none if a decorator decides.
    #[must_use]
    pub fn accepts_on_instance(&self, arguments: usize) -> Option<bool> {
        self.accepts(arguments + usize::from(!self.is_static))
    }

    /// Whether it can be called on the class with so many arguments; none if a decorator decides.
    #[must_use]
    pub fn accepts_on_class(&self, arguments: usize) -> Option<bool> {
        self.accepts(arguments + usize::from(self.is_class))
    }

    fn accepts(&self, arguments: usize) -> Option<bool> {
        let fits = self.fewest_arguments <= arguments && self.most_arguments.is_none_or(|most| arguments <= most);
        (!self.is_decorated).then_some(fits)
    }
}

impl Names {
    /// Whether no other names than the constant ones are asked for by this function.
    #[must_use]
    pub fn are_all_known(&self) -> bool {
        self.computed.is_none()
    }
}
