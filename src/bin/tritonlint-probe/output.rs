//! Outputs: what the back-end would take, and what is told of it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use tch::{IValue, Kind, TchError, Tensor};

use crate::protocol::{MOST_SAMPLED, Output};

/// Why there are no outputs.
pub(crate) enum Fault {
    /// The back-end would refuse them, with these words.
    Unsupported(String),
    /// libtorch failed.
    Torch(TchError),
}

impl From<TchError> for Fault {
    fn from(error: TchError) -> Self {
        Self::Torch(error)
    }
}

/// The outputs in what `forward` gave: a tensor, a list of strings, or a tuple of these
/// (`pytorch_backend` `src/pt/model_instance_state.cc`, `Execute`).
pub(crate) fn outputs(value: IValue) -> Result<Vec<Output>, Fault> {
    match value {
        IValue::Tuple(values) => values.into_iter().enumerate().map(|(at, value)| output(value, Some(at))).collect(),
        value => Ok(vec![output(value, None)?]),
    }
}

fn output(value: IValue, at: Option<usize>) -> Result<Output, Fault> {
    match value {
        IValue::Tensor(tensor) => Ok(numbers(&tensor)?),
        IValue::StringList(strings) => Ok(texts(&strings)),
        // A list of strings comes back like any other.
        IValue::GenericList(values) if values.iter().all(|value| matches!(value, IValue::String(_))) => {
            let strings: Vec<_> = values.into_iter().filter_map(|value| String::try_from(value).ok()).collect();
            Ok(texts(&strings))
        }
        other => {
            let place = at.map(|at| format!(" at index {at}")).unwrap_or_default();
            let kind = match other {
                IValue::None => "None",
                IValue::Tuple(_) => "a tuple",
                IValue::GenericDict(_) => "a dictionary",
                IValue::TensorList(_)
                | IValue::GenericList(_)
                | IValue::IntList(_)
                | IValue::DoubleList(_)
                | IValue::BoolList(_) => "a list of something else",
                IValue::Object(_) => "an object",
                _ => "a single value",
            };
            Err(Fault::Unsupported(format!(
                "output{place} must be of type Tensor, List[str] or Tuple containing one of these two types; it is {kind}"
            )))
        }
    }
}

fn texts(strings: &[String]) -> Output {
    let mut hasher = DefaultHasher::new();
    strings.hash(&mut hasher);
    let shape = vec![i64::try_from(strings.len()).unwrap_or(i64::MAX)];
    Output { element: "BYTES".into(), shape, values: Vec::new(), magnitude: None, digest: Some(hasher.finish()) }
}

fn numbers(tensor: &Tensor) -> Result<Output, TchError> {
    let flat = tensor.f_detach()?.f_to_device(tch::Device::Cpu)?.f_contiguous()?.f_flatten(0, -1)?;
    let count = flat.numel();
    let step = i64::try_from(count.div_ceil(MOST_SAMPLED).max(1)).unwrap_or(i64::MAX);
    let sampled = flat.f_slice(0, None, None, step)?.f_to_kind(Kind::Double)?;
    let values: Vec<f64> = Vec::try_from(&sampled)?;
    let magnitude = if count == 0 {
        0.0
    } else {
        flat.f_to_kind(Kind::Double)?.f_abs()?.f_mean(Kind::Double)?.f_double_value(&[])?
    };
    Ok(Output {
        element: element(tensor.kind()),
        shape: tensor.size(),
        values: values.into_iter().map(|value| value.is_finite().then_some(value)).collect(),
        magnitude: magnitude.is_finite().then_some(magnitude),
        digest: None,
    })
}

/// The type as the back-end names it (`src/libtorch_utils.cc`, `ConvertTorchTypeToDataType`).
fn element(kind: Kind) -> String {
    match kind {
        Kind::Bool => "BOOL",
        Kind::Uint8 => "UINT8",
        Kind::Int8 => "INT8",
        Kind::Int16 => "INT16",
        Kind::Int => "INT32",
        Kind::Int64 => "INT64",
        Kind::Half => "FP16",
        Kind::BFloat16 => "BF16",
        Kind::Float => "FP32",
        Kind::Double => "FP64",
        other => return format!("{other:?}"),
    }
    .to_owned()
}
