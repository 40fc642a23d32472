//! How the PyTorch back-end puts the tensors of a config and those of a TorchScript model together.

use std::collections::BTreeSet;

use crate::artifact::Artifact;
use crate::artifact::torchscript::{Signature, TorchScript, Type};
use crate::model::{Model, ModelFile};
use crate::schema::vocabulary::{ControlKind, ModelConfig};
use crate::schema::{Singular, Spanned};

/// The TorchScript models that the back-end loads, as far as they could be read. None of them where the GPU decides
/// on the file.
pub(super) fn scripts(model: Model<'_>) -> impl Iterator<Item = (&ModelFile, &TorchScript)> {
    let is_known = model.is_torchscript() && model.config().cc_model_filenames.entries().is_empty();
    let files = model.model_files().iter().filter(move |_| is_known);
    files.filter_map(|file| match file.artifact()? {
        Artifact::TorchScript(found) => Some((file, found.torch_script()?)),
        _ => None,
    })
}

/// What decides which argument an input goes to, or which result an output comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Convention {
    /// The names are those of arguments.
    Arguments,
    /// The numbers behind `__`.
    Indexes,
    /// The order in the config.
    Order,
}

/// A tensor of the config with the position of its argument or result.
#[derive(Clone, Copy)]
pub(super) struct Bound<'c> {
    pub(super) name: &'c Spanned<String>,
    pub(super) position: usize,
}

/// The number behind the first `__` of a name: its position, where names say that. What has no digits there is 0 to
/// the back-end (`atoi`).
pub(super) fn index(name: &str) -> Option<usize> {
    let (_, digits) = name.split_once("__")?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| if digits.is_empty() { 0 } else { digits.parse().unwrap_or(usize::MAX) })
}

/// Whether `forward` takes one dictionary, into which all inputs go by their names.
pub(super) fn takes_dictionary(forward: &Signature) -> bool {
    matches!(forward.arguments.as_slice(), [argument] if matches!(argument.ty, Type::Dict(..)))
}

/// Which argument each input goes to, those of `sequence_batching` included (`pytorch_backend`
/// `src/pt/model_instance_state.cc`, `GetNamingConvention`, `AddInputToMap`, `ValidateInputs`). None if the config cannot
/// be read in full, or the back-end refuses its names.
pub(super) fn bind_inputs<'c>(config: &'c ModelConfig, forward: &Signature) -> Option<(Convention, Vec<Bound<'c>>)> {
    let names = written(config.input.is_intact(), config.input.iter().map(|input| &input.name))?;
    let argument = |name: &str| forward.arguments.iter().position(|argument| argument.name == name);
    let convention = if names.iter().all(|name| argument(name).is_some()) {
        Convention::Arguments
    } else {
        by_index_or_order(&names)
    };
    let bind = |at: usize, name: &'c Spanned<String>| {
        let position = match convention {
            Convention::Arguments => argument(name)?,
            Convention::Indexes => index(name)?,
            Convention::Order => at,
        };
        Some(Bound { name, position })
    };
    let mut bound = names.iter().enumerate().map(|(at, name)| bind(at, name)).collect::<Option<Vec<_>>>()?;
    if let Some(sequences) = config.sequence_batching.written() {
        let controls = sequences.control_input.iter().map(|control| &control.name);
        let states = sequences.state.iter().map(|state| &state.input_name);
        let is_intact = sequences.control_input.is_intact() && sequences.state.is_intact();
        for name in written(is_intact, controls.chain(states))? {
            bound.push(Bound { name, position: index(name)? });
        }
    } else if !config.sequence_batching.is_absent() {
        return None;
    }
    let targets = config.batch_input.iter().flat_map(|input| input.target_name.iter());
    for (at, name) in targets.enumerate() {
        bound.push(bind(names.len() + at, name)?);
    }
    config.batch_input.is_intact().then_some((convention, bound))
}

/// Which result each output comes from, those of states included (there, `ValidateOutputs`).
pub(super) fn bind_outputs(config: &ModelConfig) -> Option<(Convention, Vec<Bound<'_>>)> {
    let names = written(config.output.is_intact(), config.output.iter().map(|output| &output.name))?;
    let convention = by_index_or_order(&names);
    let mut bound: Vec<_> = (names.iter().enumerate())
        .map(|(at, name)| Bound {
            name,
            position: index(name).filter(|_| convention == Convention::Indexes).unwrap_or(at),
        })
        .collect();
    if let Some(sequences) = config.sequence_batching.written() {
        for name in written(sequences.state.is_intact(), sequences.state.iter().map(|state| &state.output_name))? {
            bound.push(Bound { name, position: index(name)? });
        }
    }
    Some((convention, bound))
}

fn by_index_or_order(names: &[&Spanned<String>]) -> Convention {
    if names.iter().all(|name| index(name).is_some()) { Convention::Indexes } else { Convention::Order }
}

/// The names, if all of them are there.
fn written<'c>(is_intact: bool, names: impl Iterator<Item = &'c Singular<String>>) -> Option<Vec<&'c Spanned<String>>> {
    let names = names.map(Singular::written).collect::<Option<Vec<_>>>()?;
    (is_intact && names.iter().all(|name| !name.value.is_empty())).then_some(names)
}

/// How many inputs the back-end counts in a config, and how many of them are not in `input` (there, the constructor of
/// `ModelInstanceState`). None if it cannot be read in full.
pub(super) fn count_inputs(config: &ModelConfig) -> Option<(usize, usize)> {
    let mut others = config.batch_input.len();
    if let Some(sequences) = config.sequence_batching.written() {
        for control in sequences.control_input.iter().flat_map(|input| input.control.iter()) {
            others += match control.kind.get()? {
                ControlKind::SequenceStart
                | ControlKind::SequenceReady
                | ControlKind::SequenceEnd
                | ControlKind::SequenceCorrid => 1,
                ControlKind::Unknown(_) => return None,
            };
        }
        others += sequences.state.len();
        let controls = &sequences.control_input;
        if !controls.is_intact() || !sequences.state.is_intact() || controls.iter().any(|c| !c.control.is_intact()) {
            return None;
        }
    } else if !config.sequence_batching.is_absent() {
        return None;
    }
    let is_intact = config.input.is_intact() && config.batch_input.is_intact();
    is_intact.then_some((config.input.len() + others, others))
}

/// How the back-end fares with the type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    /// It can pass such a value.
    Works,
    /// It loads the model, and no value that it passes is of the type.
    FailsAtRequests,
    /// It does not load the model.
    FailsAtLoad,
}

/// How the back-end fares with each argument (there, `ValidateInputs`, and what `Execute` passes).
pub(super) fn passing(forward: &Signature) -> Vec<Passing> {
    if let [argument] = forward.arguments.as_slice()
        && let Type::Dict(key, value) = &argument.ty
    {
        let works = **key == Type::Str && **value == Type::Tensor;
        return vec![if works { Passing::Works } else { Passing::FailsAtRequests }];
    }
    let of = |ty: &Type| match ty {
        Type::Tensor => Passing::Works,
        Type::List(inner) if **inner == Type::Str => Passing::Works,
        Type::List(_) => Passing::FailsAtRequests,
        _ => Passing::FailsAtLoad,
    };
    forward.arguments.iter().map(|argument| of(&argument.ty)).collect()
}

/// How many results the back-end makes of a value of that type; the part that it cannot pass on if there is one; none
/// if it depends on the value (there, `Execute`).
pub(super) fn results(ty: &Type) -> Option<Result<usize, &Type>> {
    let elements: Vec<&Type> = match ty {
        Type::Tuple(elements) => elements.iter().collect(),
        Type::NamedTuple { fields, .. } => fields.iter().map(|(_, field)| field).collect(),
        single => {
            return match single_result(single) {
                Ok(()) => Some(Ok(1)),
                Err(part) => part.map(Err),
            };
        }
    };
    let mut is_known = true;
    for element in &elements {
        match single_result(element) {
            Ok(()) => {}
            Err(Some(ty)) => return Some(Err(ty)),
            Err(None) => is_known = false,
        }
    }
    is_known.then_some(Ok(elements.len()))
}

/// Whether the back-end passes a value on: else the type that it cannot, or none if that depends on the value.
fn single_result(ty: &Type) -> Result<(), Option<&Type>> {
    match ty {
        Type::Tensor => Ok(()),
        Type::List(inner) if **inner == Type::Str => Ok(()),
        // It may be none, and that fails too.
        Type::Optional(inner) => Err(single_result(inner).err().flatten()),
        // A union may be a tensor.
        Type::Other(name) if !matches!(name.as_str(), "Device" | "complex" | "number") => Err(None),
        _ => Err(Some(ty)),
    }
}

/// The number at the end of a name, behind two underscores.
pub(super) fn last_index(name: &str) -> Option<usize> {
    let (_, digits) = name.rsplit_once("__")?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// Names of which each has an index, for tensors of which some have none: the number at the end of the name where it
/// is free, else the first free one. None where two of them would be alike, or have one index.
pub(super) fn numbered(names: &[&str]) -> Option<Vec<String>> {
    let mut indexes: Vec<Option<usize>> = names.iter().map(|name| index(name)).collect();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    if indexes.iter().flatten().any(|index| !taken.insert(*index)) {
        return None;
    }
    for (index, name) in indexes.iter_mut().zip(names).filter(|(index, _)| index.is_none()) {
        *index = last_index(name).filter(|meant| taken.insert(*meant));
    }
    let mut free = 0..;
    let renamed = names.iter().zip(indexes).map(|(name, found)| {
        if index(name).is_some() {
            return Some((*name).to_owned());
        }
        let index = found.or_else(|| free.find(|next| taken.insert(*next)))?;
        let mut base = last_index(name).and_then(|_| name.rsplit_once("__")).map_or(*name, |(base, _)| base).to_owned();
        while base.contains("__") {
            base = base.replace("__", "_");
        }
        let base = base.trim_end_matches('_');
        (!base.is_empty()).then(|| format!("{base}__{index}"))
    });
    let renamed = renamed.collect::<Option<Vec<_>>>()?;
    let distinct: BTreeSet<&String> = renamed.iter().collect();
    (distinct.len() == renamed.len()).then_some(renamed)
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn a_tensor_without_an_index_gets_a_free_one() {
        for (names, expected) in [
            (&["x", "INPUT__0", "START"][..], Some(&["x__1", "INPUT__0", "START__2"][..])),
            (&["my__input__1", "my__input__0"], Some(&["my_input__1", "my_input__0"])),
            (&["BOXES__1", "SCORES"], Some(&["BOXES__1", "SCORES__0"])),
            (&["a__0", "b__0"], None),
            (&["x__1__0", "x_1__0", "y"], Some(&["x_1__1", "x_1__0", "y__2"])),
            (&["__x"], Some(&["_x__0"])),
        ] {
            let expected = expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(numbered(names), expected, "{names:?}");
        }
    }
}
