//! The command line, as people see it. `TRYCMD=overwrite cargo test --test cli` writes what it prints now.

#[test]
fn what_is_printed() {
    trycmd::TestCases::new().case("tests/cli/*.md").case("tests/cli/*.toml").case("README.md");
}
