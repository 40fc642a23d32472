//! The command `tritonlint`.

use std::process::ExitCode;

/// Most of the time goes into many small trees, which several threads make and drop.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tritonlint::cli::run()
}
