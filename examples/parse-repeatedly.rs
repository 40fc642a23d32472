//! Says how many MB a second the parser makes a tree with spans of: `parse-repeatedly COUNT FILE`.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a tool of developers stops with a reason")]

use std::hint::black_box;
use std::time::Instant;

use mimalloc::MiMalloc;
use tritonlint::syntax::Tree;

/// That of the command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: u32 = arguments.next().expect("a count").parse().expect("a number");
    let text = std::fs::read(arguments.next().expect("a file")).expect("a file");
    let start = Instant::now();
    for _ in 0..count {
        black_box(Tree::parse(black_box(&text).clone()));
    }
    let bytes = f64::from(u32::try_from(text.len()).expect("less than 4 GB")) * f64::from(count);
    println!("{:.1}", bytes / start.elapsed().as_secs_f64() / 1e6);
}
