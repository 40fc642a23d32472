//! Input of ill will: chosen cases in memory and on the disk, and random ones.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

#[cfg(unix)]
#[path = "hostile/disk.rs"]
mod disk;
#[path = "hostile/fuzz.rs"]
mod fuzz;
#[path = "hostile/model_files.rs"]
mod model_files;
#[path = "hostile/mutation.rs"]
mod mutation;
#[path = "hostile/repositories.rs"]
mod repositories;
#[path = "hostile/texts.rs"]
mod texts;
