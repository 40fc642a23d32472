//! The error-tolerant parser against the strict grammar, and against what the C++ parser said.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use pest::Parser as _;
use pest::iterators::Pair;
use tritonlint::schema::read_config;
use tritonlint::syntax::{Span, SyntaxErrorKind, TokenKind, Tree};

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
        use SyntaxErrorKind::{Binary, ByteOrderMark, InvalidEscape, InvalidUtf8, NulByte, WideEncoding};
        !matches!(error.kind, Binary | ByteOrderMark | WideEncoding | NulByte | InvalidUtf8 | InvalidEscape(_))
    })
}

/// Whether the file was not read at all.
fn is_no_utf8_text(tree: &Tree) -> bool {
    tree.errors().iter().any(|error| matches!(error.kind, SyntaxErrorKind::Binary | SyntaxErrorKind::WideEncoding))
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
            // Inside a field whose name is reserved, which a model configuration has none of, C++ does
            // not look whether the items of a list are alike.
            if case["name"] == "reserved_mixed_list" {
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
            if is_no_utf8_text(&tree) {
                continue;
            }
            assert_eq!(is_strictly_valid(&tree), !has_grammar_error(&tree), "{}: {:?}", file.display(), tree.errors());
        }
    }
}

#[test]
fn a_binary_file_has_one_error() {
    let errors = |bytes: &[u8]| Tree::parse(bytes.to_vec()).errors().to_vec();
    let binary: Vec<u8> = (0..4000_u32).flat_map(|number| (number * 7919).to_le_bytes()).collect();
    let [only] = &errors(&binary)[..] else { panic!("{:?}", errors(&binary)) };
    assert_eq!(only.kind, SyntaxErrorKind::Binary);
    let damaged = errors(b"name: 'a\0b'\nbackend: 'python'\n");
    assert!(damaged.iter().any(|error| error.kind == SyntaxErrorKind::NulByte), "{damaged:?}");
}

#[test]
fn the_strict_grammar_agrees_on_the_samples() {
    for sample in support::samples() {
        let tree = Tree::parse(sample.clone());
        // Braces and strings that a marker of a merge conflict cuts in two may still pair up.
        let has_marker = tree.errors().iter().any(|error| error.kind == SyntaxErrorKind::ConflictMarker);
        if !has_marker {
            let text = String::from_utf8_lossy(sample);
            assert_eq!(is_strictly_valid(&tree), !has_grammar_error(&tree), "{text}: {:?}", tree.errors());
        }
    }
}

#[test]
fn every_error_of_a_file_is_reported_and_the_rest_is_read() {
    let text = r#"
name: "m
platform = "onnxruntime_onnx"
max_batch_size 8
version_policy { latest { num_versions: ${VERSIONS} } }
input [
  { name: "a" data_type: TYPE_FP32 dims: [ 1, 2, ] },
  { name: "b" data_type: TYPE_FP32 dims: [ 1 2 ] }
  { name: "c" data_type: TYPE_FP32, dims: 08 },
]
// not a comment
output [
  { name: "x" data_type: TYPE_FP32 dims: [ -1 },
  { name: "y" data_type: TYPE_FP32 dims: 10ms }
]
"instance_group": [ { count: +2 } ]
model-warmup { name: "w";; batch_size: 1 }
parameters { key: "k" value { string_value: "v" } >
backend:
default_model_filename: /models/a.onnx
cc_model_filenames { key: "7.5" value: "C:\models" }
}
metric_tags { key: "last" value: "one" }
"#;
    let tree = Tree::parse(text.into());
    let source = tree.source();
    let lines: Vec<_> = tree.errors().iter().map(|error| source.line_column(error.span.start).line).collect();
    let expected = [2, 3, 4, 5, 7, 8, 8, 9, 9, 11, 13, 14, 16, 16, 17, 17, 18, 19, 20, 21, 22];
    assert_eq!(lines, expected, "{:?}", tree.errors());

    let (config, _) = read_config(&tree);
    assert_eq!(config.platform.text(), Some("onnxruntime_onnx"));
    assert_eq!(config.max_batch_size.get(), Some(8));
    let names: Vec<_> = config.input.iter().filter_map(|input| input.name.text()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let names: Vec<_> = config.output.iter().filter_map(|output| output.name.text()).collect();
    assert_eq!(names, ["x", "y"]);
    assert_eq!(config.model_warmup.first().and_then(|warmup| warmup.batch_size.get()), Some(1));
    assert_eq!(config.metric_tags.entries().last().and_then(|tag| tag.key.text()), Some("last"));
}

#[test]
fn a_missing_bracket_is_found_where_the_indentation_says() {
    let text = "dynamic_batching {\n  preferred_batch_size: [ 4 ]\n\ninput [\n  {\n    name: \"a\"\n  }\n]\nmax_batch_size: 8\n";
    let tree = Tree::parse(text.into());
    let errors: Vec<_> = tree.errors().iter().map(|error| (error.kind.clone(), error.span.start)).collect();
    assert_eq!(errors, [(SyntaxErrorKind::Unclosed('}'), 17)]);
    let (config, errors) = read_config(&tree);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(config.max_batch_size.get(), Some(8));
    assert_eq!(config.input.len(), 1);
}

/// One fault in each text, and one error: with its kind, and the text that it points at or, where
/// something is missing, the text behind it.
#[test]
fn one_fault_is_one_error() {
    use SyntaxErrorKind as Kind;
    let unexpected = |what| Kind::Unexpected(what);
    let cases: &[(&str, Kind, &str)] = &[
        ("input [\n  { name: 'a' }\n}\nname: 'm'", mismatched(']'), "}"),
        ("cc: [ 1, 2 }\nname: 'm'", mismatched(']'), "}"),
        ("batching {\n  sizes: [ 4 ]\n]\nname: 'm'", mismatched('}'), "]"),
        ("input {\n  dims: [ 1 ] ]\n}\nname: 'm'", Kind::StrayClose, "]\n"),
        (
            "input [\n  {\n    dims: [ 1 ]\n    ]\n    format: A\n  },\n  { b: 1 }\n]\nname: 'm'",
            Kind::StrayClose,
            "]\n    f",
        ),
        ("input [\n    a: 1\n  },\n  {\n    b: 2\n  }\n]\nname: 'm'", Kind::MissingBraces, "a"),
        ("input [\n  {\n    a: 1\n  },\n    b: 2\n  }\n]\nname: 'm'", Kind::MissingBraces, "b"),
        ("input [\n  {\n    a: 1\n  ,\n  {\n    b: 2\n  }\n]\nname: 'm'", Kind::Unclosed('}'), "{\n    a"),
        ("[com.example.note: 'a'\nname: 'm'", Kind::Unclosed(']'), "["),
        ("[com.example/note\n: 'a'\nname: 'm'", Kind::Unclosed(']'), "["),
        ("[com.example. { }\nname: 'm'", Kind::Unclosed(']'), "["),
        ("input { dims: - name: 'a' }\nname: 'm'", unexpected("a number"), "-"),
        ("max_batch_size: +\nname: 'm'", unexpected("a number"), "+"),
        ("dims: - 8x\nname: 'm'", Kind::MalformedNumber, "- 8x"),
        ("platform: -\n'a'\nname: 'm'", unexpected("a number"), "-"),
        ("platform: -\n;name: 'm'", unexpected("a number"), "-"),
        ("this is not a config at all\nname: 'm'", unexpected("a field"), "this"),
        ("name: my cool model\nbackend: 'm'", Kind::UnquotedText, "my cool model"),
        ("name: m\"\nbackend: 'm'", Kind::MissingOpeningQuote, "m\""),
        ("name: my model'\nbackend: 'm'", Kind::MissingOpeningQuote, "my model'"),
        ("input { name: 'a format: A }\nname: 'm'", Kind::UnterminatedString, "'a format: A }"),
        ("input [ { name: 'a }, { name: 'b' } ]\nname: 'm'", Kind::UnterminatedString, "' } ]"),
        ("name: \u{201C}it\u{2019}s mine\u{201D}\nbackend: 'm'", Kind::TypographicQuotes, "\u{201C}it"),
        ("name: \u{201C}m\"\nbackend: 'm'", Kind::TypographicQuotes, "\u{201C}m\""),
        ("name: \"m\u{201D}\nbackend: 'm'", Kind::TypographicQuotes, "\"m\u{201D}"),
        ("name: \u{201C}m\u{2019}\nbackend: 'm'", Kind::TypographicQuotes, "\u{201C}m\u{2019}"),
        ("input { name: 'a' } output { name: \u{201C}b\u{201D} }\nname: 'm'", Kind::TypographicQuotes, "\u{201C}b"),
    ];
    let mut wrong = Vec::new();
    for (text, kind, place) in cases {
        let tree = Tree::parse((*text).into());
        let is_right = match tree.errors() {
            [error] => {
                let is_kind = match (&error.kind, kind) {
                    (Kind::MismatchedClose { expected, .. }, Kind::MismatchedClose { expected: other, .. }) => {
                        expected == other
                    }
                    (one, other) => one == other,
                };
                is_kind && text[error.span.start as usize..].starts_with(place)
            }
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{text}\n  {:?}", tree.errors()));
        }
        let last = tree.document().fields().last().expect("a field");
        assert_eq!(last.value().map(|value| tree.source().slice(value.span())), Some("'m'"), "{text}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn mismatched(expected: char) -> SyntaxErrorKind {
    SyntaxErrorKind::MismatchedClose { open: Span::empty(0), expected }
}

/// What the server does not mind does not crowd out what it does.
#[test]
fn stray_bytes_do_not_hide_errors() {
    let text = [&b"# \xE9 \xFF\xFE\x80\n".repeat(200)[..], b"max_batch_size = 8\n"].concat();
    let tree = Tree::parse(text);
    assert_eq!(tree.errors().len(), 101);
    assert!(tree.errors().iter().any(|error| matches!(error.kind, SyntaxErrorKind::WrongAssignment(_))));
    let tree = Tree::parse(b"name: \xFF\xFE\x80abc\n".to_vec());
    let kinds: Vec<_> = tree.errors().iter().map(|error| (&error.kind, error.span.len())).collect();
    assert_eq!(kinds, [(&SyntaxErrorKind::InvalidUtf8, 3), (&SyntaxErrorKind::UnquotedText, 6)]);
    assert!(!tree.errors()[1].kind.message(tree.source().slice(tree.errors()[1].span)).contains('\x7F'));
}

/// None of these may overflow the stack or take more than linear time; a quadratic parser would not
/// come back from them.
#[test]
fn hostile_texts_are_parsed() {
    let long = |piece: &str| piece.repeat((1 << 18) / piece.len());
    let mut texts: Vec<String> = [
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        "a{",
        "a<",
        "a[",
        "a{}",
        "a:[",
        "a:<",
        "{{",
        "${",
        "{%",
        "/*",
        "//",
        "\"",
        "'",
        "\"\\",
        "\\",
        "\u{201C}",
        "#",
        "#\n",
        "-",
        "- ",
        "+",
        "=",
        ":",
        ",",
        ";",
        ".",
        "1.",
        "1e",
        "0x",
        "a",
        "a ",
        "a:",
        "a:1 ",
        "a.b",
        "a-b",
        "\u{A0}",
        "<<<<<<< ",
        "=======",
        ">>>>>>> ",
        "[a.",
        "[a/b]",
        "a:[1,",
        "a:['x'",
        "input{",
        "input{name:'a'",
        "\u{FEFF}",
        "\0",
    ]
    .iter()
    .map(|piece| long(piece))
    .collect();
    texts.push("a{".repeat(100_000));
    texts.push(format!("{}{}", "a{".repeat(100_000), "}".repeat(100_000)));
    texts.push(format!("{}{}", "a<".repeat(100_000), "}".repeat(100_000)));
    texts.push(format!("{}{}", "a[".repeat(100_000), "}".repeat(100_000)));
    texts.push(format!("{}\n{}", "a {\n".repeat(100_000), "b: 1\n".repeat(100_000)));
    for text in texts {
        let start: String = text.chars().take(20).collect();
        let tree = Tree::parse(text.into_bytes());
        let (_, _) = read_config(&tree);
        assert!(tree.errors().len() <= 101, "{start}: too many errors");
    }
}

/// Rules and fixes do not take more than linear time either.
#[test]
fn hostile_texts_are_linted_and_fixed() {
    let long = |piece: &str| piece.repeat((1 << 13) / piece.len()).into_bytes();
    for piece in
        ["{", "]", "a{", "a:[", "a:1,", "a 1 ", "a=1\n", "// x\n", "a:[1 1],", "dims 1 ", "input{name:'a'", "a-b:1 "]
    {
        let workspace = support::workspace(&long(piece));
        let lint = |workspace: &_| tritonlint::engine::lint(workspace, &tritonlint::settings::Settings::default());
        let outcome = tritonlint::fix::fix(workspace, tritonlint::rule::Applicability::Unsafe, lint);
        assert!(outcome.report.diagnostics.len() <= 500, "{piece}: too many findings");
        assert!(!outcome.refused.iter().any(tritonlint::fix::Refused::is_defect), "{piece}: {:?}", outcome.refused);
    }
}

// ---- The tokens that are read by hand, against the grammar ----------------------------------------

/// What the grammar makes of a text: the tokens that the tree should have.
fn tokens_of_the_grammar(text: &str) -> Vec<(TokenKind, Span)> {
    let pairs = Strict::parse(Rule::tokens, text).expect("it takes every text").flat_map(Pair::into_inner);
    let tokens = pairs.filter_map(|pair| {
        let kind = match pair.as_rule() {
            Rule::identifier => TokenKind::Identifier,
            Rule::string => TokenKind::String,
            Rule::number => TokenKind::Number,
            Rule::punctuation | Rule::bracket => match pair.as_str() {
                ":" => TokenKind::Colon,
                "," => TokenKind::Comma,
                ";" => TokenKind::Semicolon,
                "{" => TokenKind::OpenBrace,
                "}" => TokenKind::CloseBrace,
                "<" => TokenKind::OpenAngle,
                ">" => TokenKind::CloseAngle,
                "[" => TokenKind::OpenBracket,
                "]" => TokenKind::CloseBracket,
                "-" => TokenKind::Minus,
                "." => TokenKind::Dot,
                other => panic!("{other}"),
            },
            Rule::malformed_number => TokenKind::MalformedNumber,
            Rule::template => TokenKind::Template,
            Rule::typographic_string => TokenKind::TypographicString,
            Rule::unterminated_string => TokenKind::UnterminatedString,
            Rule::unknown => TokenKind::Unknown,
            Rule::foreign_comment | Rule::conflict_marker | Rule::invisible | Rule::EOI => return None,
            other => panic!("{other:?}"),
        };
        let span = |at: usize| u32::try_from(at).expect("a short text");
        Some((kind, Span::new(span(pair.as_span().start()), span(pair.as_span().end()))))
    });
    tokens.collect()
}

fn assert_tokens_are_those_of_the_grammar(bytes: Vec<u8>) {
    let tree = Tree::parse(bytes);
    if is_no_utf8_text(&tree) {
        return;
    }
    let tokens: Vec<_> = tree.tokens().iter().map(|token| (token.kind, token.span)).collect();
    let text = tree.source().text();
    assert_eq!(tokens, tokens_of_the_grammar(text), "{text:?}");
}

#[test]
fn tokens_of_samples_are_those_of_the_grammar() {
    for sample in support::samples() {
        assert_tokens_are_those_of_the_grammar(sample.clone());
    }
    for folder in ["textformat_cases", "textformat_cases_ext"] {
        let Some(root) = support::shared(folder) else { continue };
        for case in support::json_lines(&root.join("index.jsonl")) {
            let file = root.join(case["file"].as_str().expect("a path"));
            assert_tokens_are_those_of_the_grammar(std::fs::read(file).expect("a file"));
        }
    }
}

/// All short texts of pieces, each of which begins, goes on with or ends some token.
#[test]
fn tokens_of_short_texts_are_those_of_the_grammar() {
    let any = "0 1 8 x e f _ . - + \" ' \\ \n \t # { } < > [ ] : , ; % / = \u{e9}";
    for (pieces, longest) in [(any, 3), ("0 1 8 x e f . +", 5), ("\" ' \\ \n a", 6)] {
        let pieces: Vec<_> = pieces.split(' ').chain([" "]).collect();
        let mut texts = vec![String::new()];
        for _ in 0..longest {
            texts = texts.iter().flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}"))).collect();
            for text in &texts {
                assert_tokens_are_those_of_the_grammar(text.clone().into_bytes());
            }
        }
    }
}

/// Longer texts of whole tokens and of pieces of them, put together at random.
#[test]
fn tokens_of_random_texts_are_those_of_the_grammar() {
    let pieces = [
        "name",
        "T_9",
        "0",
        "017",
        "08",
        "0x1F",
        "0x",
        "1.5e-3f",
        ".5",
        "1.",
        "1e",
        "12f",
        "\"a\\n\"",
        "'\\''",
        "'\u{e9}'",
        "\"a",
        "'",
        "\\",
        "{",
        "}",
        "{{ x }}",
        "{%",
        "<",
        ">",
        "<<<<<<< ",
        ">>>>>>>",
        "[",
        "]",
        ":",
        ",",
        ";",
        "-",
        ".",
        "#",
        "# c\n",
        "//",
        "/*",
        "\n",
        "\r\n",
        " ",
        "\u{A0}",
        "\u{201C}a\u{201D}",
        "$x",
        "=",
        "\x7F",
    ];
    let mut rng = fastrand::Rng::with_seed(9);
    for _ in 0..20_000 {
        let text: String = (0..rng.usize(1..24)).map(|_| pieces[rng.usize(0..pieces.len())]).collect();
        assert_tokens_are_those_of_the_grammar(text.into_bytes());
    }
}
