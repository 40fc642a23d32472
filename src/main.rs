//! The command `tritonlint`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tritonlint::cli::run()
}
