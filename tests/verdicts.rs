//! "Parses or does not parse", against the recorded verdicts of the C++ parser.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use tritonlint::schema::read_config;
use tritonlint::syntax::Tree;

/// Whether the server's parser would refuse these bytes.
fn is_refused(bytes: Vec<u8>) -> (bool, String) {
    let tree = Tree::parse(bytes);
    let (_, errors) = read_config(&tree);
    let refused =
        tree.errors().iter().any(|error| error.kind.is_refused()) || errors.iter().any(|error| error.kind.is_refused());
    (refused, format!("{:?} {errors:?}", tree.errors()))
}

/// One text a line of the format as `google::protobuf::TextFormat` takes it, with what only a server
/// that is lenient in the same places takes.
const ACCEPTED: &[&str] = &[
    // The file.
    "",
    "\n",
    "# only a comment",
    "name: 'm'",
    "name: 'm'\r\ninput { }\r\n",
    "name: 'm' # a comment\rstill it",
    "\x0B\x0Cname\n:\t'm'",
    "name # between\n: # and\n 'm'",
    "name: '\u{FEFF}' # \u{FEFF}",
    // Integers.
    "max_batch_size: 0",
    "max_batch_size: 010",
    "max_batch_size: 0x1F",
    "max_batch_size: 0X1f",
    "max_batch_size: 00",
    "max_batch_size: -1",
    "max_batch_size: - 1",
    "max_batch_size: -\n# why\n1",
    "max_batch_size: -0",
    "max_batch_size: 2147483647",
    "max_batch_size: -2147483648",
    "max_batch_size: 4#x",
    "max_batch_size: 0x7fffffff",
    "dynamic_batching { max_queue_delay_microseconds: 18446744073709551615 }",
    "input { dims: -9223372036854775808 }",
    // Floating-point numbers.
    "sequence_batching { direct { minimum_slot_utilization: 1 } }",
    "sequence_batching { direct { minimum_slot_utilization: .5 } }",
    "sequence_batching { direct { minimum_slot_utilization: 1.e2f } }",
    "sequence_batching { direct { minimum_slot_utilization: - .5 } }",
    "sequence_batching { direct { minimum_slot_utilization: INF } }",
    "sequence_batching { direct { minimum_slot_utilization: -nan } }",
    "sequence_batching { direct { minimum_slot_utilization: 1e400 } }",
    "sequence_batching { direct { minimum_slot_utilization: 0F } }",
    "sequence_batching { direct { minimum_slot_utilization: 99999999999999999999999999 } }",
    // Booleans and enums.
    "input { optional: true }",
    "input { optional: True }",
    "input { optional: t }",
    "input { optional: f }",
    "input { optional: 0x1 }",
    "input { optional: 00 }",
    "input { data_type: TYPE_FP32 }",
    "input { data_type: 11 }",
    "input { data_type: 0xB }",
    "input { data_type: 99 }",
    "instance_group { kind: -1 }",
    // Strings.
    "name: \"m\"",
    "name: 'a' \"b\" # joined\n 'c'",
    "name: 'a''b'",
    "name: '\\a\\b\\f\\n\\r\\t\\v\\?\\\\\\'\\\"'",
    "name: '\\x41\\7\\12\\123'",
    "name: '\\u00e4\\U0001F680'",
    "name: '\\400'",
    "name: '\\ud83d\\ude80'",
    "name: '\\U00110000'",
    "name: '\\X41'",
    "name: '\t\x1B'",
    // Delimiters, separators, lists.
    "input { }",
    "input < >",
    "input: { name: 'x' }",
    "input < reshape { shape: [1] } >",
    "input { name: 'x', dims: 1; }",
    "input { name: 'x' }, input { name: 'y' };",
    "input [ ]",
    "input [ { }, < > ]",
    "input: [ { } ]",
    "input { dims: [] }",
    "input { dims: [1, -1] dims: 2 dims: [ ] }",
    "input{dims:[1,2]}",
    // Presence: what holds the default of its type can be given again.
    "max_batch_size: 0 max_batch_size: 8",
    "name: '' name: 'a'",
    "input { optional: false optional: true }",
    "input { data_type: TYPE_INVALID data_type: TYPE_FP32 }",
    "sequence_batching { direct { minimum_slot_utilization: 0.0 minimum_slot_utilization: 1 } }",
    // Maps.
    "parameters { key: 'k' value { string_value: 'v' } }",
    "parameters { value { } key: 'k' }",
    "parameters { }",
    "parameters [ { key: 'k' }, { key: 'k' } ]",
    "cc_model_filenames { key: '7.5' value: 'x' }",
    "dynamic_batching { priority_queue_policy { key: 0x1 value { } } }",
];

const REFUSED: &[&str] = &[
    // The file.
    "\u{FEFF}name: 'm'",
    "name: 'm'\0",
    "# \0",
    "name: 'a\0b'",
    "name\u{A0}: 'm'",
    "name\u{FF1A} 'm'",
    "n\u{E4}me: 'm'",
    "\x01",
    "{ name: 'm' }",
    "name: 'm' }",
    "name: 'm' ]",
    "<<<<<<< HEAD\nname: 'm'\n=======\n>>>>>>> x\n",
    // Comments.
    "// no\nname: 'm'",
    "/* no */ name: 'm'",
    "; name: 'm'",
    "name: 'm' -- no",
    "% no",
    // Integers.
    "max_batch_size: 08",
    "max_batch_size: 0x",
    "max_batch_size: 0xg",
    "max_batch_size: 1_000",
    "max_batch_size: 0b1",
    "max_batch_size: +1",
    "max_batch_size: 10k",
    "max_batch_size: 1.0",
    "max_batch_size: 1e3",
    "max_batch_size: --1",
    "max_batch_size: '8'",
    "max_batch_size: 2147483648",
    "max_batch_size: -2147483649",
    "max_batch_size: 1,000",
    "dynamic_batching { max_queue_delay_microseconds: -1 }",
    "dynamic_batching { max_queue_delay_microseconds: -0 }",
    "dynamic_batching { max_queue_delay_microseconds: 18446744073709551616 }",
    "input { dims: 9223372036854775808 }",
    // Floating-point numbers.
    "sequence_batching { direct { minimum_slot_utilization: 0x1 } }",
    "sequence_batching { direct { minimum_slot_utilization: 01 } }",
    "sequence_batching { direct { minimum_slot_utilization: 1e } }",
    "sequence_batching { direct { minimum_slot_utilization: 1.2.3 } }",
    "sequence_batching { direct { minimum_slot_utilization: '0.5' } }",
    "sequence_batching { direct { minimum_slot_utilization: inff } }",
    "sequence_batching { direct { minimum_slot_utilization: 00.5 } }",
    // Booleans and enums.
    "input { optional: TRUE }",
    "input { optional: yes }",
    "input { optional: 2 }",
    "input { optional: -0 }",
    "input { optional: 'true' }",
    "input { optional: 1.0 }",
    "input { data_type: FP32 }",
    "input { data_type: type_fp32 }",
    "input { data_type: 'TYPE_FP32' }",
    "input { data_type: KIND_GPU }",
    "input { data_type: DataType.TYPE_FP32 }",
    "input { data_type: 2147483648 }",
    "input { data_type: 11.0 }",
    // Strings.
    "name: m",
    "name: 'm",
    "name: 'm\"",
    "name: 'a\nb'",
    "name: 'a\\\nb'",
    "name: '\\c'",
    "name: 'C:\\models'",
    "name: '\\x'",
    "name: '\\u12'",
    "name: '\\U00200000'",
    "name: '\\8'",
    "name: \u{201C}m\u{201D}",
    "name: 1",
    "name: true",
    "name: `m`",
    // Names and colons.
    "Name: 'm'",
    "maxBatchSize: 8",
    "max-batch-size: 8",
    "'name': 'm'",
    "1: 'm'",
    "a.b: 1",
    "ModelConfig: 1",
    "scheduling_choice: 1",
    "name 'm'",
    "name = 'm'",
    "name := 'm'",
    "name => 'm'",
    "name:: 'm'",
    "name:",
    "name",
    "input",
    "max_batch_size:\ninput [ ]",
    "[a.b]: 1",
    "[a.b/c.d] { }",
    // Delimiters, separators, lists.
    "input { > ",
    "input < }",
    "input {",
    "input [",
    "input [ { ]",
    "input { dims: [1 2] }",
    "input { dims: [1,] }",
    "input { dims: [,1] }",
    "input { dims: [1;2] }",
    "input { dims: [[1]] }",
    "input { dims [1] }",
    "input { dims [] }",
    "name: ['m']",
    "name: []",
    "name: 'm',, max_batch_size: 1",
    ", name: 'm'",
    "input { dims: 1; ; }",
    "input: true",
    "name { }",
    "input { name: { } }",
    "dynamic_batching: true",
    "dynamic_batching [ { } ]",
    // Presence, oneofs, maps.
    "max_batch_size: 8 max_batch_size: 0",
    "name: 'a' name: 'a'",
    "dynamic_batching { } dynamic_batching { }",
    "sequence_batching { direct { minimum_slot_utilization: -0.0 minimum_slot_utilization: 1 } }",
    "dynamic_batching { } sequence_batching { }",
    "version_policy { latest { } all { } }",
    "model_warmup { inputs { key: 'x' value { zero_data: false random_data: true } } }",
    "model_warmup { inputs { key: 'x' value { zero_data: false zero_data: false } } }",
    "parameters { key: '' key: 'k' }",
    "parameters { key: 'k' value: 'v' }",
    "parameters { 'k': 'v' }",
    "cc_model_filenames { key: 'k' value { } }",
    "parameters: { name: 'x' }",
    "max_batch_size: ${MAX}",
    "max_batch_size: {{ max }}",
    "max_batch_size: $MAX",
];

#[test]
fn our_own_cases() {
    for text in ACCEPTED {
        let (refused, why) = is_refused(text.as_bytes().to_vec());
        assert!(!refused, "{text:?}: {why}");
    }
    for text in REFUSED {
        let (refused, _) = is_refused(text.as_bytes().to_vec());
        assert!(refused, "{text:?} is taken");
    }
}

#[test]
fn the_corpus() {
    let mut wrong = Vec::new();
    for (file, entry) in support::corpus() {
        let (refused, why) = is_refused(std::fs::read(&file).expect("a file"));
        if entry["cc_ok"].as_bool() == Some(refused) {
            wrong.push(format!("{}: {why}; C++ says {}", file.display(), entry["cc_error"]));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_labelled_cases() {
    let Some(root) = support::shared("textformat_cases") else { return };
    let mut wrong = Vec::new();
    for case in support::json_lines(&root.join("index.jsonl")) {
        let (refused, why) =
            is_refused(std::fs::read(root.join(case["file"].as_str().expect("a path"))).expect("a file"));
        if refused == (case["verdict"] == "accept") {
            wrong.push(format!("{}: {why:.300}; C++ says {}", case["name"], case["oracles"]["cpp_33.5"]["errors"]));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
