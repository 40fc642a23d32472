//! What a model must not do: use up the memory, write files, talk to others.

use std::io;

use crate::protocol::{Confinement, Device};

/// Confines this process for the rest of its life, as far as the system lets it.
#[cfg(unix)]
pub(crate) fn confine(memory: u64, device: Device) -> io::Result<Confinement> {
    use rlimit::Resource;
    // CUDA reserves far more addresses than it uses memory.
    let resource = if device == Device::Cpu { Resource::AS } else { Resource::DATA };
    let limited = resource.set(memory, memory);
    // Not every system has this limit.
    if cfg!(target_os = "linux") {
        limited?;
    }
    Resource::CORE.set(0, 0)?;
    Resource::FSIZE.set(0, 0)?;
    Ok(confine_access(device))
}

#[cfg(not(unix))]
pub(crate) fn confine(_memory: u64, _device: Device) -> io::Result<Confinement> {
    Ok(Confinement::None)
}

/// Landlock: what is handled is denied but for the devices of CUDA, where those are wanted. Reading stays
/// allowed: libtorch and the model are read.
#[cfg(target_os = "linux")]
fn confine_access(device: Device) -> Confinement {
    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus,
        Scope, path_beneath_rules,
    };
    let devices = if device == Device::Cpu { Vec::new() } else { device_files() };
    let enforced = Ruleset::default()
        .handle_access(AccessFs::from_write(ABI::V6) | AccessFs::Execute)
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(ABI::V6)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(ABI::V6)))
        .and_then(Ruleset::create)
        .and_then(|ruleset| ruleset.add_rules(path_beneath_rules(devices, AccessFs::WriteFile | AccessFs::IoctlDev)))
        .and_then(landlock::RulesetCreated::restrict_self);
    match enforced.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Confinement::FilesAndNetwork,
        Ok(RulesetStatus::PartiallyEnforced) => Confinement::Files,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Confinement::FileSize,
    }
}

/// The files through which programs reach NVIDIA's driver.
#[cfg(target_os = "linux")]
fn device_files() -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir("/dev").into_iter().flatten().flatten();
    let is_driver = |name: &std::ffi::OsStr| name == "dxg" || name.to_string_lossy().starts_with("nvidia");
    entries.filter(|entry| is_driver(&entry.file_name())).map(|entry| entry.path()).collect()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn confine_access(_device: Device) -> Confinement {
    Confinement::FileSize
}
