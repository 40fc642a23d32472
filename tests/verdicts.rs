//! "Parses or does not parse", against the recorded verdicts of the C++ parser.

mod support;

use tritonlint::schema::read_config;
use tritonlint::syntax::Tree;

/// Whether the server's parser would refuse these bytes.
fn is_refused(bytes: Vec<u8>) -> (bool, String) {
    let tree = Tree::parse(bytes);
    let (_, errors) = read_config(&tree);
    let refused = tree.errors().iter().any(|error| error.kind.is_refused())
        || errors.iter().any(|error| error.kind.is_refused());
    (refused, format!("{:?} {errors:?}", tree.errors()))
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
        let (refused, why) = is_refused(std::fs::read(root.join(case["file"].as_str().expect("a path"))).expect("a file"));
        if refused == (case["verdict"] == "accept") {
            wrong.push(format!("{}: {why:.300}; C++ says {}", case["name"], case["oracles"]["cpp_33.5"]["errors"]));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
