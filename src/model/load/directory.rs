//! One model as it is on the disk, before it is decided what of it is reported on.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use super::listing::Listed;
use super::{NOT_REGULAR, Named, Problem, read};
use crate::model::workspace::{CONFIG_FILE, CUSTOM_CONFIG_FOLDER, EntryKind, Listing, misnamed_config, slashed};

/// The folder of a model.
pub(super) struct OnDisk {
    pub(super) path: PathBuf,
    pub(super) listing: Listing,
    /// Its `config.pbtxt`.
    pub(super) config: Option<Config>,
    /// What is in its folder of custom configs.
    pub(super) custom_configs: Vec<Config>,
    /// A file that seems to be meant for its config, if there is none.
    pub(super) misnamed_config: Option<Config>,
    /// What could not be listed.
    pub(super) problems: Vec<Problem>,
}

/// A config, or why it could not be read.
pub(super) struct Config {
    pub(super) path: PathBuf,
    pub(super) bytes: Result<Arc<[u8]>, String>,
    /// Whether it was named as a target.
    pub(super) is_named: bool,
}

impl OnDisk {
    /// Reads the configs in a folder that was listed, if they were not read along. Texts stand for the files of
    /// their paths, on the disk or not.
    pub(super) fn read(path: PathBuf, listed: Listed, named: &Named) -> Self {
        let Listed { listing, config: own_bytes, problems } = listed;
        let config = |file: PathBuf, known: Option<Result<Vec<u8>, String>>| {
            let inside = file.strip_prefix(&path).map(slashed).unwrap_or_default();
            let is_special = listing.get(&inside) == Some(EntryKind::Other);
            let bytes = match named.get(&file) {
                Some(Some(bytes)) => Ok(Arc::clone(bytes)),
                _ if is_special => Err(NOT_REGULAR.into()),
                _ => known.unwrap_or_else(|| read(&file)).map(Arc::from),
            };
            Config { is_named: named.contains_key(&file), path: file, bytes }
        };
        let custom_folder = path.join(CUSTOM_CONFIG_FOLDER);
        let listed = listing.children(CUSTOM_CONFIG_FOLDER).map(|(name, _)| custom_folder.join(name));
        let mut custom: Vec<_> = listed.filter(|file| file.extension() == Some(OsStr::new("pbtxt"))).collect();
        // What came with its text need not be on the disk.
        let below = named.range(path.clone()..).map(|(file, _)| file).take_while(|file| file.starts_with(&path));
        custom.extend(below.filter(|file| file.parent() == Some(&custom_folder)).cloned());
        custom.sort();
        custom.dedup();
        let custom_configs: Vec<_> = custom.into_iter().map(|file| config(file, None)).collect();

        let own = path.join(CONFIG_FILE);
        let has_own = listing.get(CONFIG_FILE).is_some() || named.contains_key(&own);
        let own = has_own.then(|| config(own, own_bytes));
        let has_config = has_own || !custom_configs.is_empty();
        let misnamed = if has_config { None } else { misnamed_config(&listing) };
        let misnamed_config = misnamed.map(|name| config(path.join(name), None));
        Self { config: own, custom_configs, misnamed_config, path, listing, problems }
    }
}
