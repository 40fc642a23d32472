//! What a model must not do: use up the memory, write files, talk to others.

use std::io;

use crate::protocol::Confinement;

/// Confines this process for the rest of its life, as far as the system lets it.
#[cfg(unix)]
pub(crate) fn confine(memory: u64) -> io::Result<Confinement> {
    use rlimit::Resource;
    let limited = Resource::AS.set(memory, memory);
    // Not every system has this limit.
    if cfg!(target_os = "linux") {
        limited?;
    }
    Resource::CORE.set(0, 0)?;
    Resource::FSIZE.set(0, 0)?;
    Ok(confine_access())
}

#[cfg(not(unix))]
pub(crate) fn confine(_memory: u64) -> io::Result<Confinement> {
    Ok(Confinement::None)
}

/// Landlock: no rule follows, so what is handled is denied. Reading stays allowed: libtorch and the model
/// are read.
#[cfg(target_os = "linux")]
fn confine_access() -> Confinement {
    use landlock::{ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus, Scope};
    let enforced = Ruleset::default()
        .handle_access(AccessFs::from_write(ABI::V6) | AccessFs::Execute)
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(ABI::V6)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(ABI::V6)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    match enforced.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Confinement::FilesAndNetwork,
        Ok(RulesetStatus::PartiallyEnforced) => Confinement::Files,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Confinement::FileSize,
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn confine_access() -> Confinement {
    Confinement::FileSize
}
