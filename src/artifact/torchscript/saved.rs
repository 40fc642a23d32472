//! What `torch.save` and `torch.export` write, told from TorchScript and from one another.

use std::collections::HashSet;
use std::fmt;
use std::io::{Read, Seek};

use super::archive::Archive;
use super::pickle::{Id, Pickle, PickleError, Value};
use super::state::tensor;
use crate::artifact::Unreadable;

/// What is in a file that `torch.save` wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// A whole module, which only the Python source of its class makes usable.
    Module {
        /// The qualified name of its class.
        class: String,
    },
    /// A dictionary of tensors.
    StateDict {
        /// How many tensors it has.
        tensors: usize,
    },
    /// A dictionary that has such a thing in it, among others: what training scripts keep.
    Checkpoint {
        /// The names of its entries, in order; at most 20.
        entries: Vec<String>,
    },
    /// One tensor.
    Tensor,
    /// Anything else.
    Object {
        /// The qualified name of its class, if it has one.
        class: Option<String>,
    },
    /// A `torch.package`.
    Package,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module { class } => write!(f, "a pickled module of the class `{class}`, as `torch.save` writes it"),
            Self::StateDict { tensors: 1 } => f.write_str("a state dict of 1 tensor, as `torch.save` writes it"),
            Self::StateDict { tensors } => write!(f, "a state dict of {tensors} tensors, as `torch.save` writes it"),
            Self::Checkpoint { .. } => f.write_str("a checkpoint of a training, as `torch.save` writes it"),
            Self::Tensor => f.write_str("a single tensor, as `torch.save` writes it"),
            Self::Object { class: Some(class) } => {
                write!(f, "a pickled object of the class `{class}`, as `torch.save` writes it")
            }
            Self::Object { class: None } => f.write_str("pickled data, as `torch.save` writes it"),
            Self::Package => f.write_str("a `torch.package` archive"),
        }
    }
}

/// A `.pt2` archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pt2 {
    /// The program that `torch.export.save` writes.
    Exported,
    /// A package of AOTInductor, with compiled code.
    AotInductor,
}

impl fmt::Display for Pt2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exported => "an exported program, as `torch.export.save` writes it",
            Self::AotInductor => "a package of AOTInductor",
        })
    }
}

pub(super) fn pt2<R: Read + Seek>(archive: &Archive<R>) -> Pt2 {
    if archive.names().any(|name| name.starts_with("data/aotinductor/")) { Pt2::AotInductor } else { Pt2::Exported }
}

/// Bytes of a file from before PyTorch 1.6 that are looked at; the pickles come first, the tensors after them.
const LARGEST_LEGACY: u64 = 12 << 20;

/// Reads what `torch.save` wrote before 1.6: pickles of a magic number, a version, the machine's properties and the object.
pub(super) fn read_legacy(mut file: impl Read + Seek) -> Result<Saved, Unreadable> {
    let io = |error: std::io::Error| Unreadable::Io(error.to_string());
    file.rewind().map_err(io)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_LEGACY).read_to_end(&mut bytes).map_err(io)?;
    let mut rest = bytes.as_slice();
    for is_object in [false, false, false, true] {
        let pickle = Pickle::read(rest).map_err(|error| match error {
            PickleError::Ends => Unreadable::Truncated(error.to_string()),
            PickleError::Long => Unreadable::TooLarge(error.to_string()),
            _ => Unreadable::Malformed(error.to_string()),
        })?;
        // `torch.save` writes its magic number first; a pickle without it is somebody else's.
        let is_magic = matches!(pickle.get(pickle.root()), Value::Bytes(_));
        if is_object || rest.len() == bytes.len() && !is_magic {
            return Ok(classify(&pickle));
        }
        rest = rest.get(pickle.length()..).unwrap_or_default();
    }
    Ok(Saved::Object { class: None })
}

/// So many entries of what is in a pickled dict are looked at. Thousands of its values may share one of thousands.
const MOST_LOOKED_AT: usize = 1_000_000;

/// What a pickled object is.
pub(super) fn classify(pickle: &Pickle<'_>) -> Saved {
    let root = pickle.root();
    if tensor(pickle, root).is_some() {
        return Saved::Tensor;
    }
    if let Some(items) = pickle.items(root) {
        let tensors = items.iter().filter(|(_, value)| tensor(pickle, *value).is_some()).count();
        let mut to_look_at = MOST_LOOKED_AT;
        let mut holds = |id: Id| {
            to_look_at = to_look_at
                .saturating_sub(1 + attributes(pickle, id).len() + pickle.items(id).unwrap_or_default().len());
            to_look_at > 0 && holds_module_or_tensors(pickle, id)
        };
        if tensors == 0 && items.iter().any(|(_, value)| holds(*value)) {
            let names = items.iter().filter_map(|(key, _)| pickle.text(*key)).take(20);
            return Saved::Checkpoint { entries: names.map(str::to_owned).collect() };
        }
        return if tensors > 0 { Saved::StateDict { tensors } } else { Saved::Object { class: None } };
    }
    match class(pickle, root) {
        Some(class) if is_module(pickle, root) => Saved::Module { class },
        class => Saved::Object { class },
    }
}

fn holds_module_or_tensors(pickle: &Pickle<'_>, id: Id) -> bool {
    is_module(pickle, id)
        || pickle.items(id).is_some_and(|items| items.iter().any(|(_, value)| tensor(pickle, *value).is_some()))
}

/// The class of an object that a pickle makes, also by the functions that call a class.
fn class(pickle: &Pickle<'_>, mut id: Id) -> Option<String> {
    let mut seen = HashSet::new();
    while seen.insert(id) {
        let (module, name, arguments, _) = pickle.call(id)?;
        match (module, name) {
            ("copy_reg" | "copyreg", "_reconstructor") => id = *pickle.elements(arguments).first()?,
            _ => return Some(format!("{module}.{name}")),
        }
        if let Some((module, name)) = pickle.global(id) {
            return Some(format!("{module}.{name}"));
        }
    }
    None
}

/// The attributes of an object, as far as it is made with a state of them.
fn attributes<'p>(pickle: &'p Pickle<'_>, id: Id) -> &'p [(Id, Id)] {
    let state = pickle.call(id).and_then(|(.., state)| state);
    state.and_then(|state| pickle.items(state)).unwrap_or_default()
}

/// Whether an object has the attributes that every `torch.nn.Module` has.
fn is_module(pickle: &Pickle<'_>, id: Id) -> bool {
    let has = |name: &str| attributes(pickle, id).iter().any(|(key, _)| pickle.text(*key) == Some(name));
    has("_parameters") && has("_modules")
}
