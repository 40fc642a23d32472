//! What was found before, kept as one file for each question. The same model, called in the same way by the same
//! helper with the same libtorch, need not run again.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::experiment::Effort;
use super::helper::Helper;
use super::protocol::VERSION;
use super::subject::Subject;
use super::verdict::Outcome;

/// Raised when the experiment asks models other questions, or what is kept has another form.
const FORM: u32 = 1;

/// A larger file is none of ours.
const LARGEST: u64 = 16 << 20;

/// A folder with what was found before.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// A question, and what was found.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    outcome: Outcome,
}

impl Cache {
    /// Keeps what is found in this folder, which is made when there is something to keep.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// What was found before; none if nothing was, or it does not read.
    pub(super) fn find(&self, key: &str) -> Option<Outcome> {
        let file = File::open(self.path(key)).ok()?;
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text).ok()?;
        let kept: Kept = serde_json::from_str(&text).ok()?;
        (kept.key == key).then_some(Outcome { is_from_cache: true, ..kept.outcome })
    }

    /// Keeps what was found. A cache that cannot be written is none, which harms nobody.
    pub(super) fn keep(&self, key: &str, outcome: &Outcome) {
        // Without evidence nothing was run.
        if outcome.evidence.is_some() {
            let _ = self.write(key, outcome);
        }
    }

    fn write(&self, key: &str, outcome: &Outcome) -> io::Result<()> {
        let text = serde_json::to_vec(&Kept { key: key.to_owned(), outcome: outcome.clone() })?;
        fs::create_dir_all(&self.folder)?;
        let mut file = AtomicWriteFile::open(self.path(key))?;
        file.write_all(&text)?;
        file.commit()
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

/// The question: everything that an answer depends on. None where that is not known, as with a libtorch that
/// the dynamic linker finds by itself.
pub(super) fn key(helper: &Helper, subject: &Subject, effort: &Effort) -> Option<String> {
    let mut hasher = Sha256::new();
    let Effort { calls, shapes, patience, memory, at_once: _, device } = effort;
    let version = env!("CARGO_PKG_VERSION");
    hasher.update(format!("{FORM} {VERSION} {version} {calls} {shapes} {patience:?} {memory} {device:?}"));
    // How the config has it called, and not what it is called and where it lies.
    let called = Subject { name: String::new(), file: PathBuf::new(), ..subject.clone() };
    hasher.update(format!("{called:?}"));
    hasher.update(contents(&subject.file)?);
    hasher.update(contents(&helper.program)?);
    hasher.update(libtorch(helper.libraries.as_deref()?)?);
    Some(hasher.finalize().iter().fold(String::new(), |mut key, byte| {
        let _ = write!(key, "{byte:02x}");
        key
    }))
}

fn contents(path: &Path) -> Option<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path).ok()?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Some(hasher.finalize().into()),
            Ok(read) => hasher.update(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// Which libtorch lies in a folder. It is half a gigabyte and more, so that its files are told by their sizes and
/// times.
fn libtorch(folder: &Path) -> Option<String> {
    let mut files: Vec<String> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains("torch"))
        .filter_map(|entry| {
            let metadata = fs::metadata(entry.path()).ok()?;
            Some(format!("{} {} {:?}\n", entry.file_name().display(), metadata.len(), metadata.modified().ok()))
        })
        .collect();
    files.sort();
    Some(format!("{} {}", fs::canonicalize(folder).ok()?.display(), files.concat()))
}
