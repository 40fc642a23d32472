//! The command `tritonlint`.

use std::process::ExitCode;

/// Several threads make and drop many small things at once, over which the system's allocator loses much time.
#[cfg(not(target_family = "wasm"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tritonlint::cli::run()
}
