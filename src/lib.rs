//! Linter and fixer for NVIDIA Triton Inference Server model repositories.
//!
//! Text becomes a tree ([`syntax`]), a tree a typed configuration ([`schema`]), configurations and the
//! files around them a repository ([`model`]); [`rules`] look at it, and [`engine`] collects what they
//! find. See `ARCHITECTURE.md`.

// The code that pest derives without its `std` feature names this crate.
extern crate alloc;

pub mod artifact;
pub mod baseline;
pub mod cli;
pub mod diagnostic;
pub mod edit;
pub mod engine;
pub mod fix;
pub mod model;
pub mod output;
pub mod probe;
pub mod rule;
#[path = "../rules/mod.rs"]
pub mod rules;
pub mod schema;
pub mod server;
pub mod server_message;
pub mod settings;
pub mod suppression;
pub mod syntax;
