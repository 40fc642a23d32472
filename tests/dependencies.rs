//! What tritonlint is made of: `deny.toml` says what it may be, here without cargo-deny.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};

fn deny() -> toml::Table {
    let text = std::fs::read_to_string(support::project().join("deny.toml")).expect("a file");
    text.parse().expect("TOML")
}

/// The texts of a list in `deny.toml`.
fn allowed(table: &str, list: &str) -> Vec<String> {
    let items = deny()[table][list].as_array().expect("a list").clone();
    items.iter().map(|item| item.as_str().expect("a text").to_owned()).collect()
}

/// All packages of `Cargo.lock`, but our own; none where they are not all at hand and there is no network.
fn packages() -> Vec<Value> {
    let run = |option| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["metadata", "--locked", option, "--all-features", "--format-version", "1"]);
        command.current_dir(support::project()).output().expect("cargo")
    };
    let output = [run("--offline"), run("--quiet")].into_iter().find(|output| output.status.success());
    let Some(output) = output else {
        println!("skipped: some dependencies are for other systems and not here, and there is no network");
        return Vec::new();
    };
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list").iter();
    packages.filter(|package| !package["source"].is_null()).cloned().collect()
}

#[test]
fn licences_are_allowed() {
    let allowed = allowed("licenses", "allow");
    let allowed: Vec<_> = allowed.iter().map(|licence| Licensee::parse(licence).expect("a licence")).collect();
    for package in packages() {
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{} has no licence", package["name"]));
        let expression = Expression::parse_mode(licence, ParseMode::LAX).expect("an expression");
        let is_allowed = expression.evaluate(|needed| allowed.iter().any(|licence| licence.satisfies(needed)));
        assert!(is_allowed, "{}: {licence}", package["name"]);
    }
}

/// Everything comes of one registry, which is the one that Cargo asks by itself: `deny.toml` names no other.
#[test]
fn sources_are_allowed() {
    assert!(deny()["sources"].get("allow-registry").is_none());
    let mut sources = BTreeSet::new();
    for package in packages() {
        let source = package["source"].as_str().expect("a text").to_owned();
        assert!(source.starts_with("registry+"), "{}: {source}", package["name"]);
        sources.insert(source);
    }
    assert!(sources.len() <= 1, "{sources:?}");
}
