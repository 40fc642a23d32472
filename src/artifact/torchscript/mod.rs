//! What a `model.pt` says of itself: the TorchScript reader.
//!
//! A TorchScript archive is a zip with the compiled methods as code (`code/`), the module's attributes as a pickle
//! (`data.pkl`), constants of the code as another (`constants.pkl`), and the tensors' bytes, which are never read. What
//! other files of this name are is told apart in [`PtFile`].
//!
//! What each fact is for:
//!
//! | fact | the rule that wants it |
//! |---|---|
//! | [`PtFile`] | not TorchScript at all, or of another kind, under the name of a TorchScript model |
//! | `format_version` | a server that is too old for the file |
//! | `forward` | names that bind inputs, their number and order, types that the back-end does not pass or return |
//! | `writes`, `kept_inputs` | state kept between calls; several instances, weight sharing, batching |
//! | `changed_inputs` | the server's input buffers are changed, also for the next step of an ensemble |
//! | `origin`, `sizes` | shapes that tracing baked in, against dims of -1 and batching |
//! | `devices` | a device in the code against `instance_group` |
//! | `custom` | operators of libraries that the server has to load |
//! | `branches` | what makes the optimised executor specialise again: the founding case |
//! | `fusible` | whether there is anything for which that executor generates code |
//! | `training`, `trains` | saved without `eval()` |
//! | `tensors` | half and quantised types on instances that cannot run them; size of the weights |
//!
//! Everything that is read is bounded: members, bytes after decompression, instructions of pickles, nodes of code, steps of
//! the walk. None of the limits is near what a real model has; a model that is over one anyway is too large to read, or
//! says so in [`TorchScript::gaps`].

mod archive;
mod calls;
mod code;
mod facts;
mod foreign;
mod found;
mod operators;
mod parse;
mod pickle;
mod program;
mod saved;
mod state;
mod token;
mod types;
mod value;
mod walk;

use std::io::{Read, Seek, SeekFrom};

pub use facts::{
    Argument, BakedDevice, BakedSize, Branch, Certainty, ChangedInput, Custom, Depends, KeptInput, Origin, Place,
    Sharing, Signature, Size, Sized, TorchScript, Write, WriteKind,
};
pub use saved::{Pt2, Saved};
pub use state::{ElementType, Tensor, Tensors};
pub use types::Type;

use self::archive::Archive;
use self::pickle::{Pickle, Value};
use self::program::{File, Program};
use self::state::State;
use super::{Unreadable, placeholder};

/// Bytes of a pickle, of all code, and nodes of its tree.
const LARGEST_PICKLE: u64 = 12 << 20;
const MOST_CODE: u64 = 3 << 20;
const MOST_NODES: u32 = 250_000;
/// Enough of the beginning to tell what a file is.
const HEAD: usize = 1024;

/// What a file in the place of a TorchScript model is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PtFile {
    /// A TorchScript model.
    TorchScript(Box<TorchScript>),
    /// A TorchScript model as PyTorch 1.0 to 1.3 wrote it (`model.json`). The server still loads it; it is not read here.
    LegacyTorchScript,
    /// What `torch.save` writes, which the server does not load.
    Saved(Saved),
    /// What `torch.export` or AOTInductor write, which belongs into a `model.pt2`.
    Pt2(Pt2),
}

impl PtFile {
    /// The TorchScript model, if it is one that was read.
    #[must_use]
    pub fn torch_script(&self) -> Option<&TorchScript> {
        match self {
            Self::TorchScript(model) => Some(model),
            _ => None,
        }
    }
}

/// Reads what is in the place of a TorchScript model.
///
/// # Errors
///
/// The file is not there for real, is none that PyTorch writes, is damaged, or declares more than a reader looks at.
pub fn read(mut file: impl Read + Seek) -> Result<PtFile, Unreadable> {
    let io = |error: std::io::Error| Unreadable::Io(error.to_string());
    let size = file.seek(SeekFrom::End(0)).map_err(io)?;
    file.rewind().map_err(io)?;
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(io)?;
    if let Some(placeholder) = placeholder(&head, size) {
        return Err(placeholder);
    }
    if head.starts_with(b"PK\x03\x04") {
        return read_archive(file, size);
    }
    if head.starts_with(b"PK\x05\x06") {
        return Err(Unreadable::Other("an empty zip archive".to_owned()));
    }
    if head.starts_with(&[0x80, 2]) {
        return saved::read_legacy(file).map(PtFile::Saved);
    }
    Err(foreign::kind(&head))
}

/// The members that are read, or tell what an archive is.
fn is_wanted(name: &str) -> bool {
    const NAMED: &[&str] = &[
        "data.pkl",
        "constants.pkl",
        "traced_inputs.pkl",
        "bytecode.pkl",
        "version",
        ".data/version",
        "archive_format",
        "model.json",
        "archive_version",
        ".data/python_version",
        ".data/extern_modules",
    ];
    NAMED.contains(&name)
        || name.starts_with("code/") && has_extension(name, "py")
        || name.starts_with("models/")
        || name.starts_with("data/aotinductor/") && (has_extension(name, "so") || has_extension(name, "json"))
        || name == "MANIFEST.json"
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

/// Tells archives apart as `torch::jit::load` does: it asks for `constants.pkl`, then for `data.pkl`
/// (`torch/csrc/jit/serialization/import.cpp`).
fn read_archive(file: impl Read + Seek, size: u64) -> Result<PtFile, Unreadable> {
    let mut archive = Archive::open(file, size, is_wanted)?;
    if archive.has("archive_format") || archive.names().any(|name| name.starts_with("models/")) {
        return Ok(PtFile::Pt2(saved::pt2(&archive)));
    }
    if archive.has("model.json") {
        return Ok(PtFile::LegacyTorchScript);
    }
    if archive.has(".data/extern_modules") || archive.has(".data/python_version") {
        return Ok(PtFile::Saved(Saved::Package));
    }
    if !archive.has("data.pkl") {
        return Err(Unreadable::Other("a zip archive that PyTorch did not write".to_owned()));
    }
    if !archive.has("constants.pkl") {
        let bytes = archive.read("data.pkl", LARGEST_PICKLE)?;
        return Ok(PtFile::Saved(saved::classify(&read_pickle("data.pkl", &bytes)?)));
    }
    read_torch_script(&mut archive).map(|model| PtFile::TorchScript(Box::new(model)))
}

fn read_pickle<'a>(name: &str, bytes: &'a [u8]) -> Result<Pickle<'a>, Unreadable> {
    Pickle::read(bytes).map_err(|error| match error {
        pickle::PickleError::Long => Unreadable::TooLarge(format!("`{name}`: {error}")),
        _ => Unreadable::Malformed(format!("`{name}`: {error}")),
    })
}

fn read_torch_script(archive: &mut Archive<impl Read + Seek>) -> Result<TorchScript, Unreadable> {
    let state = read_state(archive)?;
    let class =
        state.classes.get("").cloned().ok_or_else(|| Unreadable::Malformed("`data.pkl` holds no module".to_owned()))?;
    let mut facts = TorchScript {
        format_version: format_version(archive)?,
        class,
        origin: traced_inputs(archive)?.map_or(Origin::Unknown, Origin::Traced),
        frozen: false,
        training: state.flags.get("training").copied(),
        mobile: archive.has("bytecode.pkl"),
        forward: None,
        writes: Vec::new(),
        kept_inputs: Vec::new(),
        changed_inputs: Vec::new(),
        sizes: Vec::new(),
        devices: Vec::new(),
        custom: Vec::new(),
        branches: Vec::new(),
        trains: Vec::new(),
        fusible: 0,
        tensors: state.tensors.clone(),
        gaps: Vec::new(),
    };
    facts.frozen = facts.training.is_none();
    if !state.complete {
        facts.gaps.push("the module has more attributes than are looked at".to_owned());
    }
    let files = read_code(archive, &mut facts.gaps)?;
    let mut nodes_left = MOST_NODES;
    let modules: Vec<code::Module<'_>> = files
        .iter()
        .map(|file| {
            parse::parse(&file.text, &mut nodes_left).unwrap_or_else(|error| {
                facts.gaps.push(format!("`{}`: {error}", file.name));
                code::Module::default()
            })
        })
        .collect();
    let program = Program::new(&files, &modules);
    if let Some(forward) = program.method(&facts.class, "forward") {
        let signature = program.signature(forward.item);
        let has_constants = program
            .class(&facts.class)
            .is_some_and(|class| class.item.attributes.iter().any(|attribute| attribute.constant.is_some()));
        if facts.origin == Origin::Unknown && (has_constants || cannot_be_traced(&signature, &forward.item.body)) {
            facts.origin = Origin::Scripted;
        }
        facts.forward = Some(signature);
        walk::walk(&program, &state, forward, &mut facts);
    }
    facts.gaps.truncate(50);
    Ok(facts)
}

fn read_state(archive: &mut Archive<impl Read + Seek>) -> Result<State, Unreadable> {
    let data = archive.read("data.pkl", LARGEST_PICKLE)?;
    let mut state = State::read(&read_pickle("data.pkl", &data)?);
    drop(data);
    let constants = archive.read("constants.pkl", LARGEST_PICKLE)?;
    state.add_constants(&read_pickle("constants.pkl", &constants)?);
    Ok(state)
}

/// `PyTorchStreamReader::init` in `caffe2/serialize/inline_container.cc` looks in these two places.
fn format_version(archive: &mut Archive<impl Read + Seek>) -> Result<u64, Unreadable> {
    let name = if archive.has(".data/version") { ".data/version" } else { "version" };
    let bytes = archive.read(name, 64)?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    text.parse().map_err(|_| Unreadable::Malformed(format!("`{name}` is not a number")))
}

/// The inputs that `forward` was traced with (`Module::store_traced_inputs` in `torch/csrc/jit/api/module.h`).
fn traced_inputs(archive: &mut Archive<impl Read + Seek>) -> Result<Option<Vec<Option<Tensor>>>, Unreadable> {
    /// A model does not have as many inputs.
    const MOST_INPUTS: usize = 256;
    if !archive.has("traced_inputs.pkl") {
        return Ok(None);
    }
    let bytes = archive.read("traced_inputs.pkl", LARGEST_PICKLE)?;
    let pickle = read_pickle("traced_inputs.pkl", &bytes)?;
    // Containers are wrapped in a call that says of which type they are.
    let unwrapped = |id| match pickle.call(id) {
        Some(("torch.jit._pickle", "restore_type_tag", arguments, _)) => {
            pickle.elements(arguments).first().copied().unwrap_or(id)
        }
        _ => id,
    };
    let Value::Dict(methods) = pickle.get(unwrapped(pickle.root())) else { return Ok(Some(Vec::new())) };
    let inputs =
        methods.iter().find(|(name, _)| pickle.text(*name) == Some("forward")).map(|(_, inputs)| unwrapped(*inputs));
    let inputs = inputs.map_or(&[][..], |inputs| pickle.elements(inputs));
    Ok(Some(
        inputs.iter().take(MOST_INPUTS).map(|input| state::tensor(&pickle, *input).map(|(tensor, _)| tensor)).collect(),
    ))
}

fn read_code(archive: &mut Archive<impl Read + Seek>, gaps: &mut Vec<String>) -> Result<Vec<File>, Unreadable> {
    let names: Vec<String> = archive.names().filter(|name| name.starts_with("code/")).map(str::to_owned).collect();
    let mut files = Vec::new();
    let mut left = MOST_CODE;
    for name in names {
        match archive.read(&name, left) {
            Ok(bytes) => {
                left -= bytes.len() as u64;
                match String::from_utf8(bytes) {
                    Ok(text) => files.push(File::new(name, text)),
                    Err(_) => gaps.push(format!("`{name}` is not text")),
                }
            }
            Err(Unreadable::TooLarge(_)) => {
                gaps.push(format!("the archive has more than {MOST_CODE} bytes of code; `{name}` was not read"));
                return Ok(files);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(files)
}

/// Whether `forward` has something that tracing does not record: conditions, loops, defaults, or arguments that are no tensors.
fn cannot_be_traced(signature: &Signature, body: &[code::Statement<'_>]) -> bool {
    signature.arguments.iter().any(|argument| argument.default.is_some() || !argument.ty.may_hold_tensor())
        || body.iter().any(|statement| {
            matches!(statement.kind, code::StatementKind::If { .. } | code::StatementKind::Loop { .. })
        })
}
