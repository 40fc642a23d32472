//! Inputs: values that depend on nothing but the request, in memory as the server lays it out.

use tch::{Device, IValue, Kind, TchError, Tensor};

use crate::protocol::{Buffers, Element, Input, Sample};

/// The values of every sample, and the memory that calls get them in.
pub(crate) struct Inputs {
    samples: Vec<Vec<Values>>,
    /// For each argument the memory that all calls share; none if each has its own.
    shared: Option<Vec<Option<Tensor>>>,
}

enum Values {
    Numbers(Tensor),
    Strings(Vec<String>),
}

impl Inputs {
    pub(crate) fn new(samples: &[Sample], buffers: Buffers, device: Device) -> Result<Self, TchError> {
        let samples = samples
            .iter()
            .map(|sample| sample.iter().map(|input| values(input, device)).collect::<Result<Vec<_>, _>>())
            .collect::<Result<Vec<_>, _>>()?;
        let shared = match buffers {
            Buffers::Fresh => None,
            Buffers::Reused => Some(shared(&samples)?),
        };
        Ok(Self { samples, shared })
    }

    /// The arguments of a call. With shared memory this overwrites those of the call before.
    pub(crate) fn arguments(&self, sample: usize) -> Result<Vec<IValue>, TchError> {
        let shared = |at: usize| self.shared.as_ref().and_then(|shared| shared[at].as_ref());
        self.samples[sample].iter().enumerate().map(|(at, values)| values.lay(shared(at))).collect()
    }
}

/// Memory that is large enough for each argument in any sample.
fn shared(samples: &[Vec<Values>]) -> Result<Vec<Option<Tensor>>, TchError> {
    let arguments = samples.first().map_or(0, Vec::len);
    let largest = |at: usize| {
        let tensors = samples.iter().filter_map(move |sample| match &sample[at] {
            Values::Numbers(tensor) => Some(tensor),
            Values::Strings(_) => None,
        });
        tensors.max_by_key(|tensor| tensor.numel())
    };
    let like = |tensor: &Tensor| Tensor::f_zeros([count(tensor)?], (tensor.kind(), tensor.device()));
    (0..arguments).map(|at| largest(at).map(like).transpose()).collect()
}

fn count(tensor: &Tensor) -> Result<i64, TchError> {
    i64::try_from(tensor.numel()).map_err(|error| TchError::Kind(error.to_string()))
}

impl Values {
    fn lay(&self, shared: Option<&Tensor>) -> Result<IValue, TchError> {
        Ok(match (self, shared) {
            (Self::Strings(strings), _) => IValue::StringList(strings.clone()),
            (Self::Numbers(tensor), None) => {
                let mut own = tensor.f_zeros_like()?;
                own.f_copy_(tensor)?;
                IValue::Tensor(own)
            }
            (Self::Numbers(tensor), Some(shared)) => {
                let mut view = shared.f_narrow(0, 0, count(tensor)?)?.f_view(tensor.size().as_slice())?;
                view.f_copy_(tensor)?;
                IValue::Tensor(view)
            }
        })
    }
}

fn values(input: &Input, device: Device) -> Result<Values, TchError> {
    let count = input.shape.iter().try_fold(1_i64, |count, dim| count.checked_mul(*dim));
    let count = count.and_then(|count| usize::try_from(count).ok());
    let count = count.ok_or_else(|| TchError::Shape(format!("{} has no such shape: {:?}", input.name, input.shape)))?;
    let mut random = Random(input.seed);
    let kind = match input.element {
        Element::String => return Ok(Values::Strings((0..count).map(|_| random.small().to_string()).collect())),
        Element::Bool => Kind::Bool,
        Element::Uint8 => Kind::Uint8,
        Element::Int8 => Kind::Int8,
        Element::Int16 => Kind::Int16,
        Element::Int32 => Kind::Int,
        Element::Int64 => Kind::Int64,
        Element::Fp16 => Kind::Half,
        Element::Bf16 => Kind::BFloat16,
        Element::Fp32 => Kind::Float,
        Element::Fp64 => Kind::Double,
    };
    let tensor = match kind {
        Kind::Half | Kind::BFloat16 | Kind::Float | Kind::Double => {
            Tensor::f_from_slice(&(0..count).map(|_| random.fraction()).collect::<Vec<f32>>())?
        }
        Kind::Bool => Tensor::f_from_slice(&(0..count).map(|_| random.small() % 2).collect::<Vec<u8>>())?,
        _ => Tensor::f_from_slice(&(0..count).map(|_| random.small()).collect::<Vec<u8>>())?,
    };
    Ok(Values::Numbers(tensor.f_to_kind(kind)?.f_view(input.shape.as_slice())?.f_to_device(device)?))
}

/// `SplitMix64`: the same values everywhere, whatever libtorch's own generator does.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// At least -1 and below 1.
    fn fraction(&mut self) -> f32 {
        let bits = u16::try_from(self.next() >> 48).unwrap_or_default();
        f32::from(bits) / 32768.0 - 1.0
    }

    /// 0, 1, 2 or 3: small enough for an index, and for a length.
    fn small(&mut self) -> u8 {
        u8::try_from(self.next() >> 62).unwrap_or_default()
    }
}
