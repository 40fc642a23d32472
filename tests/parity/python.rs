//! The Python environment that `scripts/test` makes.

use std::path::PathBuf;
use std::process::Command;

/// Its interpreter.
pub(crate) fn interpreter() -> Result<PathBuf, String> {
    let found = std::env::var_os("TRITONLINT_PYTHON").ok_or("TRITONLINT_PYTHON names no Python; run scripts/test")?;
    Ok(found.into())
}

/// The folder of its packages.
pub(crate) fn packages() -> Result<PathBuf, String> {
    let script = "import sysconfig; print(sysconfig.get_path('purelib'), end='')";
    let output = Command::new(interpreter()?).args(["-c", script]).output().map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned().into())
}
