//! How people name the device that models run on.

use std::fmt;
use std::str::FromStr;

use super::protocol::Device;

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "cpu" => Some(Self::Cpu),
            None if text == "cuda" => Some(Self::Cuda(0)),
            Some(("cuda", number)) if !number.starts_with('+') => number.parse().ok().map(Self::Cuda),
            _ => None,
        }
        .ok_or_else(|| "there are `cpu`, `cuda` and `cuda:1` and so on".into())
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("CPU"),
            Self::Cuda(number) => write!(f, "GPU {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::probe::protocol::Device;

    #[test]
    fn devices_have_the_names_that_torch_gives_them() {
        assert_eq!("cpu".parse(), Ok(Device::Cpu));
        assert_eq!("cuda".parse(), Ok(Device::Cuda(0)));
        assert_eq!("cuda:3".parse(), Ok(Device::Cuda(3)));
        for text in ["", "gpu", "cpu:0", "cuda:", "cuda:+1", "cuda:-1", "cuda:x", "CUDA"] {
            assert!(text.parse::<Device>().is_err(), "{text}");
        }
    }
}
