//! The error-tolerant parser against the strict grammar, and against what the C++ parser said.

mod support;

use pest::Parser as _;
use proptest::prelude::*;
use tritonlint::syntax::{SyntaxErrorKind, Tree};

/// The grammar's definition of the whole language; the linter itself runs the `tokens` rule only.
#[derive(pest_derive::Parser)]
#[grammar = "grammar/textproto.pest"]
struct Strict;

extern crate alloc;

/// Whether the strict grammar takes the text. It recurses, so it gets a stack for the deepest test.
fn is_strictly_valid(tree: &Tree) -> bool {
    let text = tree.source().text().to_owned();
    let parse = move || Strict::parse(Rule::file, &text).is_ok();
    let thread = std::thread::Builder::new().stack_size(1 << 30).spawn(parse).expect("a thread");
    thread.join().expect("no panic")
}

/// Whether the text follows the grammar: what the grammar cannot know (bytes and escapes) set apart.
fn has_grammar_error(tree: &Tree) -> bool {
    tree.errors().iter().any(|error| {
        use SyntaxErrorKind::{InvalidEscape, InvalidUtf8, NulByte};
        !matches!(error.kind, NulByte | InvalidUtf8 | InvalidEscape(_))
    })
}

fn is_refused(tree: &Tree) -> bool {
    tree.errors().iter().any(|error| error.kind.is_refused())
}

#[test]
fn syntax_verdicts_of_the_labelled_cases() {
    for folder in ["textformat_cases", "textformat_cases_ext"] {
        let Some(root) = support::shared(folder) else { continue };
        let mut wrong = Vec::new();
        for case in support::json_lines(&root.join("index.jsonl")) {
            // `syntax` is a strict reader's verdict; what C++ takes all the same, it takes. The second
            // set has no such label, and only what C++ accepts is known to be free of syntax errors.
            let accepted = case["verdict"] == "accept" || case["syntax"] == "accept";
            if !accepted && case["syntax"].is_null() {
                continue;
            }
            let bytes = std::fs::read(root.join(case["file"].as_str().expect("a path"))).expect("a file");
            let tree = Tree::parse(bytes);
            if is_refused(&tree) == accepted {
                wrong.push(format!("{} accepted: {accepted}, but {:?}", case["file"], tree.errors()));
            }
        }
        assert!(wrong.is_empty(), "{} in {folder}:\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn the_strict_grammar_agrees_on_the_labelled_cases() {
    for folder in ["textformat_cases", "textformat_cases_ext"] {
        let Some(root) = support::shared(folder) else { continue };
        for case in support::json_lines(&root.join("index.jsonl")) {
            let file = root.join(case["file"].as_str().expect("a path"));
            let tree = Tree::parse(std::fs::read(&file).expect("a file"));
            assert_eq!(is_strictly_valid(&tree), !has_grammar_error(&tree), "{}: {:?}", file.display(), tree.errors());
        }
    }
}
