//! What a pickled module holds: its objects, its flags and its tensors.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use super::pickle::{Id, Pickle, Value};

/// Values to look at; a model of ten thousand tensors has fewer.
const MOST_VALUES: usize = 300_000;
/// Objects and flags to remember, and bytes of a path.
const MOST_ENTRIES: usize = 20_000;
const LONGEST_PATH: usize = 512;

/// A tensor's element type, by torch's name without the prefix: `float32`, `bfloat16`, `qint8`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementType(String);

impl ElementType {
    /// The type that the storages of a class hold (`torch.FloatStorage`); new kinds keep the name of the class.
    fn of_storage(class: &str) -> Self {
        Self(
            match class {
                "FloatStorage" => "float32",
                "DoubleStorage" => "float64",
                "HalfStorage" => "float16",
                "BFloat16Storage" => "bfloat16",
                "LongStorage" => "int64",
                "IntStorage" => "int32",
                "ShortStorage" => "int16",
                "CharStorage" => "int8",
                "ByteStorage" => "uint8",
                "BoolStorage" => "bool",
                "ComplexFloatStorage" => "complex64",
                "ComplexDoubleStorage" => "complex128",
                "QInt8Storage" => "qint8",
                "QUInt8Storage" => "quint8",
                "QInt32Storage" => "qint32",
                other => other,
            }
            .to_owned(),
        )
    }

    /// torch's name of it, `float32`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Bytes of an element, if that is known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        Some(match self.0.as_str() {
            "complex128" => 16,
            "float64" | "int64" | "complex64" => 8,
            "float32" | "int32" | "qint32" => 4,
            "float16" | "bfloat16" | "int16" => 2,
            "int8" | "uint8" | "bool" | "qint8" | "quint8" => 1,
            _ => return None,
        })
    }

    /// Whether its values are quantised ones.
    #[must_use]
    pub fn is_quantised(&self) -> bool {
        self.0.starts_with('q') || self.0.starts_with('Q')
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tensors that a file holds, in numbers: parameters, buffers, attributes and constants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tensors {
    /// How many there are; one that is used in several places counts once.
    pub count: u64,
    /// Bytes of their elements.
    pub bytes: u64,
    /// How many there are of each element type.
    pub element_types: BTreeMap<ElementType, u64>,
    /// The devices they were on when they were saved, `cpu` or `cuda:0`. For an instance of `KIND_MODEL` they stay there;
    /// for any other, the back-end moves all of them to the instance's device when it loads the model (`pytorch_backend`
    /// `src/libtorch.cc`, `ModelState::LoadModel`).
    pub devices: BTreeSet<String>,
}

impl Tensors {
    /// Whether any of them is quantised.
    #[must_use]
    pub fn is_quantised(&self) -> bool {
        self.element_types.keys().any(ElementType::is_quantised)
    }

    pub(super) fn add(&mut self, tensor: &Tensor, device: &str) {
        self.count += 1;
        let elements =
            tensor.shape.iter().try_fold(1_u64, |product, dim| product.checked_mul(u64::try_from(*dim).ok()?));
        let bytes = elements.zip(tensor.element_type.size()).and_then(|(elements, size)| elements.checked_mul(size));
        self.bytes = self.bytes.saturating_add(bytes.unwrap_or(0));
        if self.element_types.len() < 64 {
            *self.element_types.entry(tensor.element_type.clone()).or_default() += 1;
        }
        if self.devices.len() < 64 {
            self.devices.insert(device.to_owned());
        }
    }
}

/// The element type and shape of one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its elements' type.
    pub element_type: ElementType,
    /// Its dimensions.
    pub shape: Vec<i64>,
}

/// What is in `data.pkl`, by paths of attributes: `layers.0.weight`; the path of the module itself is empty.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The qualified class of each object.
    pub(super) classes: HashMap<String, String>,
    /// The flags, for example `training`.
    pub(super) flags: HashMap<String, bool>,
    pub(super) tensors: Tensors,
    /// Whether all of the pickle was looked at.
    pub(super) complete: bool,
}

impl State {
    pub(super) fn read(pickle: &Pickle<'_>) -> Self {
        let mut state = Self { complete: true, ..Self::default() };
        state.walk(pickle, pickle.root());
        state
    }

    /// Counts the tensors of another pickle of the archive.
    pub(super) fn add_constants(&mut self, pickle: &Pickle<'_>) {
        let mut constants = Self { complete: true, ..Self::default() };
        std::mem::swap(&mut constants.tensors, &mut self.tensors);
        constants.walk(pickle, pickle.root());
        self.tensors = constants.tensors;
        self.complete &= constants.complete;
    }

    fn walk(&mut self, pickle: &Pickle<'_>, root: Id) {
        let mut rest = vec![(root, Some(String::new()))];
        let mut seen = HashSet::new();
        let (mut steps, mut in_modules) = (0, 0);
        while let Some((id, path)) = rest.pop() {
            steps += 1;
            if steps > MOST_VALUES || in_modules > MOST_VALUES {
                self.complete = false;
                return;
            }
            // A module that is in two places has two paths; anything else is looked at once.
            let object = pickle.call(id).filter(|(module, ..)| module.starts_with("__torch__"));
            if let (Some((module, name, _, state)), Some(path)) = (object, &path) {
                if self.classes.len() >= MOST_ENTRIES {
                    self.complete = false;
                    return;
                }
                self.classes.insert(path.clone(), format!("{module}.{name}"));
                if let Some(state) = state {
                    if let Value::Dict(items) = pickle.get(state) {
                        // Each path to a module leads to all that is in it again.
                        in_modules += items.len();
                        for (key, value) in items {
                            let child = pickle.text(*key).and_then(|key| join(path, key));
                            self.complete &= child.is_some();
                            if let (Some(child), Value::Bool(flag)) = (&child, pickle.get(*value))
                                && self.flags.len() < MOST_ENTRIES
                            {
                                self.flags.insert(child.clone(), *flag);
                            }
                            rest.push((*value, child));
                        }
                    } else {
                        rest.push((state, None));
                    }
                }
                continue;
            }
            if !seen.insert(id) {
                continue;
            }
            if let Some((tensor, device)) = tensor(pickle, id) {
                self.tensors.add(&tensor, device);
                continue;
            }
            match pickle.get(id) {
                Value::Tuple(elements) | Value::List(elements) => {
                    rest.extend(elements.iter().map(|element| (*element, None)));
                }
                Value::Dict(items) => rest.extend(items.iter().map(|(_, value)| (*value, None))),
                Value::Call { arguments, items, state, .. } => {
                    rest.extend([Some(*arguments), *items, *state].into_iter().flatten().map(|inner| (inner, None)));
                }
                _ => {}
            }
        }
    }
}

/// No tensor has so many dimensions; a pickle may share a list of thousands between thousands of them.
const MOST_DIMS: usize = 1000;

pub(super) fn join(path: &str, name: &str) -> Option<String> {
    (path.len() + name.len() < LONGEST_PATH)
        .then(|| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") })
}

/// The tensor that a call of one of torch's functions would make, and its device (`Pickler::pushLiteralTensor` in
/// `torch/csrc/jit/serialization/pickler.cpp`; Python's writer calls the same functions).
pub(super) fn tensor<'a>(pickle: &Pickle<'a>, id: Id) -> Option<(Tensor, &'a str)> {
    let (module, name, arguments, _) = pickle.call(id)?;
    let arguments = pickle.elements(arguments);
    match (module, name) {
        ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor" | "_rebuild_qtensor") => {
            let Value::Persistent(storage) = pickle.get(*arguments.first()?) else { return None };
            let storage = pickle.elements(*storage);
            let (_, class) = pickle.global(*storage.get(1)?)?;
            let device = pickle.text(*storage.get(3)?)?;
            let shape = pickle.elements(*arguments.get(2)?);
            if shape.len() > MOST_DIMS {
                return None;
            }
            let shape = shape.iter().map(|dim| pickle.int(*dim)).collect::<Option<_>>()?;
            Some((Tensor { element_type: ElementType::of_storage(class), shape }, device))
        }
        ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
            let inner = *arguments.first()?;
            let (module, name, ..) = pickle.call(inner)?;
            // A parameter is made of a tensor, never of another parameter.
            (module == "torch._utils" && !name.starts_with("_rebuild_parameter")).then(|| tensor(pickle, inner))?
        }
        _ => None,
    }
}
