//! Where the helper and its libtorch are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The helper's name.
const NAME: &str = "tritonlint-probe";

/// What is known of the surroundings, by which the helper and libtorch are found.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The helper, if it was named.
    pub helper: Option<PathBuf>,
    /// The folder of libtorch, if it was named.
    pub libtorch: Option<PathBuf>,
    /// This program: the helper is installed beside it.
    pub program: Option<PathBuf>,
    /// Folders of programs, as in `PATH`.
    pub path: OsString,
    /// The active Python environment, whose torch is a libtorch.
    pub python: Option<PathBuf>,
}

/// The helper, ready to be started.
#[derive(Clone, Debug)]
pub struct Helper {
    /// The program.
    pub(super) program: PathBuf,
    /// Where the dynamic linker finds libtorch.
    pub(super) libraries: Option<PathBuf>,
}

/// Why the probe does not work here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// There is no helper.
    #[error(
        "the probe needs its helper `{NAME}`, which is not installed. With a libtorch 2.13 in $LIBTORCH \
         (`scripts/setup-libtorch` makes one): cargo install tritonlint --features probe"
    )]
    NoHelper,
    /// The helper that was named is not there.
    #[error("there is no helper {}", .0.display())]
    NoSuchHelper(PathBuf),
    /// The folder that was named holds no libtorch.
    #[error("there is no libtorch in {}: a folder with lib/libtorch_cpu.so is wanted", .0.display())]
    NoSuchLibtorch(PathBuf),
    /// The helper does not find libtorch.
    #[error(
        "the probe's helper does not find its libtorch; name its folder with --libtorch or $LIBTORCH, or make one \
         with `scripts/setup-libtorch` ({0})"
    )]
    NoLibtorch(String),
    /// The device to run models on is not there.
    #[error("the probe cannot run models on that device: {0}")]
    NoDevice(String),
    /// The helper does not do what it should.
    #[error("the probe's helper does not start: {0}")]
    Broken(String),
}

impl Helper {
    /// Finds the helper: as named, else beside this program, else among the programs. libtorch: as named,
    /// else in the active Python environment, else where the helper was linked with it.
    ///
    /// # Errors
    ///
    /// If there is no helper, or what was named is not there.
    pub fn find(surroundings: &Surroundings) -> Result<Self, Unavailable> {
        let program = match &surroundings.helper {
            Some(helper) if helper.is_file() => helper.clone(),
            Some(helper) => return Err(Unavailable::NoSuchHelper(helper.clone())),
            None => installed(surroundings).ok_or(Unavailable::NoHelper)?,
        };
        let libraries = match &surroundings.libtorch {
            Some(folder) => Some(libraries(folder).ok_or_else(|| Unavailable::NoSuchLibtorch(folder.clone()))?),
            None => surroundings.python.as_deref().and_then(of_python),
        };
        Ok(Self { program, libraries })
    }
}

impl Helper {
    /// The program.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Where libtorch is and which release it is, as far as its own files say; none if it is the one that
    /// the helper was linked with. Nothing is started.
    #[must_use]
    pub fn libtorch(&self) -> Option<(&Path, Option<String>)> {
        let libraries = self.libraries.as_deref()?;
        Some((libraries, libraries.parent().and_then(release)))
    }
}

/// The release of the libtorch in a folder: an archive has it in a file, the package of Python in a module.
fn release(folder: &Path) -> Option<String> {
    if let Ok(text) = std::fs::read_to_string(folder.join("build-version")) {
        return Some(text.trim().to_owned());
    }
    let module = std::fs::read_to_string(folder.join("version.py")).ok()?;
    let line = module.lines().find_map(|line| line.strip_prefix("__version__ = "))?;
    Some(line.trim_matches(['\'', '"']).to_owned())
}

fn installed(surroundings: &Surroundings) -> Option<PathBuf> {
    let name = format!("{NAME}{}", std::env::consts::EXE_SUFFIX);
    let beside = surroundings.program.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    let folders = beside.into_iter().chain(std::env::split_paths(&surroundings.path));
    folders.map(|folder| folder.join(&name)).find(|path| path.is_file())
}

/// The folder of the libraries in that of a libtorch archive or torch package, or that folder itself.
fn libraries(folder: &Path) -> Option<PathBuf> {
    let names = ["libtorch_cpu.so", "libtorch_cpu.dylib", "torch_cpu.dll"];
    let candidates = [folder.join("lib"), folder.to_path_buf()];
    candidates.into_iter().find(|folder| names.iter().any(|name| folder.join(name).is_file()))
}

/// The libraries of the torch package in a Python environment.
fn of_python(environment: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(environment.join("lib")).ok()?;
    let packages = versions.flatten().map(|version| version.path().join("site-packages/torch"));
    packages.filter_map(|package| libraries(&package)).min()
}

#[cfg(test)]
mod tests {
    use super::{Helper, Surroundings, Unavailable};

    #[test]
    fn what_was_named_comes_first() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let helper = folder.path().join(format!("tritonlint-probe{}", std::env::consts::EXE_SUFFIX));
        let mut surroundings = Surroundings { path: folder.path().as_os_str().to_owned(), ..Surroundings::default() };
        assert!(matches!(Helper::find(&surroundings), Err(Unavailable::NoHelper)));
        std::fs::write(&helper, "")?;
        assert!(Helper::find(&surroundings).is_ok_and(|found| found.program == helper && found.libraries.is_none()));
        surroundings.helper = Some(folder.path().join("other"));
        assert!(matches!(Helper::find(&surroundings), Err(Unavailable::NoSuchHelper(_))));
        Ok(())
    }

    #[test]
    fn libtorch_is_an_archive_or_a_package() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let helper = folder.path().join("helper");
        std::fs::write(&helper, "")?;
        let package = folder.path().join("lib/python3.12/site-packages/torch");
        let mut surroundings = Surroundings { helper: Some(helper), ..Surroundings::default() };
        surroundings.libtorch = Some(package.clone());
        assert!(matches!(Helper::find(&surroundings), Err(Unavailable::NoSuchLibtorch(_))));
        std::fs::create_dir_all(package.join("lib"))?;
        std::fs::write(package.join("lib/libtorch_cpu.so"), "")?;
        let libraries = Some(package.join("lib"));
        assert!(Helper::find(&surroundings).is_ok_and(|found| found.libraries == libraries));
        std::fs::write(package.join("version.py"), "__all__ = []\n__version__ = '2.13.0+cpu'\n")?;
        let found = Helper::find(&surroundings).ok();
        let release = found.as_ref().and_then(Helper::libtorch).and_then(|(_, release)| release);
        assert_eq!(release.as_deref(), Some("2.13.0+cpu"));
        surroundings.libtorch = None;
        surroundings.python = Some(folder.path().to_path_buf());
        assert!(Helper::find(&surroundings).is_ok_and(|found| found.libraries == libraries));
        Ok(())
    }
}
