//! Linter and fixer for NVIDIA Triton Inference Server model repositories.

// The code that pest derives without its `std` feature names this crate.
extern crate alloc;

pub mod schema;
pub mod syntax;
